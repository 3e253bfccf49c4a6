import type { LocalSettings } from '../model/settings.js'
import type { OpaqueToken } from '../model/token.js'
import { isExpired } from './opaque-token.js'

/** The instance's answer to an API that verifies an opaque token. */
export type Verdict = 'active' | 'not-found' | 'revoked' | 'expired'

/** What the instance knows about an opaque token. Times are milliseconds since the epoch, by its clock. */
export type TokenDescription =
  | { readonly known: false }
  | {
      readonly known: true
      readonly verdict: Verdict
      readonly now: number
      readonly id: string
      readonly subject: string
      readonly scopes: readonly string[]
      readonly claims: unknown
      readonly audience: readonly string[] | null
      readonly createdAt: number
      readonly expiresAt: number | null
      readonly revoked: boolean
      readonly revocationReason: string | null
    }

/** Returns a function that describes an opaque token, known or not. */
export function createDescription(
  find: (token: string) => OpaqueToken | undefined,
  now: () => number,
  settings: Required<LocalSettings>,
): (token: string) => TokenDescription {
  return (token) => {
    const found = find(token)
    return found ? describe(found, now(), settings) : { known: false }
  }
}

function describe(token: OpaqueToken, now: number, settings: Required<LocalSettings>): TokenDescription {
  const state: Verdict = token.revoked ? 'revoked' : isExpired(token, now) ? 'expired' : 'active'
  return {
    known: true,
    verdict: state !== 'active' && settings.invalidOpaqueTokens === '404' ? 'not-found' : state,
    now,
    id: token.id,
    subject: token.subject,
    scopes: token.scopes,
    claims: 'claims' in token ? token.claims : null,
    audience: 'audience' in token ? (token.audience ?? null) : null,
    createdAt: token.created_at,
    expiresAt: token.expiration,
    revoked: token.revoked,
    revocationReason: token.revocation_reason,
  }
}
