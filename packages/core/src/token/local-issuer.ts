import { AuthError } from '../auth/errors.js'
import { warnOnce } from '../support/warning.js'

/**
 * A local Clerk instance signs tokens for anyone, so it must not be trusted in production. It is recognized by an
 * issuer on a loopback host, or by a key id with this prefix, which real instances never use.
 */
const LOCAL_KID = 'ins_local'

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)
}

// Tokens usually have the same issuer, and parsing a URL takes longer than all other claim checks.
let latest: { readonly issuer: string; readonly isLocal: boolean } | undefined

export function isLocalIssuer(issuer: string): boolean {
  if (latest?.issuer !== issuer)
    latest = { issuer, isLocal: URL.canParse(issuer) && isLoopback(new URL(issuer).hostname) }
  return latest.isLocal
}

export function isLocalKid(kid: string | undefined): boolean {
  return kid?.startsWith(LOCAL_KID) ?? false
}

/** A local instance marks its responses, so that it is recognized under any host name, such as through a tunnel. */
export function isLocalAnswer(headers: Headers): boolean {
  return headers.has('clerk-auth-local')
}

/** How to treat tokens of a local instance. */
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
      message: 'the token was issued by a local instance, which is not trusted in production',
    })
  warnOfLocalIssuer()
}

/** Warns once per process, however many instances accept local tokens. */
export function warnOfLocalIssuer(): void {
  warnOnce(
    'CLERK_AUTH_LOCAL_ISSUER',
    'Tokens of a local Clerk instance are accepted. It signs tokens for anyone: never use it in production.',
  )
}
