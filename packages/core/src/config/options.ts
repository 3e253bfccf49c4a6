import { checkRealm } from '../guard/challenge.js'
import { checkOrigins } from './check-origins.js'
import { checkFields, describe, itemsOf, type FieldChecks } from '../support/declaration.js'
import type { AuthError } from '../auth/errors.js'
import type { EventListener } from '../auth/events.js'
import type { SharedMemory } from '../fleet/sharing.js'
import type { Fetch } from '../support/http.js'
import type { KeyPolicy } from '../keys/remote-keys.js'
import { MACHINE_ID } from '../kinds/m2m.js'
import { checkAcceptsToken, type AcceptsToken } from '../kinds/accepts-token.js'
import { SDK_OPTIONS } from './sdk-options.js'
import type { CacheBounds } from '../token/verified-cache.js'
import type { RemotePolicy } from '../introspection/remote.js'

/**
 * One of `publishableKey`, `frontendApiUrl`, `secretKey`, `jwtKey` or `jwks` is enough; everything else is optional.
 */
export interface ClerkAuthOptions {
  /** `pk_…`. Names the issuer and its public key set. Environment: `CLERK_PUBLISHABLE_KEY`. */
  readonly publishableKey?: string
  /** The origin of the Frontend API. Overrides the one in `publishableKey`. Environment: `CLERK_FAPI`. */
  readonly frontendApiUrl?: string
  /** `sk_…`. Fetches the key set from the Backend API. Environment: `CLERK_SECRET_KEY`. */
  readonly secretKey?: string
  /** `ak_…` of this service's machine. Verifies opaque M2M tokens. Environment: `CLERK_MACHINE_SECRET_KEY`. */
  readonly machineSecretKey?: string
  /**
   * `mch_…` of this service's machine. M2M tokens must have it in their scopes. Required to verify M2M tokens in JWT
   * form; `any` explicitly lets every machine of the instance call. Environment: `CLERK_MACHINE_ID`.
   */
  readonly machineId?: string
  /** One public key: PEM or a JWK as JSON. The token's `kid` is ignored. Environment: `CLERK_JWT_KEY`. */
  readonly jwtKey?: string
  /** A JWK Set (RFC 7517). */
  readonly jwks?: { readonly keys: readonly object[] }
  /** The exact value of `iss`. Default: the origin of the Frontend API, if known. */
  readonly issuer?: string | readonly string[]
  /** If set, `aud` must contain one of these. Environment: `CLERK_AUDIENCE`, comma-separated. */
  readonly audience?: string | readonly string[]
  /**
   * If set, `azp` must be one of these: origins exactly as browsers send them, such as `https://app.example.com`.
   * Environment: `CLERK_AUTHORIZED_PARTIES`, comma-separated.
   */
  readonly authorizedParties?: string | readonly string[]
  /** Whether to accept tokens without `azp` when `authorizedParties` is set. Default `reject`. */
  readonly missingAzp?: 'reject' | 'allow'
  /**
   * The kinds of token that the middleware verifies. Default `session_token`. Guards verify the other kinds that they
   * accept, so public routes never cause a call to Clerk.
   */
  readonly acceptsToken?: AcceptsToken
  /**
   * Reads the session token from the `__session` cookie if the `Authorization` header has no token. Requires
   * `authorizedParties`: requests other than GET and HEAD, and WebSocket handshakes, must come from one of them or from
   * the API's own origin, else 403 `origin-not-allowed`. Default `false`.
   */
  readonly cookies?: boolean
  /** Allowed clock difference to the issuer, in milliseconds. Default 5000. */
  readonly clockSkewInMs?: number
  /** Whether to refuse pending sessions. Default `true`. */
  readonly treatPendingAsSignedOut?: boolean
  /** URL of the Backend API. Default `https://api.clerk.com`. Environment: `CLERK_API_URL`. */
  readonly apiUrl?: string
  /** Version of the Backend API. Default `v1`. Environment: `CLERK_API_VERSION`. */
  readonly apiVersion?: string
  /** When to refetch the key set. */
  readonly keys?: KeyPolicy
  /** Limits on calls to Clerk about opaque tokens, and how long its answers are cached. */
  readonly remote?: RemotePolicy
  /**
   * Shares Clerk's answers, its key set and revocations with other processes: `redisStore({ url })` of
   * `@clerk-auth/redis`, or another store by `sharedMemory()` of `@clerk-auth/core/shared`.
   */
  readonly shared?: SharedMemory
  /** How long revocations are kept. */
  readonly revocation?: RevocationPolicy
  /** Size limits of the cache of verified tokens. 0 disables it. */
  readonly cache?: CacheBounds
  /** Whether guards respond to refused requests, or pass the `AuthError` to the framework. Default `respond`. */
  readonly refusals?: 'respond' | 'throw'
  /** Builds the response body for a refused request. Status and challenge are unchanged. */
  readonly refusalBody?: (error: AuthError, request: unknown) => object
  /** Trusts a local Clerk instance in production, and allows `http:` to any host. Never use it in real production. */
  readonly insecureAllowLocalIssuer?: boolean
  /** The `realm` in challenges. Default `api`. */
  readonly realm?: string
  /** Called on each event, for logs and metrics: a function or a list of them. Errors they throw are ignored. */
  readonly onEvent?: EventListener | readonly EventListener[]
  /** The clock, in milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number
  /** Used for all requests. Default: the global `fetch`. */
  readonly fetch?: Fetch
}

export interface RevocationPolicy {
  /**
   * How long a revocation is kept if the expiry of the token is unknown, in milliseconds, at most 30 days. Tokens that
   * live longer are accepted again after that. Default 24 hours.
   */
  readonly keepForMs?: number
}

const isNonEmptyString = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''
const nonEmptyString = (value: unknown) => isNonEmptyString(value) || 'must be a non-empty string'
const someStrings = (value: unknown) =>
  (itemsOf(value).length > 0 && itemsOf(value).every(isNonEmptyString)) || 'must be a string or a list of strings'
const aFunction = (value: unknown) => typeof value === 'function' || 'must be a function'
const functions = (value: unknown) =>
  itemsOf(value).every((one) => typeof one === 'function') || 'must be a function or a list of functions'
const aBoolean = (value: unknown) => typeof value === 'boolean' || 'must be true or false'
const aNumber = (value: unknown) =>
  (Number.isSafeInteger(value) && (value as number) >= 0) || 'must be an integer, 0 or more'
const aNumberUpTo = (most: number) => (value: unknown) =>
  (aNumber(value) === true && (value as number) <= most) || `must be an integer from 0 to ${most}`
const aNumberOfEntries = aNumberUpTo(10_000_000)
// One hour. Timers longer than 24 days fire immediately.
const aTimeout = aNumberUpTo(3_600_000)
const anObject = (group: string, checks: FieldChecks) => {
  return (value: unknown) => {
    if (typeof value !== 'object' || value === null) return `must be an object, not ${describe(value)}`
    checkFields(`option in "${group}"`, value, checks)
    return true
  }
}

const OPTIONS = {
  publishableKey: (value) =>
    isNonEmptyString(value) && value.trim().startsWith('sk_')
      ? 'must not be a secret key: publishable keys start with "pk_"'
      : nonEmptyString(value),
  frontendApiUrl: nonEmptyString,
  secretKey: (value) =>
    (isNonEmptyString(value) &&
      value.trim().startsWith('pk_') &&
      'must not be a publishable key: secret keys start with "sk_"') ||
    (isNonEmptyString(value) && /^sk_(test|live)_[\x21-\x7e]+$/.test(value.trim())) ||
    'must start with "sk_test_" or "sk_live_"',
  machineSecretKey: (value) =>
    (isNonEmptyString(value) && /^ak_[\x21-\x7e]+$/.test(value.trim())) || 'must start with "ak_"',
  machineId: (value) =>
    value === 'any' ||
    (isNonEmptyString(value) && MACHINE_ID.test(value)) ||
    'must be a machine id such as "mch_…", or "any"',
  jwtKey: nonEmptyString,
  jwks: (value) =>
    (typeof value === 'object' && value !== null && Object.hasOwn(value, 'keys')) ||
    'must be a JWK Set: { keys: [...] }',
  issuer: someStrings,
  audience: someStrings,
  // `azp` is the origin of the page.
  authorizedParties: (value) => (someStrings(value) === true ? checkOrigins(itemsOf(value)) : someStrings(value)),
  missingAzp: (value) => value === 'reject' || value === 'allow' || 'must be "reject" or "allow"',
  acceptsToken: checkAcceptsToken,
  cookies: aBoolean,
  clockSkewInMs: aNumber,
  treatPendingAsSignedOut: aBoolean,
  apiUrl: nonEmptyString,
  apiVersion: (value) => (isNonEmptyString(value) && /^v\d+$/.test(value)) || 'must be a version such as "v1"',
  keys: anObject('keys', { freshInMs: aNumber, staleInMs: aNumber, unknownKidEveryMs: aNumber, timeoutInMs: aTimeout }),
  cache: anObject('cache', { maxEntries: aNumberOfEntries, maxBytes: aNumber }),
  remote: anObject('remote', {
    timeoutInMs: aTimeout,
    rememberInMs: aNumber,
    staleInMs: aNumberUpTo(3_600_000),
    maxInFlight: aNumber,
    callsPerSecond: aNumber,
    retries: aNumber,
  }),
  shared: (value) =>
    (typeof value === 'object' && value !== null && 'connect' in value) ||
    'must be a shared memory, such as redisStore() of @clerk-auth/redis',
  revocation: anObject('revocation', { keepForMs: aNumberUpTo(30 * 24 * 3_600_000) }),
  refusals: (value) => value === 'respond' || value === 'throw' || 'must be "respond" or "throw"',
  refusalBody: aFunction,
  insecureAllowLocalIssuer: aBoolean,
  realm: checkRealm,
  onEvent: functions,
  now: aFunction,
  fetch: aFunction,
} as const satisfies Record<keyof ClerkAuthOptions, (value: unknown) => true | string>

/**
 * Checks the names and values of options, but not whether they are sufficient.
 *
 * @throws {TypeError} naming the option
 */
export function checkOptions(options: ClerkAuthOptions): void {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`options must be an object, not ${describe(options)}`)
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(SDK_OPTIONS, name))
      throw new TypeError(
        `option "${name}" of Clerk's SDK does not exist here: ${SDK_OPTIONS[name as keyof typeof SDK_OPTIONS]}`,
      )
  }
  checkFields('option', options, OPTIONS)
}

/** What is wrong with the value of an option; `true` if nothing is. */
export function checkOption(name: keyof ClerkAuthOptions, value: unknown): true | string {
  return OPTIONS[name](value)
}
