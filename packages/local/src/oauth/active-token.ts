import type { Instance } from '../instance/instance.js'
import { isExpired, isSubject } from '../tokens/opaque-token.js'
import { verifyOwnJwt } from '../tokens/own-jwt.js'

/** An access token or a refresh token that is valid now. */
export interface ActiveToken {
  readonly clientId: string
  readonly userId: string
  readonly scopes: readonly string[]
  readonly organizationId: string | null
  /** seconds since the epoch */
  readonly issuedAt: number
}

/** Returns `undefined` if the token is not valid, or its user or client does not exist. */
export async function activeAccessToken(token: string, instance: Instance): Promise<ActiveToken | undefined> {
  const { world } = instance
  const found = token.includes('.') ? await ofJwt(token, instance) : ofOpaque(token, instance)
  const isKnown = found && isSubject(world, found.userId) && world.oauth_applications.find('client_id', found.clientId)
  return isKnown ? found : undefined
}

/** Returns `undefined` if the token is not valid, or its user does not exist. */
export function activeRefreshToken(token: string, { world }: Instance): ActiveToken | undefined {
  const found = world.oauth_refresh_tokens.find('token', token)
  const grant = found && world.oauth_grants.byId(found.grant_id)
  if (!grant || found.used_at !== null || !isSubject(world, grant.subject)) return undefined
  return {
    clientId: grant.client_id,
    userId: grant.subject,
    scopes: grant.scopes,
    organizationId: grant.organization_id,
    issuedAt: Math.floor(found.created_at / 1000),
  }
}

function ofOpaque(token: string, { world }: Instance): ActiveToken | undefined {
  const found = world.oauth_tokens.find('token', token)
  if (!found || found.revoked || isExpired(found, world.now())) return undefined
  return {
    clientId: found.client_id,
    userId: found.subject,
    scopes: found.scopes,
    organizationId: world.oauth_grants.byId(found.grant_id ?? '')?.organization_id ?? null,
    issuedAt: Math.floor(found.created_at / 1000),
  }
}

async function ofJwt(token: string, { keys, world }: Instance): Promise<ActiveToken | undefined> {
  const { header, claims } = (await verifyOwnJwt(token, keys)) ?? {}
  const { exp, iat, sub, client_id, scope, org_id } = claims ?? {}
  const nowInSeconds = Math.floor(world.now() / 1000)
  if (!/^(application\/)?at\+jwt$/.test(header?.typ ?? '') || typeof exp !== 'number' || exp <= nowInSeconds)
    return undefined
  return {
    clientId: String(client_id),
    userId: String(sub),
    scopes: typeof scope === 'string' ? scope.split(' ').filter(Boolean) : [],
    organizationId: typeof org_id === 'string' ? org_id : null,
    issuedAt: typeof iat === 'number' ? iat : 0,
  }
}
