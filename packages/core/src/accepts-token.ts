import type { AcceptedTokenType } from './auth.js'

/** One kind, several, or `any` of them. */
export type AcceptsToken = AcceptedTokenType | readonly AcceptedTokenType[] | 'any'

/** `any` leaves out the kind that is only for who knows what they do. */
export function tokenTypesOf(acceptsToken: AcceptsToken = 'session_token'): readonly AcceptedTokenType[] {
  return acceptsToken === 'any' ? TOKEN_TYPES : typeof acceptsToken === 'string' ? [acceptsToken] : acceptsToken
}

const TOKEN_TYPES = ['session_token', 'm2m_token', 'oauth_token', 'api_key'] as const satisfies AcceptedTokenType[]

/** Whether a value says which kinds of credential to accept; a text says what is wrong. */
export function checkAcceptsToken(value: unknown): true | string {
  const kinds: readonly unknown[] = Array.isArray(value) ? value : [value]
  const known = (kind: unknown) => (TOKEN_TYPES as readonly unknown[]).includes(kind)
  if (value === 'any' || (kinds.length > 0 && kinds.every(known))) return true
  return `must be "any", or one or several of ${TOKEN_TYPES.map((kind) => `"${kind}"`).join(', ')}`
}
