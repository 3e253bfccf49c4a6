import { jsonAnswer } from '../api/answer.js'
import { control, readControlBody } from './control.js'
import type { Endpoint } from '../api/endpoint.js'
import { A_STRING, checkInput } from '../support/input.js'
import type { LocalSettings } from '../instance/settings.js'
import type { OpaqueToken } from '../model/token.js'
import { isExpired } from '../tokens/opaque-token.js'

export const DESCRIBE_PATH = '/_local/tokens/describe'

/** The instance's answer to an API that verifies an opaque token. */
export type Verdict = 'stands' | 'not-found' | 'revoked' | 'expired'

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

/** Describes opaque tokens without counting as a call. */
export function describeToken(descriptionOf: (token: string) => TokenDescription): Endpoint {
  return control('POST', DESCRIBE_PATH, async (request) => {
    const input = (await readControlBody(request)) as { readonly token?: string }
    checkInput('describing', input, { token: A_STRING })
    if (input.token === undefined) throw new TypeError('describing requires a "token"')
    return jsonAnswer(descriptionOf(input.token))
  })
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
  const state: Verdict = token.revoked ? 'revoked' : isExpired(token, now) ? 'expired' : 'stands'
  return {
    known: true,
    verdict: state !== 'stands' && settings.invalidOpaqueTokens === '404' ? 'not-found' : state,
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
