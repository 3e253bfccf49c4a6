import { jsonAnswer } from '../api/answer.js'
import { control, readControlBody } from './control.js'
import type { Endpoint } from '../api/endpoint.js'
import { A_STRING, checkInput } from '../support/input.js'
import type { LocalSettings } from '../instance/settings.js'
import { isExpired, type StoredToken } from '../tokens/token-store.js'

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

interface DescribedToken extends StoredToken {
  readonly scopes: readonly string[]
  readonly claims?: unknown
  readonly audience?: readonly string[] | undefined
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
  find: (token: string) => DescribedToken | undefined,
  now: () => number,
  settings: Required<LocalSettings>,
): (token: string) => TokenDescription {
  return (token) => {
    const found = find(token)
    return found ? describe(found, now(), settings) : { known: false }
  }
}

function describe(token: DescribedToken, now: number, settings: Required<LocalSettings>): TokenDescription {
  const {
    id,
    subject,
    scopes,
    claims = null,
    audience = null,
    createdAt,
    expiration,
    revoked,
    revocationReason,
  } = token
  const state: Verdict = revoked ? 'revoked' : isExpired(token, now) ? 'expired' : 'stands'
  return {
    known: true,
    verdict: state !== 'stands' && settings.invalidOpaqueTokens === '404' ? 'not-found' : state,
    now,
    id,
    subject,
    scopes,
    claims,
    audience,
    createdAt,
    expiresAt: expiration,
    revoked,
    revocationReason,
  }
}
