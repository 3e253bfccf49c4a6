import { ALGORITHMS, isAlgorithm, type Algorithm } from './algorithms.js'
import { refuseBeforeRouting } from './backend-api.js'
import { createClock, type LocalClock } from './clock.js'
import { createOperations, type Fault } from './faults.js'
import { getJwks } from './get-jwks.js'
import { randomWord } from './ids.js'
import { A_BOOLEAN, A_FUNCTION, A_STRING, AN_OBJECT, checkInput, rule, type InputRules } from './input.js'
import { signJws } from './jws.js'
import { createKeyRing } from './keys.js'
import { isLoopback } from './loopback.js'
import { mintSessionToken } from './mint-session-token.js'
import { defaultSeed, populate, type DefaultSeed, type Organization, type Person, type Seed } from './seed.js'
import { startServer } from './server.js'
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
  /** Lets `host` be other than loopback. Whoever reaches it can mint a token of anybody. */
  readonly insecureListenBeyondLoopback?: boolean
}

/** Variables that point an API at the instance, by the names that Clerk's own SDK uses. */
export interface LocalEnv {
  readonly CLERK_SECRET_KEY: string
  readonly CLERK_PUBLISHABLE_KEY: string
  readonly CLERK_FAPI: string
  readonly CLERK_API_URL: string
}

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
  readonly clock: LocalClock

  /**
   * Mints a session token, without HTTP.
   *
   * @throws {TypeError} when the input names what the seed does not have, or has a field of the wrong type
   */
  readonly sessionToken: (input?: SessionTokenInput) => Promise<string>

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
   * @param operation operationId of Clerk's specification: `GetJWKS`, which both `/v1/jwks` and
   *   `/.well-known/jwks.json` are
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

  /** Back to the start: first key, running clock, no faults, no counts. Calls that hang already go on hanging. */
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

  const population = populate(seed)
  const clock = createClock(now)
  const keys = await createKeyRing(algorithm)
  const secretKey = `sk_test_${randomWord(42)}`

  const endpoints = [...getJwks(keys), mintSessionToken(sessionToken)]
  const operations = createOperations(endpoints.flatMap(({ operation }) => operation ?? []))
  const server = await startServer({
    host,
    port,
    operations,
    endpoints,
    refuse: (request) => refuseBeforeRouting(request, secretKey),
  })
  const url = originOf(host, server.port)

  async function sessionToken(input: SessionTokenInput = {}): Promise<string> {
    const { current } = keys
    const nowInSeconds = Math.floor(clock.now() / 1000)
    const { kid } = current
    const { header, claims } = sessionTokenParts(input, { url: url.origin, population, nowInSeconds, kid, algorithm })
    return signJws(header, claims, current)
  }

  return {
    url: url.origin,
    env: {
      CLERK_SECRET_KEY: secretKey,
      CLERK_PUBLISHABLE_KEY: `pk_test_${Buffer.from(`${url.host}$`).toString('base64')}`,
      CLERK_FAPI: url.origin,
      CLERK_API_URL: url.origin,
    },
    people: population.people as LocalClerk<S>['people'],
    organizations: population.organizations as LocalClerk<S>['organizations'],
    clock: { now: clock.now, advance: clock.advance, set: clock.set },
    get jwtKey() {
      return keys.current.pem
    },
    get kid() {
      return keys.current.kid
    },
    sessionToken,
    rotateKeys: async ({ overlap = true } = {}) => ({ kid: (await keys.rotate(overlap)).kid }),
    removeKey: keys.remove,
    fault: operations.fault,
    calls: operations.calls,
    reset() {
      keys.reset()
      clock.reset()
      operations.reset()
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
  insecureListenBeyondLoopback: A_BOOLEAN,
}
