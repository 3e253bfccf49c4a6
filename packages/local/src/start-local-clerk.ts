import { ALGORITHMS, isAlgorithm, type Algorithm } from './tokens/algorithms.js'
import { apiKeyApi } from './backend-api/api-key-api.js'
import { apiKeyRecordOf, type ApiKeyInput, type StoredApiKey } from './tokens/api-key.js'
import { authorization } from './authorization.js'
import { createBadTokens } from './bad-tokens/bad-tokens.js'
import { refuseBeforeRouting } from './backend-api/backend-api.js'
import { browserCookies } from './tokens/browser-cookies.js'
import { PAGE_PATH, browserPage } from './browser-page.js'
import { communityApi } from './backend-api/community-api.js'
import { createCommunity } from './people/community.js'
import { openDataFile, type DataFile } from './state/data-file.js'
import { controlApi } from './control/control-api.js'
import { isControlPath, refuseControl } from './control/control-guard.js'
import { createClock } from './state/clock.js'
import { createOperations } from './http/faults.js'
import { getJwks } from './backend-api/get-jwks.js'
import { identityOf } from './state/identity.js'
import { A_BOOLEAN, A_FUNCTION, A_STRING, AN_OBJECT, checkInput, rule, type InputRules } from './input.js'
import { interstitialApi } from './backend-api/interstitial-api.js'
import { signJwt, type Issuer } from './tokens/issuer.js'
import { signTemplateToken } from './tokens/jwt-template.js'
import { createKeyRing, type KeyRecord } from './tokens/keys.js'
import type { LocalClerk, LocalEnv } from './local-clerk.js'
import { isLoopback } from './http/loopback.js'
import { MINT_PATHS, mintToken } from './control/mint-token.js'
import { m2mGrant, m2mJwtParts, m2mRecord, type M2MTokenInput, type StoredM2MToken } from './tokens/m2m-token.js'
import { m2mTokenApi } from './backend-api/m2m-token-api.js'
import { machineApi } from './backend-api/machine-api.js'
import { createMachines, receiverOf, viewOf } from './tokens/machines.js'
import {
  oauthGrant,
  oauthJwtParts,
  oauthRecord,
  type OAuthTokenInput,
  type StoredOAuthToken,
} from './tokens/oauth-token.js'
import { publishableKeyOf } from './tokens/publishable-key.js'
import { createRecords, type Records } from './state/records.js'
import { createRequestLog } from './http/request-log.js'
import { revokeIn } from './tokens/revoke.js'
import { createDescription, describeToken } from './control/describe-token.js'
import { directoryApi } from './control/directory-api.js'
import { explainApi } from './control/explain-api.js'
import type { DefaultSeed } from './seed/default-seed.js'
import { populate, type Seed } from './seed/seed.js'
import { startServer } from './http/server.js'
import { settingsOf, type LocalSettings } from './settings.js'
import { svixApi, type SvixApp } from './backend-api/svix-api.js'
import { templateGrant, templateTokenParts, type TemplateTokenInput } from './tokens/template-token.js'
import { createTokenStore } from './tokens/token-store.js'
import { verifyApiKey } from './backend-api/verify-api-key.js'
import { verifyM2MToken } from './backend-api/verify-m2m-token.js'
import { verifyOAuthAccessToken } from './backend-api/verify-oauth-access-token.js'
import { sessionTokenParts, type SessionTokenInput } from './tokens/session-token.js'
import { webhookApi } from './webhooks/webhook-api.js'
import type { WebhookEndpointInput } from './webhooks/webhook-endpoint.js'
import { watchCommunity } from './webhooks/webhook-source.js'
import { createWebhooks } from './webhooks/webhooks.js'

export interface LocalClerkOptions<S extends Seed = Seed> {
  /** default 0: a free one, or that of the data file */
  readonly port?: number | undefined
  /** default `127.0.0.1` */
  readonly host?: string | undefined
  /** what the instance's keys sign by, default `RS256` as at Clerk */
  readonly algorithm?: Algorithm | undefined
  /** who is there, default {@link defaultSeed} */
  readonly seed?: S | undefined
  /** milliseconds since the epoch, where the instance's clock starts and what keeps it running; default `Date.now` */
  readonly now?: (() => number) | undefined
  /** how the instance behaves where Clerk does not say how it does */
  readonly settings?: LocalSettings | undefined
  /** path of the file in which the instance keeps what is there, but for its clock and faults; default: nothing is kept */
  readonly data?: string | undefined
  /** where events go from the start on; default: nowhere, until `local.webhooks.add()` */
  readonly webhooks?: readonly WebhookEndpointInput[] | undefined
  /** Lets `host` be other than loopback. Whoever reaches it can mint a token of anybody. */
  readonly insecureListenBeyondLoopback?: boolean | undefined
}

/**
 * Starts an instance that stands in for Clerk in development and in tests: its own keys, its own people, real tokens.
 *
 * @throws {TypeError} when an option is unknown or impossible, the seed refers to what is not in it, or the data file
 *   cannot be used
 */
export async function startLocalClerk<const S extends Seed = DefaultSeed>(
  options: LocalClerkOptions<S> = {},
): Promise<LocalClerk<S>> {
  checkInput('startLocalClerk()', options, RULES)
  const data = options.data === undefined ? undefined : await openDataFile(options.data)
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
  const { host, port, algorithm, secretKey, webhookSecret } = identity
  if (!isLoopback(host) && !options.insecureListenBeyondLoopback)
    throw new TypeError(`host "${host}" is not loopback, which only insecureListenBeyondLoopback: true allows`)

  const settings = settingsOf(options.settings)
  const clock = createClock(options.now ?? Date.now)
  const community = createCommunity(populate(identity.seed), clock.now)
  const { population } = community.directory
  const keys = await createKeyRing(algorithm, { kept: data?.rows('key') as readonly KeyRecord[] | undefined })
  const instanceId = keys.records.all()[0]!.id
  const machines = createMachines(population.machines, secretKey, clock.now)
  const m2mTokens = createTokenStore<StoredM2MToken>()
  const oauthTokens = createTokenStore<StoredOAuthToken>()
  const apiKeys = createTokenStore<StoredApiKey>()
  const svixApps = createRecords<SvixApp>()
  const stores = [m2mTokens, oauthTokens, apiKeys]
  const receiver = receiverOf(machines)
  const webhooks = createWebhooks({ secret: webhookSecret, instanceId, now: clock.now, first: options.webhooks })
  watchCommunity(community, webhooks.tell)
  if (data) eachKept(data.restore)

  const m2m = { tokens: m2mTokens, machines, now: clock.now, settings }
  const descriptionOf = createDescription(opaqueToken, clock.now, settings)
  const ofApiKeys = { keys: apiKeys, population, now: clock.now, settings }

  const badTokens = createBadTokens({
    url: () => url.origin,
    keys,
    now: clock.now,
    settings,
    population,
    machines,
    tokens: { sessionToken, m2mToken, oauthToken, apiKey, templateToken },
    revoke: (token) => revokeIn(stores, token, null, clock.now()),
  })

  const endpoints = [
    ...getJwks(keys),
    ...machineApi(machines, instanceId),
    ...m2mTokenApi(m2m, { keys, issuer }),
    ...verifyM2MToken(m2m),
    ...verifyOAuthAccessToken({ tokens: oauthTokens, keys, now: clock.now, settings }),
    ...apiKeyApi(ofApiKeys),
    ...verifyApiKey(ofApiKeys),
    ...communityApi(community, { keys, issuer }, algorithm),
    ...svixApi(svixApps, clock.now, () => url.origin),
    interstitialApi(() => env.CLERK_PUBLISHABLE_KEY),
    mintToken(MINT_PATHS.session, sessionToken),
    mintToken(MINT_PATHS.m2m, m2mToken),
    mintToken(MINT_PATHS.oauth, oauthToken),
    mintToken(MINT_PATHS.apiKey, apiKey),
    badTokens.endpoint,
    mintToken(MINT_PATHS.template, templateToken),
    describeToken(descriptionOf),
    explainApi({
      keys: () => ({
        from: 'set',
        keys: keys.published.map(({ publicJwk }) => publicJwk),
        where: `${url.origin}/.well-known/jwks.json`,
      }),
      describe: descriptionOf,
      url: () => url.origin,
      machineId: () => receiver.id,
    }),
    directoryApi({
      clock,
      keys,
      community,
      machines,
      tokens: () => [
        ['m2m_token', m2mTokens.records.all()],
        ['oauth_token', oauthTokens.records.all()],
        ['api_key', apiKeys.records.all()],
      ],
      url: () => url.origin,
      env: () => env,
    }),
    ...webhookApi(webhooks),
    ...browserPage(host),
    ...controlApi({ clock, keys, operations: () => operations, requests: () => requests, revoke, reset }),
  ]
  const operations = createOperations(endpoints.flatMap(({ operation }) => operation ?? []))
  const requests = createRequestLog(endpoints, (path) => path === PAGE_PATH || isControlPath(path))
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
  if (data) {
    eachKept(data.keep)
    data.keep('instance', createRecords([{ ...identity, port: server.port }]))
  }
  const { id: machineId, secretKey: machineSecret } = machines.byId(receiver.id) ?? receiver
  const env: LocalEnv = {
    CLERK_SECRET_KEY: secretKey,
    CLERK_PUBLISHABLE_KEY: publishableKeyOf(url.host),
    CLERK_FAPI: url.origin,
    CLERK_API_URL: url.origin,
    CLERK_MACHINE_SECRET_KEY: machineSecret,
    CLERK_MACHINE_ID: machineId,
    CLERK_WEBHOOK_SIGNING_SECRET: webhookSecret,
  }

  /** What outlives the instance, where there is a data file. */
  function eachKept(act: <T extends { readonly id: string }>(kind: string, records: Records<T>) => void): void {
    act('key', keys.records)
    act('user', community.directory.users)
    act('organization', community.directory.organizations)
    act('membership', community.directory.memberships)
    act('session', community.sessions.records)
    act('client', community.sessions.clients)
    act('template', community.templates)
    act('ticket', community.tickets)
    act('machine', machines.records)
    act('m2m_token', m2mTokens.records)
    act('oauth_token', oauthTokens.records)
    act('api_key', apiKeys.records)
    act('svix_app', svixApps)
    act('webhook', webhooks.added)
  }

  function issuer(): Issuer {
    const nowInSeconds = Math.floor(clock.now() / 1000)
    return { url: url.origin, population, nowInSeconds, kid: keys.current.kid, algorithm }
  }

  async function sessionToken(input: SessionTokenInput = {}): Promise<string> {
    const parts = sessionTokenParts(input, issuer(), (holder) => community.sessions.ofMinted(holder).id)
    return signJwt(parts, keys.current, input)
  }

  async function m2mToken(input: M2MTokenInput = {}): Promise<string> {
    const grant = m2mGrant(input, machines)
    if (input.format !== 'jwt') return m2mTokens.add(m2mRecord(grant, clock.now())).token
    return signJwt(m2mJwtParts(grant, issuer(), settings), keys.current, input)
  }

  async function oauthToken(input: OAuthTokenInput = {}): Promise<string> {
    const grant = oauthGrant(input, population)
    if (input.format === 'opaque') return oauthTokens.add(oauthRecord(grant, clock.now())).token
    return signJwt(oauthJwtParts(grant, issuer()), keys.current, input)
  }

  async function apiKey(input: ApiKeyInput = {}): Promise<string> {
    return apiKeys.add(apiKeyRecordOf(input, population, clock.now())).token
  }

  async function templateToken(input: TemplateTokenInput = {}): Promise<string> {
    const { holder, template, ttlInSeconds } = templateGrant(input, community)
    const parts = templateTokenParts(holder, template, ttlInSeconds, community, issuer())
    return signTemplateToken(parts, template, keys.current, input)
  }

  /** What stands for a machine that is no more is unknown. */
  function opaqueToken(token: string) {
    const ofMachine = m2mTokens.byToken(token)
    if (ofMachine) return machines.byId(ofMachine.subject) && ofMachine
    return oauthTokens.byToken(token) ?? apiKeys.byToken(token)
  }

  function revoke(tokenOrId: string, reason: string | null): void {
    revokeIn(stores, tokenOrId, reason, clock.now())
  }

  function reset(): void {
    for (const part of [clock, operations, requests, webhooks]) part.reset()
    eachKept((_kind, records) => records.reset())
  }

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
    cookies: async (input = {}) => browserCookies(input, community, { keys, issuer }),
    as: async (user, input = {}) => authorization(await sessionToken({ ...input, user })),
    badTokens: badTokens.all,
    revoke: async (tokenOrId, { reason = null } = {}) => revoke(tokenOrId, reason),
    rotateKeys: async ({ overlap = true } = {}) => ({ kid: (await keys.rotate(overlap)).kid }),
    removeKey: keys.remove,
    webhooks: webhooks.local,
    fault: operations.fault,
    calls: operations.calls,
    reset,
    async close() {
      webhooks.close()
      await server.close()
      data?.close()
    },
  }
}

/** An instance that listens on every address is called by the loopback one. */
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
  seed: AN_OBJECT,
  now: A_FUNCTION,
  settings: AN_OBJECT,
  data: A_STRING,
  webhooks: rule('a list such as [{ url: "http://localhost:3000/webhooks" }]', Array.isArray),
  insecureListenBeyondLoopback: A_BOOLEAN,
}
