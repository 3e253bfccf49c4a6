import type { Session } from '../model/session.js'
import { membershipOf } from '../people/membership.js'
import { useSession } from '../people/session.js'
import type { World } from '../state/world.js'
import { signJwt, type JwtMint } from './issuer.js'
import { sessionTokenParts, type SessionTokenInput } from './session-token.js'

/** Issues a token for a live session. */
export async function sessionTokenOf(
  session: Session,
  ttlInSeconds: number | undefined,
  world: World,
  { keys, issuer }: JwtMint,
): Promise<string> {
  const { id, user_id, last_active_organization_id: organizationId, actor } = session
  // Minting in code can activate an organization that the user is not a member of.
  const isMember = organizationId !== null && membershipOf(world, organizationId, user_id) !== undefined
  const input: SessionTokenInput = {
    user: user_id,
    org: isMember ? organizationId : null,
    status: session.status === 'pending' ? 'pending' : 'active',
    factorVerificationAge: [minutesSince(session.created_at, world.now()), -1],
    ...(actor && { actor }),
    ...(ttlInSeconds !== undefined && { ttlInSeconds }),
  }
  useSession(world, session)
  return signJwt(
    sessionTokenParts(input, issuer(), () => id),
    keys.current,
  )
}

/** The first factor was verified at sign-in. */
function minutesSince(time: number, now: number): number {
  return Math.max(0, Math.floor((now - time) / 60_000))
}
