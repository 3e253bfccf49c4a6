import type { BadTokenCode } from './bad-token.js'
import { newSecret } from '../model/ids.js'
import type { LocalSettings } from '../model/settings.js'
import type { TokenKind } from '../tokens/token-kind.js'

/** Mints good tokens for any existing subject. */
export interface CredentialMint {
  readonly sessionToken: (life?: Life) => Promise<string>
  readonly templateToken: (life?: Life) => Promise<string>
  readonly m2mToken: (input: Life & Format & { readonly to?: readonly [] }) => Promise<string>
  readonly oauthToken: (input: Life & Format) => Promise<string>
  readonly apiKey: (life?: Life) => Promise<string>
  readonly revoke: (token: string) => void
}

interface Life {
  readonly ttlInSeconds?: number
}

interface Format {
  readonly format: 'opaque' | 'jwt'
}

/**
 * A credential in a request, its kind, and the expected code on a route for that kind. On any other route it has the
 * wrong kind. Credentials of kind `none` are bad on every route.
 */
export type Credential = readonly [
  name: string,
  kind: TokenKind | 'none',
  code: BadTokenCode | 'good',
  make: () => string | Promise<string>,
]

export function credentials(mint: CredentialMint, settings: Required<LocalSettings>): readonly Credential[] {
  const returnsInvalid = settings.invalidOpaqueTokens === '200'
  const [revokedCode, expiredCode] = returnsInvalid
    ? (['token-revoked', 'token-expired'] as const)
    : (['token-not-found', 'token-not-found'] as const)
  const opaque = { format: 'opaque' } as const
  const expired = { format: 'opaque', ttlInSeconds: -3600 } as const

  async function revoked(minting: Promise<string>): Promise<string> {
    const token = await minting
    mint.revoke(token)
    return token
  }

  return [
    ['nonsense', 'none', 'token-malformed', () => 'nonsense'],
    ['a session token', 'session_token', 'good', () => mint.sessionToken()],
    ['a token of a JWT template', 'jwt_template', 'good', () => mint.templateToken()],

    ['an M2M JWT', 'm2m_token', 'good', () => mint.m2mToken({ format: 'jwt' })],
    ['an M2M token', 'm2m_token', 'good', () => mint.m2mToken(opaque)],
    ['a revoked M2M token', 'm2m_token', revokedCode, () => revoked(mint.m2mToken(opaque))],
    ['an expired M2M token', 'm2m_token', expiredCode, () => mint.m2mToken(expired)],
    ['an unknown M2M token', 'm2m_token', 'token-not-found', () => newSecret('mt')],
    ['garbage after mt_', 'm2m_token', 'token-malformed', () => `mt_${GARBAGE}`],
    // With 403 Clerk does not say that the problem is the token, so an API cannot say so either.
    ...(settings.outOfScope === '404'
      ? [
          [
            'an M2M token for no machine',
            'm2m_token',
            'token-not-found',
            () => mint.m2mToken({ ...opaque, to: [] }),
          ] as const,
        ]
      : []),

    ['an OAuth JWT', 'oauth_token', 'good', () => mint.oauthToken({ format: 'jwt' })],
    ['an OAuth token', 'oauth_token', 'good', () => mint.oauthToken(opaque)],
    ['a revoked OAuth token', 'oauth_token', revokedCode, () => revoked(mint.oauthToken(opaque))],
    ['an expired OAuth token', 'oauth_token', expiredCode, () => mint.oauthToken(expired)],
    ['an unknown OAuth token', 'oauth_token', 'token-not-found', () => newSecret('oat')],
    ['garbage after oat_', 'oauth_token', 'token-malformed', () => `oat_${GARBAGE}`],

    ['an API key', 'api_key', 'good', () => mint.apiKey()],
    ['a revoked API key', 'api_key', revokedCode, () => revoked(mint.apiKey())],
    ['an expired API key', 'api_key', expiredCode, () => mint.apiKey({ ttlInSeconds: -3600 })],
    ['an unknown API key', 'api_key', 'token-not-found', () => newSecret('ak')],
    ['garbage after ak_', 'api_key', 'token-malformed', () => `ak_${GARBAGE}`],
  ]
}

const GARBAGE = '{"$ne":null}/../'.repeat(3)
