import { ALGORITHMS, isAlgorithm, type Algorithm } from './algorithms.js'
import { apiKeyApi } from './api-key-api.js'
import { apiKeyRecordOf, type ApiKeyInput, type StoredApiKey } from './api-key.js'
import { refuseBeforeRouting } from './backend-api.js'
import { createClock, type LocalClock } from './clock.js'
import { createOperations, type Fault } from './faults.js'
import { getJwks } from './get-jwks.js'
import { randomWord } from './ids.js'
import { A_BOOLEAN, A_FUNCTION, A_STRING, AN_OBJECT, checkInput, rule, type InputRules } from './input.js'
import { signJwt, type Issuer } from './issuer.js'
import { createKeyRing } from './keys.js'
import { isLoopback } from './loopback.js'
import { MINT_PATHS, mintToken } from './mint-token.js'
import { m2mGrant, m2mJwtParts, m2mRecord, type M2MTokenInput, type StoredM2MToken } from './m2m-token.js'
import { m2mTokenApi } from './m2m-token-api.js'
import { machineApi } from './machine-api.js'
import { createMachines, receiverOf, viewOf, type Machine } from './machines.js'
import { oauthGrant, oauthJwtParts, oauthRecord, type OAuthTokenInput, type StoredOAuthToken } from './oauth-token.js'
import { revokeIn } from './revoke.js'
import {
  defaultSeed,
  populate,
  type Client,
  type DefaultSeed,
  type Organization,
  type Person,
  type Seed,
} from './seed.js'
import { startServer } from './server.js'
import { settingsOf, type LocalSettings } from './settings.js'
import { templateTokenParts, type TemplateTokenInput } from './template-token.js'
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

/** Variables that point an API at the instance, by the names that Clerk's own SDK uses. */
export interface LocalEnv {
  readonly CLERK_SECRET_KEY: string
  readonly CLERK_PUBLISHABLE_KEY: string
  readonly CLERK_FAPI: string
  readonly CLERK_API_URL: string
  /** of the machine that the API is: `api` of the seed, else the first one that another may call, else the first */
  readonly CLERK_MACHINE_SECRET_KEY: string
  readonly CLERK_MACHINE_ID: string
}

type PartOf<S extends Seed, Part extends 'machines' | 'clients'> = keyof (S extends Record<Part, infer P>
  ? P
  : DefaultSeed[Part])

/** A running local instance. */
export interface LocalClerk<S extends Seed = DefaultSeed> {
  /** `http://127.0.0.1:<port>`: issuer of its tokens, and origin of its frontend and Backend API */
  readonly url: string
  /** public half of the current key, a PEM (SPKI) */
  readonly jwtKey: string
  /** id of the current key, `ins_local…` */
  readonly kid: string
  readonly env: LocalEnv
  /** the seed's, by name */
  readonly people: { readonly [Name in keyof S['people']]: Person }
  /** the seed's, by slug */
  readonly organizations: { readonly [Slug in keyof S['organizations']]: Organization }
  /** by name, as they are now: those of the seed, and those that were created since */
  readonly machines: { readonly [Name in PartOf<S, 'machines'>]: Machine }
  /** OAuth applications of the seed, by name */
  readonly clients: { readonly [Name in PartOf<S, 'clients'>]: Client }
  readonly clock: LocalClock

  /**
   * Mints a session token, without HTTP.
   *
   * @throws {TypeError} when the input names what the seed does not have, or has a field of the wrong type
   */
  readonly sessionToken: (input?: SessionTokenInput) => Promise<string>

  /**
   * Mints an M2M token, without HTTP.
   *
   * @throws {TypeError} when the input names a machine that is not there or not in scope, or has a field of the wrong type
   */
  readonly m2mToken: (input?: M2MTokenInput) => Promise<string>

  /**
   * Mints an OAuth access token, without HTTP.
   *
   * @throws {TypeError} when the input names what the seed does not have, or has a field of the wrong type
   */
  readonly oauthToken: (input?: OAuthTokenInput) => Promise<string>

  /**
   * Makes an API key, without HTTP.
   *
   * @throws {TypeError} when the subject is not in the seed, or a field has the wrong type
   */
  readonly apiKey: (input?: ApiKeyInput) => Promise<string>

  /**
   * Mints a token from a JWT template, without HTTP.
   *
   * @throws {TypeError} when the input names what the seed does not have, or has a field of the wrong type
   */
  readonly templateToken: (input?: TemplateTokenInput) => Promise<string>

  /**
   * Revokes an opaque token or an API key.
   *
   * @param tokenOrId itself, or its id: `mt_…`, `oat_…`, `ak_…`
   * @throws {TypeError} when it is a JWT, which cannot be revoked, or unknown
   */
  readonly revoke: (tokenOrId: string, options?: { readonly reason?: string }) => Promise<void>

  /** Signs by a new key from now on. `overlap: false` publishes that key alone; by default it joins the others. */
  readonly rotateKeys: (options?: { readonly overlap?: boolean }) => Promise<{ readonly kid: string }>

  /**
   * Takes a key out of the published set. The current one goes on signing.
   *
   * @throws {TypeError} when no such key is published
   */
  readonly removeKey: (kid: string) => void

  /**
   * Makes the next calls of an operation go wrong, instead of an earlier fault. `null` or `undefined` clears it.
   *
   * @param operation operationId of Clerk's specification, such as `verifyM2MToken`, or `GetJWKS`, which both
   *   `/v1/jwks` and `/.well-known/jwks.json` are
   * @returns clears this fault
   * @throws {TypeError} when the operation or something in the fault is unknown
   */
  readonly fault: (operation: string, fault?: Fault | null) => () => void

  /**
   * Calls of an operation so far, refused and faulty ones too.
   *
   * @throws {TypeError} when the operation is unknown
   */
  readonly calls: (operation: string) => number

  /** Back to the start: first key, running clock, machines of the seed, no opaque tokens, no faults, no counts. Calls that hang already go on hanging. */
  readonly reset: () => void

  /** Stops listening and cuts every connection. Tokens can still be minted. */
  readonly close: () => Promise<void>
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
  const population = populate(seed)
  const clock = createClock(now)
  const keys = await createKeyRing(algorithm)
  const machines = createMachines(population.machines, clock.now)
  const m2mTokens = createTokenStore<StoredM2MToken>()
  const oauthTokens = createTokenStore<StoredOAuthToken>()
  const apiKeys = createTokenStore<StoredApiKey>()
  const stores = [m2mTokens, oauthTokens, apiKeys]
  const secretKey = `sk_test_${randomWord(42)}`
  const m2m = { tokens: m2mTokens, machines, now: clock.now, settings }
  const ofApiKeys = { keys: apiKeys, population, now: clock.now, settings }

  const endpoints = [
    ...getJwks(keys),
    ...machineApi(machines, keys.current.kid),
    ...m2mTokenApi(m2m, { keys, issuer }),
    ...verifyM2MToken(m2m),
    ...verifyOAuthAccessToken({ tokens: oauthTokens, keys, now: clock.now, settings }),
    ...apiKeyApi(ofApiKeys),
    ...verifyApiKey(ofApiKeys),
    mintToken(MINT_PATHS.session, sessionToken),
    mintToken(MINT_PATHS.m2m, m2mToken),
    mintToken(MINT_PATHS.oauth, oauthToken),
    mintToken(MINT_PATHS.apiKey, apiKey),
  ]
  const operations = createOperations(endpoints.flatMap(({ operation }) => operation ?? []))
  const server = await startServer({
    host,
    port,
    operations,
    endpoints,
    refuse: (request) =>
      refuseBeforeRouting(request, { secretKey, isMachineSecret: (secret) => machines.bySecret(secret) !== undefined }),
  })
  const url = originOf(host, server.port)
  const receiver = receiverOf(machines)

  function issuer(): Issuer {
    const nowInSeconds = Math.floor(clock.now() / 1000)
    return { url: url.origin, population, nowInSeconds, kid: keys.current.kid, algorithm }
  }

  async function sessionToken(input: SessionTokenInput = {}): Promise<string> {
    return signJwt(sessionTokenParts(input, issuer()), keys.current, input)
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
    return signJwt(templateTokenParts(input, issuer()), keys.current, input)
  }

  return {
    url: url.origin,
    env: {
      CLERK_SECRET_KEY: secretKey,
      CLERK_PUBLISHABLE_KEY: `pk_test_${Buffer.from(`${url.host}$`).toString('base64')}`,
      CLERK_FAPI: url.origin,
      CLERK_API_URL: url.origin,
      CLERK_MACHINE_SECRET_KEY: receiver.secretKey,
      CLERK_MACHINE_ID: receiver.id,
    },
    people: population.people as LocalClerk<S>['people'],
    organizations: population.organizations as LocalClerk<S>['organizations'],
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
    revoke: async (tokenOrId, { reason = null } = {}) => revokeIn(stores, tokenOrId, reason, clock.now()),
    rotateKeys: async ({ overlap = true } = {}) => ({ kid: (await keys.rotate(overlap)).kid }),
    removeKey: keys.remove,
    fault: operations.fault,
    calls: operations.calls,
    reset() {
      for (const part of [keys, clock, operations, machines, ...stores]) part.reset()
    },
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
