import { passedBy } from '../adapter/state.js'
import type { ApiKeyAuth, AuthenticatedAuth, M2mAuth, OAuthAuth } from '../auth/auth.js'
import type { AuthSource } from '../request/auth-source.js'
import { readBearerToken } from '../request/authorization.js'
import { resourceOf } from './protected-resource.js'

/** A caller that an MCP server knows as a client: not a session. */
export type McpCaller = OAuthAuth | ApiKeyAuth | M2mAuth

/** What the official MCP SDKs call `AuthInfo`: it is given to tools as `authInfo`. */
export interface McpAuthInfo {
  readonly token: string
  /** The OAuth client, the API key or the machine. */
  readonly clientId: string
  readonly scopes: string[]
  /** Seconds since the epoch. Missing if the token does not expire. */
  readonly expiresAt?: number
  /** The protected resource that the request is for. */
  readonly resource?: URL
  /** Where the metadata of the resource is: version 2 of the SDK names it if a tool requires a scope. */
  readonly resourceMetadataUrl?: string
  readonly extra: {
    readonly tokenType: McpCaller['tokenType']
    readonly subject: string
    readonly userId: string | null
    readonly orgId: string | null
  }
}

/**
 * Describes the caller that a guard accepted to the official MCP SDKs.
 *
 * @throws {TypeError} if the guard has not accepted this request, or accepts sessions
 */
export function mcpAuthInfo(request: object, source: AuthSource, guard: object): McpAuthInfo {
  const auth = passedBy(request, guard, 'toMcpAuthInfo()')
  if (!isMcpCaller(auth))
    throw new TypeError('toMcpAuthInfo() needs a guard that accepts OAuth tokens, API keys or M2M tokens')
  const { tokenType, subject, expiresAt } = auth
  const resource = resourceOf(request)
  return {
    token: readBearerToken(source)!,
    clientId: clientIdOf(auth),
    // The scopes of an M2M token are machines.
    scopes: tokenType === 'm2m_token' ? [] : [...auth.scopes],
    ...(expiresAt !== null && { expiresAt: Math.floor(expiresAt / 1000) }),
    ...(resource && { resource: new URL(resource.url), resourceMetadataUrl: resource.metadataUrl }),
    extra: {
      tokenType,
      subject,
      userId: tokenType === 'm2m_token' ? null : auth.userId,
      orgId: (tokenType === 'm2m_token' ? null : auth.orgId) ?? null,
    },
  }
}

function isMcpCaller(auth: AuthenticatedAuth): auth is McpCaller {
  const { tokenType } = auth
  return tokenType === 'oauth_token' || tokenType === 'api_key' || tokenType === 'm2m_token'
}

function clientIdOf(auth: McpCaller): string {
  if (auth.tokenType === 'oauth_token') return auth.clientId
  return auth.tokenType === 'm2m_token' ? auth.machineId : auth.id
}
