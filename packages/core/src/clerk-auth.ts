import { checkAcceptsToken, tokenTypesOf, type Accepted, type AcceptsToken } from './kinds/accepts-token.js'
import type { Unauthenticated } from './auth/auth.js'
import { authenticator, type Authenticator } from './authenticate.js'
import type { AuthSource } from './request/auth-source.js'
import { systemClock, type Clock } from './support/clock.js'
import { NO_OPTIONS } from './support/declaration.js'
import { processEnvironment, type Environment } from './config/environment.js'
import { emitter, type ClerkAuthEvent, type Emitter, type EventListener } from './auth/events.js'
import { sharingOf } from './config/sharing.js'
import type { Forgotten, Revoked } from './fleet/revoked.js'
import { revocationsOf } from './fleet/revocations.js'
import type { SharedStats, Sharing } from './fleet/sharing.js'
import { revoker, type Revoker } from './revoke.js'
import { callsStarted } from './support/single-flight.js'
import { AuthError } from './auth/errors.js'
import type { OpaqueTokenType } from './kinds/kinds.js'
import type { Fetch } from './support/http.js'
import { singleKey, staticKeys, type KeySource, type KeyStats } from './keys/key-source.js'
import type { ClerkAuthOptions } from './config/options.js'
import { outagesOf, type Outages } from './outages.js'
import { remoteKeys } from './keys/remote-keys.js'
import { introspectionCache } from './introspection/introspection-cache.js'
import type { AuthOfAcceptsToken } from './guard/auth-of-requirement.js'
import { readOptions, type Settings } from './config/settings.js'
import { headerOrCookieReader, readHeader, type TokenReader } from './request/token-reader.js'
import { verifiedCache, type CacheStats } from './token/verified-cache.js'
import { REMEMBER_IN_MS, verifiersOf } from './verifiers.js'
import type { RemotePolicy, RemoteStats } from './introspection/remote.js'

/** Verifies the tokens of one Clerk instance. It holds keys and caches, so create one and reuse it. */
export interface ClerkAuth<A extends AcceptsToken = 'session_token'> {
  /** Authenticates a request. A missing or bad token is a result, never a rejection. */
  authenticate(source: AuthSource): Promise<AuthOfAcceptsToken<A> | Unauthenticated>
  /** Accepts these kinds of token instead of those in the options. */
  authenticate<const B extends AcceptsToken>(
    source: AuthSource,
    options: TokenOptions<B>,
  ): Promise<AuthOfAcceptsToken<B> | Unauthenticated>
  /**
   * Verifies a token.
   *
   * @throws {AuthError} if the token is refused or cannot be verified
   */
  verifyToken(token: string): Promise<AuthOfAcceptsToken<A>>
  /** Accepts these kinds of token instead of those in the options. */
  verifyToken<const B extends AcceptsToken>(token: string, options: TokenOptions<B>): Promise<AuthOfAcceptsToken<B>>
  /**
   * Loads the keys so that the first request does not wait, or refreshes them if due. On Workers, pass the promise to
   * `waitUntil`.
   *
   * @throws {AuthError} `keys-unavailable`
   * @throws {TypeError} if the option "jwks" or "jwtKey" is invalid in a way that only WebCrypto detects
   */
  warmUp(): Promise<void>
  /** Whether the keys are loaded, so that JWTs are verified without waiting. */
  readonly ready: boolean
  stats(): ClerkAuthStats
  /**
   * Removes cached results, so that Clerk is asked again after a revocation. JWTs are verified again and stay valid
   * until they expire.
   */
  forget(what: Forgotten): void
  /**
   * Refuses tokens from now on with `token-revoked`, in all processes that share a store within a second. Without a
   * shared store, in this process.
   *
   * @throws {TypeError} if `what` is not one of these shapes, or an id is missing
   * @throws {Error} if the revocation applies to this process but could not be written to the shared store
   */
  revoke(what: Revoked): Promise<void>
  /** Aborts pending requests, and closes the shared store. Nothing is fetched after that. */
  close(): void
}

export interface TokenOptions<A extends AcceptsToken = AcceptsToken> {
  readonly acceptsToken: A
}

export interface ClerkAuthStats {
  readonly keys: KeyStats
  /** The cache of verified JWTs. */
  readonly verified: CacheStats
  /**
   * Opaque tokens: Clerk's cached answers, and statistics of the calls to Clerk. Sessions: those of guards with `fresh`.
   */
  readonly remote: Readonly<Partial<Record<OpaqueTokenType | 'session_token', RemoteStats>>> & {
    readonly remembered: { readonly entries: number; readonly refused: number; readonly known: number }
  }
  /** Revocations that this process knows. */
  readonly revocations: { readonly count: number }
  /**
   * When the last webhook of Clerk arrived, in milliseconds since the epoch, at any process that shares the store: at
   * most a minute late if it was another one. `null` if none has arrived in `revocation.keepForMs`.
   */
  readonly webhooks: { readonly lastEventAt: number | null }
  /** The store that this process shares with others; `null` without one. */
  readonly shared: SharedStats | null
}

/** What adapters need beyond the public interface: results without a promise when nothing is awaited. */
export interface ClerkAuthInternals extends Authenticator {
  readonly readToken: TokenReader
  readonly settings: Settings
  readonly emit: EventListener
  readonly isHeard: Emitter['isHeard']
  readonly outages: Outages
  readonly refreshKeys: KeySource['refresh']
  /** How many calls to Clerk have started, for `verifyAgain`. */
  readonly callsStarted: () => number
  /** Adds revocations that Clerk has reported. */
  readonly record: Revoker['record']
  readonly webhookArrived: Revoker['webhookArrived']
}

const KEEP_FOR_MS = 24 * 60 * 60_000

// A registered symbol, so that an adapter's CommonJS copy of core recognizes instances of the ESM copy.
const INTERNALS = Symbol.for('clerk-auth.instance')

/**
 * Creates a verifier. Checks the options and reads the environment; makes no requests yet.
 *
 * @param environment default `process.env`, if it exists
 * @throws {TypeError} naming the invalid or missing option
 */
export function createClerkAuth<const A extends AcceptsToken = 'session_token'>(
  options: ClerkAuthOptions & { readonly acceptsToken?: A } = {},
  environment: Environment = processEnvironment(),
): ClerkAuth<A> {
  const settings = readOptions(options, environment)
  const { now, onEvent, cache = NO_OPTIONS } = settings.options
  const { rememberInMs = REMEMBER_IN_MS, staleInMs }: RemotePolicy = settings.options.remote ?? NO_OPTIONS
  const clock = systemClock(now)
  const outages = outagesOf(settings)
  const { emit: notify, isHeard } = emitter(onEvent)
  const emit = (event: ClerkAuthEvent) => {
    outages.observe(event)
    notify(event)
  }
  const fetch: Fetch = settings.options.fetch ?? ((url, init) => globalThis.fetch(url, init))
  const ended = new AbortController()
  const { clockSkewInMs } = settings.claimRules
  const keepForMs = settings.options.revocation?.keepForMs ?? KEEP_FOR_MS
  const revocations = revocationsOf(clock, clockSkewInMs, () => emit({ type: 'revocations-overflowed' }))
  const verified = verifiedCache(cache, clock, revocations)
  const introspections = introspectionCache(rememberInMs, cache, clock, revocations, staleInMs)
  const distrust = () => {
    introspections.forget('all')
    emit({ type: 'shared-store-emptied' })
  }
  const sharing = sharingOf(settings, { environment, clock, emit, revocations, keepForMs, distrust })
  const keys = keySource(settings, { sharing, clock, emit, fetch })
  const closed = ended.signal
  const parts = { settings, keys, introspections, revocations, sharing, clock, fetch, emit, closed }
  const verifiers = verifiersOf(parts)
  const { revoke, record, webhookArrived, forget } = revoker({
    verified,
    introspections,
    revocations,
    sharing,
    clock,
    keepForMs,
  })
  const readToken = settings.cookies ? headerOrCookieReader(settings.cookies) : readHeader
  const { authenticate, verify, verifyAgain } = authenticator({
    readToken,
    keys,
    verified,
    revocations,
    sharing,
    verifiers,
    clockSkewInMs,
    emit,
    isHeard,
  })
  const acceptedBy = (asked: TokenOptions | undefined): Accepted =>
    asked ? new Set(tokenTypesOf(checkedTypes(asked.acceptsToken))) : settings.accepted

  const clerk: ClerkAuth<A> = {
    authenticate: async (source: AuthSource, asked?: TokenOptions) => {
      const auth = await authenticate(source, acceptedBy(asked))
      if (!auth.isAuthenticated) outages.report(auth.error)
      return auth as AuthOfAcceptsToken<A>
    },
    verifyToken: async (token: string, asked?: TokenOptions) => {
      try {
        return (await verify(token, acceptedBy(asked))) as AuthOfAcceptsToken<A>
      } catch (error) {
        if (AuthError.is(error)) outages.report(error)
        throw error
      }
    },
    warmUp: async () => {
      await Promise.all([keys.load(), sharing?.start()])
    },
    get ready() {
      return keys.ready() && (sharing?.isReady() ?? true)
    },
    stats: () => ({
      keys: keys.stats(),
      verified: verified.stats(),
      remote: {
        remembered: introspections.stats(),
        ...Object.fromEntries(Object.entries(verifiers.opaque).map(([tokenType, { stats }]) => [tokenType, stats()])),
        ...(verifiers.sessions && { session_token: verifiers.sessions.stats() }),
      },
      revocations: { count: revocations.count() },
      webhooks: { lastEventAt: revocations.lastWebhookAt() },
      shared: sharing?.stats() ?? null,
    }),
    forget,
    revoke,
    close: () => {
      keys.close()
      sharing?.close()
      ended.abort(new Error('closed'))
    },
  }
  const refreshKeys = keys.refresh
  const internals: ClerkAuthInternals = {
    authenticate,
    verify,
    verifyAgain,
    callsStarted,
    readToken,
    settings,
    emit,
    isHeard,
    outages,
    refreshKeys,
    record,
    webhookArrived,
  }
  return Object.freeze(Object.defineProperty(clerk, INTERNALS, { value: internals }))
}

function checkedTypes(acceptsToken: AcceptsToken): AcceptsToken {
  const problem = checkAcceptsToken(acceptsToken)
  if (problem !== true) throw new TypeError(`"acceptsToken" ${problem}`)
  return acceptsToken
}

/** The internals of an instance; `undefined` for any other value. */
export function internalsOf(value: unknown): ClerkAuthInternals | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return (value as Record<symbol, ClerkAuthInternals | undefined>)[INTERNALS]
}

function keySource(
  { keyOrigin, claimRules, options }: Settings,
  parts: {
    readonly sharing: Sharing | undefined
    readonly clock: Clock
    readonly emit: EventListener
    readonly fetch: Fetch
  },
): KeySource {
  switch (keyOrigin.from) {
    case 'none':
      return staticKeys(new Map())
    case 'key':
      return singleKey(keyOrigin.key)
    case 'set':
      return staticKeys(keyOrigin.set)
    case 'url': {
      const { url, headers } = keyOrigin
      const { clockSkewInMs } = claimRules
      return remoteKeys({ url, headers, policy: options.keys ?? NO_OPTIONS, clockSkewInMs, ...parts })
    }
  }
}
