import { authorization } from './authorization.js'
import { refuseBeforeRouting } from './backend-api/backend-api.js'
import { createBadTokens } from './bad-tokens/bad-tokens.js'
import { PAGE_PATH } from './browser-page.js'
import { controlApi } from './control/control-api.js'
import { isControlPath, refuseControl } from './control/control-guard.js'
import { clerkEndpoints, localEndpoints } from './endpoints.js'
import { createOperations } from './http/faults.js'
import { isLoopback } from './http/loopback.js'
import { createRequestLog } from './http/request-log.js'
import { startServer } from './http/server.js'
import { A_BOOLEAN, A_FUNCTION, A_STRING, AN_OBJECT, checkInput, isObject, rule, type InputRules } from './input.js'
import type { LocalClerk, LocalEnv } from './local-clerk.js'
import type { DefaultSeed } from './seed/default-seed.js'
import type { Seed } from './seed/seed.js'
import type { LocalSettings } from './settings.js'
import { openDataFile, type DataFile } from './state/data-file.js'
import { identityOf } from './state/identity.js'
import { createInstance, type Instance } from './instance.js'
import { keeperOf } from './state/keep-records.js'
import { ALGORITHMS, isAlgorithm, type Algorithm } from './tokens/algorithms.js'
import { browserCookies } from './tokens/browser-cookies.js'
import { viewOf } from './tokens/machines.js'
import { createMint } from './mint.js'
import { publishableKeyOf } from './tokens/publishable-key.js'
import { revokeIn } from './tokens/revoke.js'
import type { WebhookEndpointInput } from './webhooks/webhook-endpoint.js'

export interface LocalClerkOptions<S extends Seed = Seed> {
  /** default 0: any free port, or that of the data file */
  readonly port?: number | undefined
  /** default `127.0.0.1` */
  readonly host?: string | undefined
  /** signing algorithm of the instance's keys, default `RS256` as in Clerk */
  readonly algorithm?: Algorithm | undefined
  /** initial users, organizations, machines and clients, default {@link defaultSeed} */
  readonly seed?: S | undefined
  /** time source of the instance's clock, in milliseconds since the epoch; default `Date.now` */
  readonly now?: (() => number) | undefined
  /** behaviour that Clerk does not document */
  readonly settings?: LocalSettings | undefined
  /** path of a file that stores the state except clock and faults; default: none */
  readonly data?: string | undefined
  /** endpoints that receive events from the start; default: none */
  readonly webhooks?: readonly WebhookEndpointInput[] | undefined
  /** Allows a `host` other than loopback. Anyone who can reach it can mint tokens for any user. */
  readonly insecureListenBeyondLoopback?: boolean | undefined
}

/**
 * Starts an instance that replaces Clerk in development and tests, with its own keys, its own users and real tokens.
 *
 * @throws {TypeError} if an option is unknown or invalid, the seed is invalid, or the data file cannot be used
 */
export async function startLocalClerk<const S extends Seed = DefaultSeed>(
  options: LocalClerkOptions<S> = {},
): Promise<LocalClerk<S>> {
  checkInput('startLocalClerk()', options, RULES)
  const data = options.data === undefined ? undefined : openDataFile(options.data)
  try {
    return await startWith(options, data)
  } catch (error) {
    data?.close()
    throw error
  }
}

async function startWith<const S extends Seed>(
  options: LocalClerkOptions<S>,
  data: DataFile | undefined,
): Promise<LocalClerk<S>> {
  const identity = identityOf(options, data)
  const { host, port, secretKey } = identity
  if (!isLoopback(host) && !options.insecureListenBeyondLoopback)
    throw new TypeError(`host "${host}" is not loopback, which requires insecureListenBeyondLoopback: true`)

  const instance = await createInstance(identity, options, data)
  const { settings, clock, keys, community, machines, webhooks } = instance
  const { population } = community.directory
  const mint = createMint(instance, () => url.origin)
  const badTokens = createBadTokens({
    url: () => url.origin,
    keys,
    now: clock.now,
    settings,
    population,
    machines,
    tokens: mint,
    revoke: (token) => revoke(token, null),
  })

  const endpoints = [
    ...clerkEndpoints(instance, mint, () => env),
    ...localEndpoints(instance, mint, () => env),
    badTokens.endpoint,
    ...controlApi({ clock, keys, operations: () => operations, requests: () => requests, revoke, reset }),
  ]
  const operations = createOperations(endpoints.flatMap(({ operation }) => operation ?? []))
  const requests = createRequestLog((path) => path === PAGE_PATH || isControlPath(path))
  const server = await startServer({
    host,
    port,
    operations,
    requests,
    endpoints,
    refuse: (request) =>
      refuseControl(request, host, endpoints) ??
      refuseBeforeRouting(request, { secretKey, isMachineSecret: (secret) => machines.bySecret(secret) !== undefined }),
  })
  const url = originOf(host, server.port)
  const env = localEnv(instance, url)
  // Only after it listens: an instance that cannot start must not change the file.
  if (data) {
    try {
      const keeper = keeperOf(data)
      instance.eachStored(keeper.keep)
      keeper.begin({ ...identity, port: server.port })
    } catch (error) {
      await server.close()
      throw error
    }
  }

  function revoke(tokenOrId: string, reason: string | null): void {
    revokeIn([instance.m2mTokens, instance.oauthTokens, instance.apiKeys], tokenOrId, reason, clock.now())
  }

  function calls(): Readonly<Record<string, number>>
  function calls(operation: string): number
  function calls(operation?: string) {
    return operation === undefined ? operations.allCalls() : operations.calls(operation)
  }

  function reset(): void {
    for (const part of [clock, operations, requests, webhooks]) part.reset()
    instance.eachStored((_kind, records) => records.reset())
  }

  const { sessionToken, m2mToken, oauthToken, apiKey, templateToken } = mint
  return {
    url: url.origin,
    env,
    get people() {
      return population.people as LocalClerk<S>['people']
    },
    get organizations() {
      return population.organizations as LocalClerk<S>['organizations']
    },
    get machines() {
      return viewOf(machines) as LocalClerk<S>['machines']
    },
    clients: population.clients as LocalClerk<S>['clients'],
    clock: { now: clock.now, advance: clock.advance, set: clock.set },
    get jwtKey() {
      return keys.current.pem
    },
    get kid() {
      return keys.current.kid
    },
    sessionToken,
    m2mToken,
    oauthToken,
    apiKey,
    templateToken,
    cookies: async (input = {}) => browserCookies(input, community, mint),
    as: async (user, input = {}) => authorization(await sessionToken({ ...input, user })),
    badTokens: badTokens.all,
    revoke: async (tokenOrId, { reason = null } = {}) => revoke(tokenOrId, reason),
    async rotateKeys(options = {}) {
      checkInput('rotateKeys()', options, { overlap: A_BOOLEAN })
      return { kid: (await keys.rotate(options.overlap ?? true)).kid }
    },
    removeKey: keys.remove,
    webhooks: webhooks.local,
    fault: operations.fault,
    calls,
    reset,
    async close() {
      webhooks.close()
      await server.close()
      data?.close()
    },
  }
}

function localEnv({ identity, receiver }: Instance, url: URL): LocalEnv {
  return {
    CLERK_SECRET_KEY: identity.secretKey,
    CLERK_PUBLISHABLE_KEY: publishableKeyOf(url.host),
    CLERK_FAPI: url.origin,
    CLERK_API_URL: url.origin,
    CLERK_MACHINE_SECRET_KEY: receiver.secretKey,
    CLERK_MACHINE_ID: receiver.id,
    CLERK_WEBHOOK_SIGNING_SECRET: identity.webhookSecret,
  }
}

/** An instance that listens on all addresses has a loopback URL. */
function originOf(host: string, port: number): URL {
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return new URL(`http://${name.includes(':') ? `[${name}]` : name}:${port}`)
}

const RULES: InputRules<LocalClerkOptions> = {
  port: rule(
    'an integer from 0 to 65535',
    (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) < 65536,
  ),
  host: A_STRING,
  algorithm: rule(`one of ${ALGORITHMS.join(', ')}`, isAlgorithm),
  seed: rule('an object such as defaultSeed, not the path of a file', isObject),
  now: A_FUNCTION,
  settings: AN_OBJECT,
  data: A_STRING,
  webhooks: rule('a list such as [{ url: "http://localhost:3000/webhooks" }]', Array.isArray),
  insecureListenBeyondLoopback: A_BOOLEAN,
}
