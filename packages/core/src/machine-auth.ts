import type { ApiKeyAuth, M2mAuth, OAuthAuth } from './auth.js'
import { hasNothing } from './has.js'

interface TokenFacts {
  readonly id: string
  readonly subject: string
  readonly scopes: readonly string[]
  /** Milliseconds since the epoch; `null` for never. */
  readonly expiresAt: number | null
}

type Claims = Readonly<Record<string, unknown>> | null

/** What a verified M2M token says, in the words of Clerk's auth object. */
export function m2mAuth(facts: TokenFacts & { readonly claims: Claims }): M2mAuth {
  const { id, subject, scopes, claims, expiresAt } = facts
  return deepFreeze<M2mAuth>({
    isAuthenticated: true,
    tokenType: 'm2m_token',
    id,
    subject,
    machineId: subject,
    scopes,
    claims,
    expiresAt,
    has: hasNothing,
  })
}

/** What a verified OAuth access token says, in the words of Clerk's auth object. */
export function oauthAuth(
  facts: TokenFacts & {
    readonly clientId: string
    readonly orgId: unknown
    readonly audience: unknown
    readonly actor: unknown
  },
): OAuthAuth {
  const { id, subject, clientId, scopes, orgId, audience, actor, expiresAt } = facts
  return deepFreeze<OAuthAuth>({
    isAuthenticated: true,
    tokenType: 'oauth_token',
    id,
    subject,
    userId: subject,
    clientId,
    scopes,
    orgId: typeof orgId === 'string' && orgId !== '' ? orgId : undefined,
    audience: audienceOf(audience),
    actor: (actor ?? undefined) as OAuthAuth['actor'],
    expiresAt,
    has: hasNothing,
  })
}

/** What a verified API key says, in the words of Clerk's auth object. */
export function apiKeyAuth(facts: TokenFacts & { readonly name: string; readonly claims: Claims }): ApiKeyAuth {
  const { id, subject, name, scopes, claims, expiresAt } = facts
  return deepFreeze<ApiKeyAuth>({
    isAuthenticated: true,
    tokenType: 'api_key',
    id,
    subject,
    name,
    scopes,
    claims,
    userId: subject.startsWith('user_') ? subject : null,
    orgId: subject.startsWith('org_') ? subject : null,
    expiresAt,
    has: hasNothing,
  })
}

function audienceOf(audience: unknown): readonly string[] | undefined {
  if (typeof audience === 'string') return [audience]
  return Array.isArray(audience) && audience.every((one) => typeof one === 'string') ? audience : undefined
}

/** What is handed out comes from a cache, and other requests see the same object. */
function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze)
    Object.freeze(value)
  }
  return value
}
