import { randomWord } from '../model/ids.js'
import type { OAuthGrant } from '../model/oauth-grant.js'
import type { User } from '../model/user.js'
import type { World } from '../state/world.js'
import type { Issuer, JwtParts } from '../tokens/issuer.js'
import { OAUTH_TTL_IN_SECONDS } from '../tokens/oauth-token.js'
import { userClaims } from './user-claims.js'

/** Tells a client who the user is: OpenID Connect Core section 2. It is not a credential for APIs. */
export function idTokenParts(
  user: User,
  { client_id, organization_id, nonce, created_at }: OAuthGrant,
  scopes: readonly string[],
  world: World,
  { url, nowInSeconds, kid, algorithm }: Issuer,
): JwtParts {
  return {
    header: { alg: algorithm, kid, typ: 'JWT' },
    claims: {
      ...userClaims(user, scopes, world),
      aud: client_id,
      auth_time: Math.floor(created_at / 1000),
      exp: nowInSeconds + OAUTH_TTL_IN_SECONDS,
      iat: nowInSeconds,
      iss: url,
      jti: randomWord(20),
      ...(nonce !== null && { nonce }),
      ...(organization_id !== null && { org_id: organization_id }),
      sub: user.id,
    },
  }
}
