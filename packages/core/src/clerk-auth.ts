import { sha256 } from '#signature'
import type { Auth, AuthenticatedAuth } from './auth.js'
import { authenticator, type Authenticator } from './authenticate.js'
import type { AuthSource } from './authorization.js'
import { systemClock, type Clock } from './clock.js'
import { emitter, type EventListener } from './events.js'
import { andThen } from './eventually.js'
import { singleKey, staticKeys, type KeySource, type KeyStats } from './key-source.js'
import { readOptions, type ClerkAuthOptions, type Environment, type Settings } from './options.js'
import { remoteKeys } from './remote-keys.js'
import { verifiedCache, type CacheStats } from './verified-cache.js'
import { sessionVerifier } from './verify-session.js'

/** Verifies the credentials of one Clerk instance. Holds its keys and caches; make one and keep it. */
export interface ClerkAuth {
  /** Works out who sent a request. A missing or bad credential is a result, never a rejection. */
  authenticate(source: AuthSource): Promise<Auth>
  /**
   * Verifies one token.
   *
   * @throws {AuthError} with the reason of the refusal
   */
  verifyToken(token: string): Promise<AuthenticatedAuth>
  /**
   * Loads the keys, so that the first request need not wait.
   *
   * @throws {AuthError} `keys-unavailable`
   */
  warmUp(): Promise<void>
  /** Whether verification needs no waiting: the keys are in hand. */
  readonly ready: boolean
  stats(): ClerkAuthStats
  /** Forgets that tokens were verified. A JWT keeps passing until it expires: it is verified anew. */
  forget(what: Forgotten): void
  /** Ends what is in flight. Nothing is fetched from then on. */
  close(): void
}

export interface ClerkAuthStats {
  readonly keys: KeyStats
  readonly verified: CacheStats
}

export type Forgotten =
  | 'all'
  | { readonly token: string }
  /** `jti` of a token. */
  | { readonly tokenId: string }
  | { readonly sessionId: string }
  | { readonly userId: string }

/** What an adapter needs of an instance beyond its public face: answers without a promise where none is needed. */
export interface ClerkAuthInternals extends Authenticator {
  readonly settings: Settings
  readonly emit: EventListener
}

// A symbol of the registry, so that an adapter's CommonJS copy of core knows an instance of the ESM copy.
const INTERNALS = Symbol.for('clerk-auth.instance')

/**
 * Makes a verifier. Checks the options and reads the environment now; asks nobody yet.
 *
 * @param environment default `process.env`, where there is one
 * @throws {TypeError} that names the option that is wrong or missing
 */
export function createClerkAuth(options: ClerkAuthOptions = {}, environment: Environment = processEnv()): ClerkAuth {
  const settings = readOptions(options, environment)
  const clock = systemClock(options.now)
  const emit = emitter(options.onEvent)
  const keys = keySource(settings, clock, emit)
  const verified = verifiedCache<AuthenticatedAuth>(options.cache ?? {}, clock)
  const rules = {
    ...settings.claimRules,
    localIssuer: settings.localIssuer,
    treatPendingAsSignedOut: options.treatPendingAsSignedOut ?? true,
  }
  const verifiers = { session_token: sessionVerifier(keys, rules, clock) }
  const { authenticate, verify } = authenticator(verifiers, keys, verified, emit)

  const clerk: ClerkAuth = {
    authenticate: async (source) => authenticate(source),
    verifyToken: async (token) => verify(token),
    warmUp: () => keys.load(),
    get ready() {
      return keys.ready()
    },
    stats: () => ({ keys: keys.stats(), verified: verified.stats() }),
    forget: (what) => {
      if (typeof what === 'object' && 'token' in what)
        return void andThen(sha256(what.token), (digest) => verified.forget({ digest }))
      verified.forget(meantBy(what))
    },
    close: () => keys.close(),
  }
  const internals: ClerkAuthInternals = { authenticate, verify, settings, emit }
  return Object.freeze(Object.defineProperty(clerk, INTERNALS, { value: internals }))
}

/** What an instance keeps to itself; `undefined` for anything but an instance. */
export function internalsOf(value: unknown): ClerkAuthInternals | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return (value as Record<symbol, ClerkAuthInternals | undefined>)[INTERNALS]
}

function keySource({ keyOrigin, options }: Settings, clock: Clock, emit: EventListener): KeySource {
  switch (keyOrigin.from) {
    case 'key':
      return singleKey(keyOrigin.key)
    case 'set':
      return staticKeys(keyOrigin.set)
    case 'url': {
      const { url, headers } = keyOrigin
      const fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init))
      return remoteKeys({ url, headers, fetch, policy: options.keys ?? {}, clock, emit })
    }
  }
}

function meantBy(what: Exclude<Forgotten, { token: string }>): (auth: AuthenticatedAuth) => boolean {
  if (what === 'all') return () => true
  if ('tokenId' in what) return ({ sessionClaims }) => 'jti' in sessionClaims && sessionClaims.jti === what.tokenId
  if ('sessionId' in what) return ({ sessionId }) => sessionId === what.sessionId
  return ({ userId }) => userId === what.userId
}

function processEnv(): Environment {
  return (globalThis as { process?: { env?: Environment } }).process?.env ?? {}
}
