import { authorization } from './authorization.js'
import { createBadTokens } from './bad-tokens/bad-tokens.js'
import { IMAGES_PATH } from './answers/image.js'
import { PAGE_PATH } from './browser-page.js'
import { controlApi } from './control/control-api.js'
import { isControlPath, refuseControl } from './control/control-guard.js'
import { clerkEndpoints, localEndpoints } from './endpoints.js'
import { createOperationCalls } from './http/operation-calls.js'
import { isCertificate } from './support/certificate.js'
import { isLoopback } from './support/loopback.js'
import { createRequestLog } from './http/request-log.js'
import { startServer } from './http/server.js'
import {
  A_BOOLEAN,
  A_FUNCTION,
  A_STRING,
  AN_OBJECT,
  checkInput,
  isObject,
  rule,
  type InputRules,
} from './support/input.js'
import type { LocalClerk } from './local-clerk.js'
import type { DefaultSeed } from './seed/default-seed.js'
import type { Seed } from './seed/seed.js'
import type { LocalSettings } from './model/settings.js'
import { openDataFile, type DataFile } from './state/data-file.js'
import { identityOf } from './instance/identity.js'
import { createInstance, type ClientDocuments } from './instance/instance.js'
import { startSignUp } from './instance/sign-up.js'
import { ALGORITHMS, isAlgorithm, type Algorithm } from './model/signing-key.js'
import { createOutbox } from './outbox/outbox.js'
import { browserCookies } from './tokens/browser-cookies.js'
import { machineWithSecret } from './tokens/machine.js'
import { revokeAny } from './tokens/opaque-token.js'
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
  /**
   * Reads the metadata documents of OAuth clients whose id is the `https` URL of one, from loopback only. The servers
   * need a certificate from the authority `ca`, whose own certificate is given as PEM. Default: none are read.
   */
  readonly clientDocuments?: ClientDocuments | undefined
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

  const instance = await createInstance(identity, options, data, () => url.origin)
  const { clock, directory, keys, mint, webhooks, world } = instance
  const badTokens = createBadTokens({ instance, revoke: (token) => revokeAny(world, token, null) })

  const endpoints = [
    ...clerkEndpoints(instance),
    ...localEndpoints(instance),
    badTokens.endpoint,
    ...controlApi({
      clock,
      keys,
      calls: () => operationCalls,
      requests: () => requests,
      revoke: (tokenOrId, reason) => revokeAny(world, tokenOrId, reason),
      reset,
    }),
  ]
  const operationCalls = createOperationCalls(endpoints.flatMap(({ operation }) => operation ?? []))
  const requests = createRequestLog(isPagePath)
  const server = await startServer({
    host,
    port,
    calls: operationCalls,
    requests,
    endpoints,
    guard: (request) => refuseControl(request, host, endpoints),
    credentials: { secretKey, isMachineSecret: (secret) => machineWithSecret(world, secret) !== undefined },
  })
  const url = originOf(host, server.port)
  const env = instance.env()
  // Only after it listens: an instance that cannot start must not change the file.
  try {
    instance.save(server.port)
  } catch (error) {
    await server.close()
    throw error
  }

  function calls(): Readonly<Record<string, number>>
  function calls(operation: string): number
  function calls(operation?: string) {
    return operation === undefined ? operationCalls.counts() : operationCalls.count(operation)
  }

  function reset(): void {
    for (const part of [instance, operationCalls, requests]) part.reset()
  }

  const { sessionToken, m2mToken, oauthToken, apiKey, templateToken } = mint
  return {
    url: url.origin,
    env,
    get people() {
      return directory.people() as LocalClerk<S>['people']
    },
    get organizations() {
      return directory.organizations() as LocalClerk<S>['organizations']
    },
    get machines() {
      return directory.machines() as LocalClerk<S>['machines']
    },
    get clients() {
      return directory.clients() as LocalClerk<S>['clients']
    },
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
    cookies: async (input = {}) => browserCookies(input, world, mint),
    as: async (user, input = {}) => authorization(await sessionToken({ ...input, user })),
    badTokens: badTokens.all,
    revoke: async (tokenOrId, { reason = null } = {}) => revokeAny(world, tokenOrId, reason),
    async rotateKeys(options = {}) {
      checkInput('rotateKeys()', options, { overlap: A_BOOLEAN })
      return { kid: (await keys.rotate(options.overlap ?? true)).kid }
    },
    removeKey: keys.remove,
    webhooks: webhooks.local,
    outbox: createOutbox(world),
    signUp: (input) => startSignUp(world, input),
    fault: operationCalls.fault,
    calls,
    reset,
    async close() {
      webhooks.close()
      await server.close()
      data?.close()
    },
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
  clientDocuments: rule('an object such as { ca }, with a certificate as PEM', isClientDocuments),
  insecureListenBeyondLoopback: A_BOOLEAN,
}

function isClientDocuments(value: unknown): boolean {
  if (!isObject(value) || Object.keys(value).join() !== 'ca') return false
  const { ca } = value as ClientDocuments
  return typeof ca === 'string' && isCertificate(ca)
}

/** Whether the page requests it. Its many requests would crowd out those of applications. */
function isPagePath(path: string): boolean {
  return path === PAGE_PATH || isControlPath(path) || path.startsWith(`${IMAGES_PATH}/`)
}
