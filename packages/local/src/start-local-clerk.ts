import { ALGORITHMS, isAlgorithm, type Algorithm } from './algorithms.js'
import { apiKeyApi } from './api-key-api.js'
import { apiKeyRecordOf, type ApiKeyInput, type StoredApiKey } from './api-key.js'
import { authorization } from './authorization.js'
import { createBadTokens } from './bad-tokens.js'
import { refuseBeforeRouting } from './backend-api.js'
import { browserCookies } from './browser-cookies.js'
import { communityApi } from './community-api.js'
import { createCommunity } from './community.js'
import { controlApi } from './control-api.js'
import { CONTROL_PATH, refuseControl } from './control-guard.js'
import { createClock } from './clock.js'
import { createOperations } from './faults.js'
import { getJwks } from './get-jwks.js'
import { randomWord } from './ids.js'
import { A_BOOLEAN, A_FUNCTION, A_STRING, AN_OBJECT, checkInput, rule, type InputRules } from './input.js'
import { signJwt, type Issuer } from './issuer.js'
import { signTemplateToken } from './jwt-template.js'
import { createKeyRing } from './keys.js'
import type { LocalClerk } from './local-clerk.js'
import { isLoopback } from './loopback.js'
import { MINT_PATHS, mintToken } from './mint-token.js'
import { m2mGrant, m2mJwtParts, m2mRecord, type M2MTokenInput, type StoredM2MToken } from './m2m-token.js'
import { m2mTokenApi } from './m2m-token-api.js'
import { machineApi } from './machine-api.js'
import { createMachines, receiverOf, viewOf } from './machines.js'
import { oauthGrant, oauthJwtParts, oauthRecord, type OAuthTokenInput, type StoredOAuthToken } from './oauth-token.js'
import { publishableKeyOf } from './publishable-key.js'
import { createRequestLog } from './request-log.js'
import { revokeIn } from './revoke.js'
import { describeToken } from './describe-token.js'
import { defaultSeed, type DefaultSeed } from './default-seed.js'
import { populate, type Seed } from './seed.js'
import { startServer } from './server.js'
import { settingsOf, type LocalSettings } from './settings.js'
import { templateGrant, templateTokenParts, type TemplateTokenInput } from './template-token.js'
import { createTokenStore } from './token-store.js'
import { verifyApiKey } from './verify-api-key.js'
import { verifyM2MToken } from './verify-m2m-token.js'
import { verifyOAuthAccessToken } from './verify-oauth-access-token.js'
import { sessionTokenParts, type SessionTokenInput } from './session-token.js'

export interface LocalClerkOptions<S extends Seed = Seed> {
  /** default 0: a free one */
  readonly port?: number
  /** default `127.0.0.1` */
  readonly host?: string
  /** what the instance's keys sign by, default `RS256` as at Clerk */
  readonly algorithm?: Algorithm
  /** who is there, default {@link defaultSeed} */
  readonly seed?: S
  /** milliseconds since the epoch, where the instance's clock starts and what keeps it running; default `Date.now` */
  readonly now?: () => number
  /** how the instance behaves where Clerk does not say how it does */
  readonly settings?: LocalSettings
  /** Lets `host` be other than loopback. Whoever reaches it can mint a token of anybody. */
  readonly insecureListenBeyondLoopback?: boolean
}

/**
 * Starts an instance that stands in for Clerk in development and in tests: its own keys, its own people, real tokens.
 *
 * @throws {TypeError} when an option is unknown or impossible, or the seed refers to what is not in it
 */
export async function startLocalClerk<const S extends Seed = DefaultSeed>(
  options: LocalClerkOptions<S> = {},
): Promise<LocalClerk<S>> {
  checkInput('startLocalClerk()', options, RULES)
  const { port = 0, host = '127.0.0.1', algorithm = 'RS256', seed = defaultSeed, now = Date.now } = options
  if (!isLoopback(host) && !options.insecureListenBeyondLoopback)
    throw new TypeError(`host "${host}" is not loopback, which only insecureListenBeyondLoopback: true allows`)

  const settings = settingsOf(options.settings)
  const clock = createClock(now)
  const community = createCommunity(populate(seed), clock.now)
  const { population } = community.directory
  const keys = await createKeyRing(algorithm)
  const machines = createMachines(population.machines, clock.now)
  const m2mTokens = createTokenStore<StoredM2MToken>()
  const oauthTokens = createTokenStore<StoredOAuthToken>()
  const apiKeys = createTokenStore<StoredApiKey>()
  const stores = [m2mTokens, oauthTokens, apiKeys]
  const secretKey = `sk_test_${randomWord(42)}`
  const m2m = { tokens: m2mTokens, machines, now: clock.now, settings }
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
    ...machineApi(machines, keys.current.kid),
    ...m2mTokenApi(m2m, { keys, issuer }),
    ...verifyM2MToken(m2m),
    ...verifyOAuthAccessToken({ tokens: oauthTokens, keys, now: clock.now, settings }),
    ...apiKeyApi(ofApiKeys),
    ...verifyApiKey(ofApiKeys),
    ...communityApi(community, { keys, issuer }, algorithm),
    mintToken(MINT_PATHS.session, sessionToken),
    mintToken(MINT_PATHS.m2m, m2mToken),
    mintToken(MINT_PATHS.oauth, oauthToken),
    mintToken(MINT_PATHS.apiKey, apiKey),
    badTokens.endpoint,
    mintToken(MINT_PATHS.template, templateToken),
    describeToken(opaqueToken, clock.now, settings),
    ...controlApi({ clock, keys, operations: () => operations, requests: () => requests, revoke, reset }),
  ]
  const operations = createOperations(endpoints.flatMap(({ operation }) => operation ?? []))
  const requests = createRequestLog(endpoints, CONTROL_PATH)
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
  const receiver = receiverOf(machines)

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
    for (const part of [keys, clock, operations, requests, machines, community, ...stores]) part.reset()
  }

  return {
    url: url.origin,
    env: {
      CLERK_SECRET_KEY: secretKey,
      CLERK_PUBLISHABLE_KEY: publishableKeyOf(url.host),
      CLERK_FAPI: url.origin,
      CLERK_API_URL: url.origin,
      CLERK_MACHINE_SECRET_KEY: receiver.secretKey,
      CLERK_MACHINE_ID: receiver.id,
    },
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
    fault: operations.fault,
    calls: operations.calls,
    reset,
    close: server.close,
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
  insecureListenBeyondLoopback: A_BOOLEAN,
}
