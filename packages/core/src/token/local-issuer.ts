import { AuthError } from '../auth/errors.js'
import { warnOnce } from '../support/warning.js'

/**
 * A local Clerk instance signs real tokens for whoever asks, so its word must not count in production. It is known by
 * an issuer on a loopback host, or by a key id that begins like this one, which no real instance has.
 */
const LOCAL_KID = 'ins_local'

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)
}

// Token after token has the same issuer, and to parse a URL takes longer than all other checks of claims.
let latest: { readonly issuer: string; readonly isLocal: boolean } | undefined

export function isLocalIssuer(issuer: string): boolean {
  if (latest?.issuer !== issuer)
    latest = { issuer, isLocal: URL.canParse(issuer) && isLoopback(new URL(issuer).hostname) }
  return latest.isLocal
}

export function isLocalKid(kid: string | undefined): boolean {
  return kid?.startsWith(LOCAL_KID) ?? false
}

/** A local instance marks its answers, so that it is known by whatever name it is reached, through a tunnel for one. */
export function isLocalAnswer(headers: Headers): boolean {
  return headers.has('clerk-auth-local')
}

/** What to do about a token of a local instance. */
export type LocalIssuerPolicy = 'refuse' | 'warn' | 'allow'

/**
 * Applies the policy to a token whose signature has already been verified.
 *
 * @throws {AuthError} `token-invalid-issuer`
 */
export function checkLocalIssuer(policy: LocalIssuerPolicy, kid: string | undefined, issuer: string): void {
  if (policy === 'allow' || (!isLocalKid(kid) && !isLocalIssuer(issuer))) return
  if (policy === 'refuse')
    throw new AuthError('token-invalid-issuer', {
      message: 'the token comes from a local instance, which is not trusted in production',
    })
  warnOfLocalIssuer()
}

/** Once per process, however many instances accept local tokens. */
export function warnOfLocalIssuer(): void {
  warnOnce(
    'CLERK_AUTH_LOCAL_ISSUER',
    'Tokens of a local Clerk instance are accepted. It signs for everybody: never let it near production.',
  )
}
