import type { ClaimRules } from './claims.js'
import { checkFields, describe } from './declaration.js'
import type { AuthError } from './errors.js'
import type { ClerkAuthEvent } from './events.js'
import type { Eventually } from './eventually.js'
import type { Fetch } from './http.js'
import type { VerificationKey } from './jwk.js'
import { importKeySet, usableKeys, type KeySet } from './jwks.js'
import { readJwtKey } from './jwt-key.js'
import { isLocalIssuer, isLocalKid, isLoopback, warnOnce, type LocalIssuerPolicy } from './local-issuer.js'
import type { KeyPolicy } from './remote-keys.js'
import type { AcceptsToken } from './requirement.js'
import type { CacheBounds } from './verified-cache.js'

/** Any one of `publishableKey`, `frontendApiUrl`, `secretKey`, `jwtKey` and `jwks` is enough; all else has a default. */
export interface ClerkAuthOptions {
  /** `pk_…`. Names the issuer and its public key set. Environment: `CLERK_PUBLISHABLE_KEY`. */
  readonly publishableKey?: string
  /** The origin of the Frontend API, in place of the one that `publishableKey` names. Environment: `CLERK_FAPI`. */
  readonly frontendApiUrl?: string
  /** `sk_…`. Fetches the key set from the Backend API. Environment: `CLERK_SECRET_KEY`. */
  readonly secretKey?: string
  /** One public key: PEM or a JWK as JSON. The `kid` of a token is not compared. Environment: `CLERK_JWT_KEY`. */
  readonly jwtKey?: string
  /** A JWK Set (RFC 7517). */
  readonly jwks?: { readonly keys: readonly object[] }
  /** What `iss` must be, to the letter. Default: the origin of the Frontend API, where it is known. */
  readonly issuer?: string | readonly string[]
  /** When set, `aud` must name one of them. Environment: `CLERK_AUDIENCE`, separated by commas. */
  readonly audience?: string | readonly string[]
  /** When set, `azp` must be one of them. Environment: `CLERK_AUTHORIZED_PARTIES`, separated by commas. */
  readonly authorizedParties?: string | readonly string[]
  /** What becomes of a token without `azp` while `authorizedParties` is set. Default `reject`. */
  readonly missingAzp?: 'reject' | 'allow'
  /** The kinds of credential that are verified. Default, and the only one so far: `session_token`. */
  readonly acceptsToken?: AcceptsToken
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

export type Environment = Readonly<Record<string, string | undefined>>

/** Where the keys come from. */
export type KeyOrigin =
  | { readonly from: 'key'; readonly key: Eventually<VerificationKey> }
  | { readonly from: 'set'; readonly set: Eventually<KeySet> }
  | { readonly from: 'url'; readonly url: string; readonly headers: Readonly<Record<string, string>> }

/** The options, checked, with the environment and the defaults in them. */
export interface Settings {
  readonly keyOrigin: KeyOrigin
  readonly claimRules: ClaimRules
  readonly localIssuer: LocalIssuerPolicy
  readonly options: ClerkAuthOptions
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''
const aText = (value: unknown) => isText(value) || 'must be a text, and not empty'
const someTexts = (value: unknown) =>
  isText(value) ||
  (Array.isArray(value) && value.length > 0 && value.every(isText)) ||
  'must be a text or a list of texts'
const aFunction = (value: unknown) => typeof value === 'function' || 'must be a function'
const aBoolean = (value: unknown) => typeof value === 'boolean' || 'must be true or false'
const aNumber = (value: unknown) =>
  (Number.isSafeInteger(value) && (value as number) >= 0) || 'must be a whole number, 0 or more'
const numbers = (group: string, ...names: string[]) => {
  const checks = Object.fromEntries(names.map((name) => [name, aNumber]))
  return (value: unknown) => {
    if (typeof value !== 'object' || value === null) return `must be an object, not ${describe(value)}`
    checkFields(`option in "${group}"`, value, checks)
    return true
  }
}

const OPTIONS = {
  publishableKey: aText,
  frontendApiUrl: aText,
  secretKey: aText,
  jwtKey: aText,
  jwks: (value) => (typeof value === 'object' && value !== null) || 'must be a JWK Set: { keys: [...] }',
  issuer: someTexts,
  audience: someTexts,
  authorizedParties: someTexts,
  missingAzp: (value) => value === 'reject' || value === 'allow' || 'must be "reject" or "allow"',
  acceptsToken: (value) =>
    (Array.isArray(value) && value.length > 0 ? value : [value]).every((kind) => kind === 'session_token') ||
    'can only be "session_token" so far',
  clockSkewInMs: aNumber,
  treatPendingAsSignedOut: aBoolean,
  apiUrl: aText,
  apiVersion: (value) => (isText(value) && /^v\d+$/.test(value)) || 'must be like "v1"',
  keys: numbers('keys', 'freshInMs', 'staleInMs', 'unknownKidEveryMs', 'timeoutInMs'),
  cache: numbers('cache', 'maxEntries', 'maxBytes'),
  refusals: (value) => value === 'respond' || value === 'throw' || 'must be "respond" or "throw"',
  refusalBody: aFunction,
  insecureAllowLocalIssuer: aBoolean,
  // What RFC 9110 section 5.6.4 lets stand in a quoted string without a backslash.
  realm: (value) => (isText(value) && /^[ !\x23-\x5b\x5d-\x7e]+$/.test(value)) || 'must be ASCII without quotes',
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
  checkFields('option', options, OPTIONS)
}

/**
 * Checks options at start, and adds what the environment says. A value in code replaces the variable of that option only.
 *
 * @throws {TypeError} that names the option
 */
export function readOptions(options: ClerkAuthOptions, environment: Environment): Settings {
  checkOptions(options)
  const given = withEnvironment(options, environment)
  const insecure = options.insecureAllowLocalIssuer ?? false
  const frontendApi = frontendApiOf(given, insecure)
  const settings: Settings = {
    keyOrigin: keyOriginOf(given, frontendApi, insecure),
    claimRules: claimRulesOf(given, frontendApi),
    localIssuer: insecure ? 'allow' : environment['NODE_ENV'] === 'production' ? 'refuse' : 'warn',
    options: given,
  }
  checkLocalConfiguration(settings)
  if (!settings.claimRules.issuers) warnOfProxy(environment)
  return settings
}

function withEnvironment(options: ClerkAuthOptions, environment: Environment): ClerkAuthOptions {
  const variables = {
    publishableKey: variable(environment, 'CLERK_PUBLISHABLE_KEY'),
    frontendApiUrl: variable(environment, 'CLERK_FAPI'),
    secretKey: variable(environment, 'CLERK_SECRET_KEY'),
    jwtKey: variable(environment, 'CLERK_JWT_KEY'),
    audience: variable(environment, 'CLERK_AUDIENCE')
      ?.split(',')
      .map((one) => one.trim()),
    authorizedParties: variable(environment, 'CLERK_AUTHORIZED_PARTIES')
      ?.split(',')
      .map((one) => one.trim()),
    apiUrl: variable(environment, 'CLERK_API_URL'),
    apiVersion: variable(environment, 'CLERK_API_VERSION'),
  }
  const left = ([name, value]: [string, unknown]) =>
    value !== undefined && options[name as keyof ClerkAuthOptions] === undefined
  const fromEnvironment = Object.fromEntries(Object.entries(variables).filter(left))
  checkOptions(fromEnvironment)
  return { ...options, ...fromEnvironment }
}

function variable(environment: Environment, name: string): string | undefined {
  return environment[name]?.trim() || undefined
}

/** The origin of the Frontend API, which is also the issuer. */
function frontendApiOf({ frontendApiUrl, publishableKey }: ClerkAuthOptions, insecure: boolean): string | undefined {
  if (frontendApiUrl !== undefined) return originOf('frontendApiUrl', frontendApiUrl, insecure)
  if (publishableKey === undefined) return undefined
  const host = hostOfPublishableKey(publishableKey)
  return originOf('publishableKey', isLoopback(host.replace(/:\d+$/, '')) ? `http://${host}` : host, insecure)
}

function originOf(option: string, value: string, insecure: boolean): string {
  const text = /^[a-z]+:\/\//i.test(value) ? value : `https://${value}`
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || url.username || url.password || url.pathname !== '/' || url.search || url.hash)
    throw new TypeError(`option "${option}" does not name an origin such as "https://clerk.example.com"`)
  checkProtocol(option, url, insecure)
  return url.origin
}

/** `pk_test_` or `pk_live_`, then the host of the Frontend API and a `$`, in base64. */
function hostOfPublishableKey(publishableKey: string): string {
  const encoded = /^pk_(?:test|live)_([A-Za-z0-9+/]+={0,2})$/.exec(publishableKey.trim())?.[1]
  const decoded = encoded === undefined ? '' : decodeBase64(encoded)
  const host = /^([A-Za-z0-9.-]+(?::\d{1,5})?)\$$/.exec(decoded)?.[1]
  if (!host)
    throw new TypeError('option "publishableKey" is not valid: copy it from the API keys page of the dashboard')
  return host
}

function decodeBase64(text: string): string {
  try {
    return atob(text)
  } catch {
    return ''
  }
}

function checkProtocol(option: string, url: URL, insecure: boolean): void {
  if (url.protocol === 'https:') return
  if (url.protocol === 'http:' && (insecure || isLoopback(url.hostname))) return
  throw new TypeError(`option "${option}" must be an https: URL; http: is for loopback hosts only`)
}

function keyOriginOf(options: ClerkAuthOptions, frontendApi: string | undefined, insecure: boolean): KeyOrigin {
  const { jwtKey, jwks, secretKey } = options
  if (jwtKey !== undefined) return { from: 'key', key: readJwtKey(jwtKey) }
  if (jwks !== undefined) return { from: 'set', set: readKeySet(jwks) }
  if (frontendApi !== undefined) return { from: 'url', url: `${frontendApi}/.well-known/jwks.json`, headers: {} }
  if (secretKey === undefined)
    throw new TypeError(
      'no key source: set CLERK_PUBLISHABLE_KEY, CLERK_SECRET_KEY or CLERK_JWT_KEY, ' +
        'or one of the options "publishableKey", "frontendApiUrl", "secretKey", "jwtKey" and "jwks"',
    )

  if (!/^sk_(test|live)_[\x21-\x7e]+$/.test(secretKey.trim()))
    throw new TypeError('option "secretKey" is not valid: it begins with "sk_test_" or "sk_live_"')
  const { apiUrl = 'https://api.clerk.com', apiVersion = 'v1' } = options
  const url = URL.canParse(apiUrl) ? new URL(apiUrl) : undefined
  if (!url || url.username || url.password || url.search || url.hash)
    throw new TypeError('option "apiUrl" is not a URL such as "https://api.clerk.com"')
  checkProtocol('apiUrl', url, insecure)
  return {
    from: 'url',
    url: `${apiUrl.replace(/\/+$/, '')}/${apiVersion}/jwks`,
    headers: { Authorization: `Bearer ${secretKey.trim()}` },
  }
}

function readKeySet(jwks: unknown): Eventually<KeySet> {
  const set = importKeySet(jwks)
  return set instanceof Promise ? set.then(usable) : usable(set)
}

function usable(set: KeySet | string): KeySet {
  if (typeof set !== 'string' && usableKeys(set) > 0) return set
  throw new TypeError('option "jwks" holds no key that can verify: each needs a "kid", and RSA, EC or Ed25519 members')
}

function claimRulesOf(options: ClerkAuthOptions, frontendApi: string | undefined): ClaimRules {
  const { issuer = frontendApi, audience, authorizedParties, missingAzp, clockSkewInMs = 5000 } = options
  if (missingAzp && !authorizedParties)
    throw new TypeError('option "missingAzp" has no meaning without "authorizedParties"')
  return {
    ...(issuer !== undefined && { issuers: listOf(issuer) }),
    ...(audience !== undefined && { audiences: listOf(audience) }),
    ...(authorizedParties !== undefined && { authorizedParties: listOf(authorizedParties) }),
    missingAzp: missingAzp ?? 'reject',
    clockSkewInMs,
  }
}

function checkLocalConfiguration({ keyOrigin, claimRules, localIssuer, options }: Settings): void {
  if (localIssuer === 'allow') return
  const keys: readonly ({ readonly kid?: unknown } | null)[] = options.jwks?.keys ?? []
  const isLocal =
    (claimRules.issuers ?? []).some(isLocalIssuer) ||
    (keyOrigin.from === 'url' && isLocalIssuer(keyOrigin.url)) ||
    (keyOrigin.from === 'set' && keys.some((jwk) => typeof jwk?.kid === 'string' && isLocalKid(jwk.kid)))
  if (!isLocal) return
  if (localIssuer === 'warn') return warnOnce()
  throw new TypeError(
    'the keys or the issuer are those of a local Clerk instance, which is not trusted with NODE_ENV=production; ' +
      'the option "insecureAllowLocalIssuer" lifts that',
  )
}

let warnedOfProxy = false

function warnOfProxy(environment: Environment): void {
  const name = ['CLERK_PROXY_URL', 'CLERK_DOMAIN'].find((one) => variable(environment, one))
  if (!name || warnedOfProxy) return
  warnedOfProxy = true
  const message = `${name} is not read. Where tokens have an issuer of its own, set the option "issuer".`
  const { process } = globalThis as { process?: { emitWarning?: (message: string, options: object) => void } }
  process?.emitWarning?.(message, { type: 'ClerkAuthWarning', code: 'CLERK_AUTH_PROXY' })
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value
}
