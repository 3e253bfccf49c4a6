import { checkRealm } from '../guard/challenge.js'
import { checkFields, describe, itemsOf, type FieldChecks } from '../support/declaration.js'
import type { AuthError } from '../auth/errors.js'
import type { ClerkAuthEvent } from '../auth/events.js'
import type { Fetch } from '../support/http.js'
import type { KeyPolicy } from '../keys/remote-keys.js'
import { MACHINE_ID } from '../kinds/m2m.js'
import { checkAcceptsToken, type AcceptsToken } from '../kinds/accepts-token.js'
import { SDK_OPTIONS } from './sdk-options.js'
import type { CacheBounds } from '../token/verified-cache.js'
import type { RemotePolicy } from '../introspection/verify-opaque.js'

/** Any one of `publishableKey`, `frontendApiUrl`, `secretKey`, `jwtKey` and `jwks` is enough; all else has a default. */
export interface ClerkAuthOptions {
  /** `pk_…`. Names the issuer and its public key set. Environment: `CLERK_PUBLISHABLE_KEY`. */
  readonly publishableKey?: string
  /** The origin of the Frontend API, in place of the one that `publishableKey` names. Environment: `CLERK_FAPI`. */
  readonly frontendApiUrl?: string
  /** `sk_…`. Fetches the key set from the Backend API. Environment: `CLERK_SECRET_KEY`. */
  readonly secretKey?: string
  /** `ak_…` of this service's machine. Verifies opaque M2M tokens. Environment: `CLERK_MACHINE_SECRET_KEY`. */
  readonly machineSecretKey?: string
  /**
   * `mch_…` of this service's machine: an M2M token must be meant for it. M2M tokens in JWT form need it; `any` says in
   * writing that every machine of the instance may call. Environment: `CLERK_MACHINE_ID`.
   */
  readonly machineId?: string
  /** One public key: PEM or a JWK as JSON. The `kid` of a token is not compared. Environment: `CLERK_JWT_KEY`. */
  readonly jwtKey?: string
  /** A JWK Set (RFC 7517). */
  readonly jwks?: { readonly keys: readonly object[] }
  /** What `iss` must be, to the letter. Default: the origin of the Frontend API, where it is known. */
  readonly issuer?: string | readonly string[]
  /** When set, `aud` must name one of them. Environment: `CLERK_AUDIENCE`, separated by commas. */
  readonly audience?: string | readonly string[]
  /**
   * When set, `azp` must be one of them: origins exactly as browsers send them, such as `https://app.example.com`.
   * Environment: `CLERK_AUTHORIZED_PARTIES`, separated by commas.
   */
  readonly authorizedParties?: string | readonly string[]
  /** What becomes of a token without `azp` while `authorizedParties` is set. Default `reject`. */
  readonly missingAzp?: 'reject' | 'allow'
  /**
   * The kinds of credential that the middleware verifies by itself. Default `session_token`. A guard verifies what it
   * accepts beyond that, so that public routes never cause a call to Clerk.
   */
  readonly acceptsToken?: AcceptsToken
  /**
   * `true`: where the `Authorization` header holds no token, the session token is read from the `__session` cookie. It
   * needs `authorizedParties`: a request that does more than read must come from one of them, or from the API's own
   * origin. Else 403 `origin-not-allowed`. Default `false`.
   */
  readonly cookies?: boolean
  /** Milliseconds by which the issuer's clock may differ. Default 5000. */
  readonly clockSkewInMs?: number
  /** Whether a pending session is refused. Default `true`. */
  readonly treatPendingAsSignedOut?: boolean
  /** The Backend API. Default `https://api.clerk.com`. Environment: `CLERK_API_URL`. */
  readonly apiUrl?: string
  /** Default `v1`. Environment: `CLERK_API_VERSION`. */
  readonly apiVersion?: string
  /** When the key set is fetched again. */
  readonly keys?: KeyPolicy
  /** When Clerk is asked about opaque tokens, and for how long its word counts. */
  readonly remote?: RemotePolicy
  /** The bounds of the cache of verified tokens. 0 turns it off. */
  readonly cache?: CacheBounds
  /** Whether a guard answers a refusal itself, or throws the `AuthError` to the framework. Default `respond`. */
  readonly refusals?: 'respond' | 'throw'
  /** Makes the body of a refusal. The status and the challenge stay. */
  readonly refusalBody?: (error: AuthError, request: unknown) => object
  /** Trusts a local Clerk instance in production too, and `http:` to any host. Never in a real production. */
  readonly insecureAllowLocalIssuer?: boolean
  /** The realm of challenges. Default `api`. */
  readonly realm?: string
  /** Is told what happens. What it throws is dropped. */
  readonly onEvent?: (event: ClerkAuthEvent) => void
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number
  /** The network. Default: the global `fetch`. */
  readonly fetch?: Fetch
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''
const aText = (value: unknown) => isText(value) || 'must be a text, and not empty'
const someTexts = (value: unknown) =>
  (itemsOf(value).length > 0 && itemsOf(value).every(isText)) || 'must be a text or a list of texts'
const aFunction = (value: unknown) => typeof value === 'function' || 'must be a function'
const aBoolean = (value: unknown) => typeof value === 'boolean' || 'must be true or false'
const aNumber = (value: unknown) =>
  (Number.isSafeInteger(value) && (value as number) >= 0) || 'must be a whole number, 0 or more'
const aNumberUpTo = (most: number) => (value: unknown) =>
  (aNumber(value) === true && (value as number) <= most) || `must be a whole number from 0 to ${most}`
// Room for them is made at start.
const aNumberOfEntries = aNumberUpTo(10_000_000)
// An hour. A timer that is asked to wait for longer than 24 days does not wait at all.
const aTimeout = aNumberUpTo(3_600_000)
const numbers = (group: string, checks: FieldChecks) => {
  return (value: unknown) => {
    if (typeof value !== 'object' || value === null) return `must be an object, not ${describe(value)}`
    checkFields(`option in "${group}"`, value, checks)
    return true
  }
}

/** `azp` is the origin of the page, as its browser writes it (RFC 6454 section 6.2): anything else would match no token. */
function checkParties(parties: readonly string[]): true | string {
  if (parties.includes('null')) return 'must not hold "null": it is the origin of every sandboxed page'
  if (parties.every(isOrigin)) return true
  return 'must be origins as a browser sends them, such as "https://app.example.com", without the slash'
}

function isOrigin(party: string): boolean {
  // Not `URL.origin` alone: that of "chrome-extension://id" and of an app's own scheme is "null".
  if (!/^https?:/i.test(party)) return /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@*]+$/.test(party)
  return !party.includes('*') && URL.canParse(party) && new URL(party).origin === party
}

const OPTIONS = {
  publishableKey: (value) =>
    isText(value) && value.trim().startsWith('sk_')
      ? 'must not be a secret key: "pk_…" is the publishable one'
      : aText(value),
  frontendApiUrl: aText,
  secretKey: (value) =>
    (isText(value) && value.trim().startsWith('pk_') && 'must not be a publishable key: "sk_…" is the secret one') ||
    (isText(value) && /^sk_(test|live)_[\x21-\x7e]+$/.test(value.trim())) ||
    'must begin with "sk_test_" or "sk_live_"',
  machineSecretKey: (value) => (isText(value) && /^ak_[\x21-\x7e]+$/.test(value.trim())) || 'must begin with "ak_"',
  machineId: (value) =>
    value === 'any' || (isText(value) && MACHINE_ID.test(value)) || 'must be like "mch_…", or "any"',
  jwtKey: aText,
  jwks: (value) =>
    (typeof value === 'object' && value !== null && Object.hasOwn(value, 'keys')) ||
    'must be a JWK Set: { keys: [...] }',
  issuer: someTexts,
  audience: someTexts,
  authorizedParties: (value) =>
    someTexts(value) === true ? checkParties(itemsOf(value) as string[]) : someTexts(value),
  missingAzp: (value) => value === 'reject' || value === 'allow' || 'must be "reject" or "allow"',
  acceptsToken: checkAcceptsToken,
  cookies: aBoolean,
  clockSkewInMs: aNumber,
  treatPendingAsSignedOut: aBoolean,
  apiUrl: aText,
  apiVersion: (value) => (isText(value) && /^v\d+$/.test(value)) || 'must be like "v1"',
  keys: numbers('keys', { freshInMs: aNumber, staleInMs: aNumber, unknownKidEveryMs: aNumber, timeoutInMs: aTimeout }),
  cache: numbers('cache', { maxEntries: aNumberOfEntries, maxBytes: aNumber }),
  remote: numbers('remote', {
    timeoutInMs: aTimeout,
    rememberInMs: aNumber,
    maxInFlight: aNumber,
    callsPerSecond: aNumber,
    retries: aNumber,
  }),
  refusals: (value) => value === 'respond' || value === 'throw' || 'must be "respond" or "throw"',
  refusalBody: aFunction,
  insecureAllowLocalIssuer: aBoolean,
  realm: checkRealm,
  onEvent: aFunction,
  now: aFunction,
  fetch: aFunction,
} as const satisfies Record<keyof ClerkAuthOptions, (value: unknown) => true | string>

/**
 * Checks the names and the values of options, but not whether they are enough.
 *
 * @throws {TypeError} that names the option
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
