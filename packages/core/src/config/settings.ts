import type { ClaimRules } from '../token/claims.js'
import { listOf, ownCopy } from '../support/declaration.js'
import { variable, VARIABLES, withEnvironment, type Environment } from './environment.js'
import type { TokenType } from '../auth/errors.js'
import type { MaybePromise } from '../support/maybe-promise.js'
import type { VerificationKey } from '../keys/jwk.js'
import { importKeySet, usableKeys, type KeySet } from '../keys/jwks.js'
import { readJwtKey } from '../keys/jwt-key.js'
import { isLocalIssuer, isLocalKid, warnOfLocalIssuer, type LocalIssuerPolicy } from '../token/local-issuer.js'
import { kindOf, OPAQUE_TOKEN_TYPES, type OpaqueTokenType } from '../kinds/kinds.js'
import { checkOptions, type ClerkAuthOptions } from './options.js'
import { backendApiOf, frontendApiOf } from './origins.js'
import { tokenTypesOf } from '../kinds/accepts-token.js'
import { sessionCookieNames } from '../request/session-cookie.js'
import type { CookieRules } from '../request/token-reader.js'
import { warnOnce } from '../support/warning.js'

/** Where the keys come from. With `none`, JWTs cannot be verified. */
export type KeyOrigin =
  | { readonly from: 'none' }
  | { readonly from: 'key'; readonly key: MaybePromise<VerificationKey> }
  | { readonly from: 'set'; readonly set: MaybePromise<KeySet> }
  | { readonly from: 'url'; readonly url: string; readonly headers: Readonly<Record<string, string>> }

/** The checked options, merged with the environment and the defaults. */
export interface Settings {
  readonly keyOrigin: KeyOrigin
  readonly claimRules: ClaimRules
  /** `undefined`: cookies are not read. */
  readonly cookies: CookieRules | undefined
  readonly localIssuer: LocalIssuerPolicy
  /** The Backend API. */
  readonly apiUrl: string
  /** The secrets used to ask Clerk about opaque tokens, by kind. Kinds without a secret cannot be verified. */
  readonly secrets: Partial<Record<OpaqueTokenType, string>>
  /** The kinds that the middleware verifies. */
  readonly accepted: ReadonlySet<TokenType>
  readonly options: ClerkAuthOptions
}

/**
 * Checks the options at start and merges in the environment.
 *
 * @throws {TypeError} naming the option
 */
export function readOptions(declared: ClerkAuthOptions, environment: Environment): Settings {
  checkOptions(declared)
  const options = ownCopy(declared)
  const given = withEnvironment(options, environment)
  checkSameStage(given)
  const insecure = options.insecureAllowLocalIssuer ?? false
  const frontendApi = frontendApiOf(given, insecure)
  const apiUrl = backendApiOf(given, insecure)
  const keyOrigin = keyOriginOf(given, frontendApi, apiUrl)
  const settings: Settings = {
    keyOrigin,
    claimRules: claimRulesOf(given, frontendApi),
    cookies: cookieRulesOf(given),
    localIssuer: insecure ? 'allow' : isProduction(environment) ? 'refuse' : 'warn',
    apiUrl,
    secrets: secretsOf(given),
    // If sessions cannot be verified, they are not expected unless a guard names them.
    accepted: new Set(tokenTypesOf(given.acceptsToken ?? (keyOrigin.from === 'none' ? [] : undefined))),
    options: given,
  }
  if (options.acceptsToken !== undefined) checkVerifiable(settings)
  checkLocalConfiguration(settings)
  if (!settings.claimRules.issuers) warnOfProxy(environment)
  return settings
}

/** With keys of two instances, tokens of one would be looked up at the other. */
function checkSameStage({ publishableKey, secretKey }: ClerkAuthOptions): void {
  const [publishable, secret] = [publishableKey, secretKey].map(
    (key) => /^[ps]k_(test|live)_/.exec(key?.trim() ?? '')?.[1],
  )
  if (publishable && secret && publishable !== secret)
    throw new TypeError(
      `option "publishableKey" is a ${publishable} key and "secretKey" is a ${secret} key: use keys of the same instance`,
    )
}

/** Any other name counts as production, so that "prod" or "staging" does not trust a local instance. */
function isProduction(environment: Environment): boolean {
  return !['development', 'test'].includes(variable(environment, 'NODE_ENV') ?? 'development')
}

function keyOriginOf(options: ClerkAuthOptions, frontendApi: string | undefined, apiUrl: string): KeyOrigin {
  const { jwtKey, jwks, secretKey, machineSecretKey, apiVersion = 'v1' } = options
  if (jwtKey !== undefined) return { from: 'key', key: readJwtKey(jwtKey) }
  if (jwks !== undefined) return { from: 'set', set: readKeySet(jwks) }
  if (frontendApi !== undefined) return { from: 'url', url: `${frontendApi}/.well-known/jwks.json`, headers: {} }
  if (secretKey !== undefined)
    return {
      from: 'url',
      url: `${apiUrl}/${apiVersion}/jwks`,
      headers: { Authorization: `Bearer ${secretKey.trim()}` },
    }
  // Opaque M2M tokens need no key.
  if (machineSecretKey !== undefined) return { from: 'none' }
  throw new TypeError(
    'no key source: set CLERK_PUBLISHABLE_KEY, CLERK_SECRET_KEY or CLERK_JWT_KEY, ' +
      'or one of the options "publishableKey", "frontendApiUrl", "secretKey", "jwtKey" and "jwks"; ' +
      'for opaque M2M tokens alone, CLERK_MACHINE_SECRET_KEY is enough',
  )
}

/** The first secret that is set, for each kind. */
function secretsOf(options: ClerkAuthOptions): Settings['secrets'] {
  const secrets: Partial<Record<OpaqueTokenType, string>> = {}
  for (const tokenType of OPAQUE_TOKEN_TYPES) {
    const option = kindOf(tokenType).opaque?.secrets.find((name) => options[name] !== undefined)
    if (option) secrets[tokenType] = options[option]!.trim()
  }
  return secrets
}

/** A kind that the options name but cannot verify is an error at start, not a 503 later. */
function checkVerifiable(settings: Settings): void {
  for (const kind of settings.accepted) {
    const missing = missingVariable(settings, kind)
    if (missing) throw new TypeError(`option "acceptsToken" names "${kind}", which needs ${missing}`)
  }
}

/**
 * The environment variable required to verify a kind of token: in this form, or in any form if `form` is omitted.
 *
 * @returns `undefined` if nothing is missing
 */
export function missingVariable(
  { keyOrigin, options }: Pick<Settings, 'keyOrigin' | 'options'>,
  tokenType: TokenType,
  form?: 'jwt' | 'opaque',
): string | undefined {
  const { jwt, opaque } = kindOf(tokenType)
  const missing: { form: 'jwt' | 'opaque'; variable: string | undefined }[] = []
  if (opaque && form !== 'jwt') {
    const [secret] = opaque.secrets
    const hasSecret = opaque.secrets.some((option) => options[option] !== undefined)
    missing.push({ form: 'opaque', variable: hasSecret ? undefined : VARIABLES[secret!] })
  }
  if (jwt && form !== 'opaque') {
    const keys = keyOrigin.from === 'none' ? [VARIABLES.publishableKey] : []
    const more = jwt.needs && options[jwt.needs] === undefined ? [VARIABLES[jwt.needs]] : []
    missing.push({ form: 'jwt', variable: [...keys, ...more].join(' and ') || undefined })
  }
  if (missing.some(({ variable }) => variable === undefined)) return undefined
  return missing
    .map(
      ({ form, variable }, i) => `${i > 0 ? `or for tokens in ${form === 'jwt' ? 'JWT' : form} form ` : ''}${variable}`,
    )
    .join(', ')
}

function readKeySet(jwks: unknown): MaybePromise<KeySet> {
  const set = importKeySet(jwks)
  return set instanceof Promise ? set.then(usable) : usable(set)
}

function usable(set: KeySet | string): KeySet {
  if (typeof set !== 'string' && usableKeys(set) > 0) return set
  throw new TypeError('option "jwks" has no usable key: each needs a "kid" and RSA, EC or Ed25519 members')
}

function claimRulesOf(options: ClerkAuthOptions, frontendApi: string | undefined): ClaimRules {
  const { issuer = frontendApi, audience, authorizedParties, missingAzp, clockSkewInMs = 5000 } = options
  if (missingAzp && !authorizedParties) throw new TypeError('option "missingAzp" requires "authorizedParties"')
  return {
    ...(issuer !== undefined && { issuers: listOf(issuer) }),
    ...(audience !== undefined && { audiences: listOf(audience) }),
    ...(authorizedParties !== undefined && { authorizedParties: listOf(authorizedParties) }),
    missingAzp: missingAzp ?? 'reject',
    clockSkewInMs,
  }
}

/** Browsers attach cookies to requests from any site, so the allowed sites must be listed. */
function cookieRulesOf({ cookies, authorizedParties, missingAzp, publishableKey }: ClerkAuthOptions) {
  if (!cookies) return undefined
  if (authorizedParties === undefined)
    throw new TypeError(
      'option "cookies" requires "authorizedParties": the origins of the sites that may use the cookie',
    )
  if (missingAzp === 'allow') throw new TypeError('option "cookies" requires "missingAzp" to be "reject"')
  return { names: sessionCookieNames(publishableKey), origins: listOf(authorizedParties) }
}

function checkLocalConfiguration({ keyOrigin, claimRules, localIssuer, apiUrl, secrets, options }: Settings): void {
  if (localIssuer === 'allow') return
  const keys: readonly ({ readonly kid?: unknown } | null)[] = options.jwks?.keys ?? []
  const isLocal =
    (claimRules.issuers ?? []).some(isLocalIssuer) ||
    (keyOrigin.from === 'url' && isLocalIssuer(keyOrigin.url)) ||
    (secrets.m2m_token !== undefined && isLocalIssuer(apiUrl)) ||
    (keyOrigin.from === 'set' && keys.some((jwk) => typeof jwk?.kid === 'string' && isLocalKid(jwk.kid)))
  if (!isLocal) return
  if (localIssuer === 'warn') return warnOfLocalIssuer()
  throw new TypeError(
    'the keys or the issuer belong to a local Clerk instance, which is trusted only if NODE_ENV is unset, ' +
      '"development" or "test"; the option "insecureAllowLocalIssuer" overrides this',
  )
}

function warnOfProxy(environment: Environment): void {
  const name = ['CLERK_PROXY_URL', 'CLERK_DOMAIN'].find((one) => variable(environment, one))
  if (name)
    warnOnce('CLERK_AUTH_PROXY', `${name} is ignored. If your tokens have a different issuer, set the option "issuer".`)
}
