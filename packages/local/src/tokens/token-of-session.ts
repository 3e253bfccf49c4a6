import type { Community } from '../people/community.js'
import { signJwt, type JwtMint } from './issuer.js'
import type { Session } from '../people/session.js'
import { sessionTokenParts, type SessionTokenInput } from './session-token.js'

/** Issues a token for a live session. */
export async function sessionTokenOf(
  session: Session,
  ttlInSeconds: number | undefined,
  { directory, sessions, now }: Community,
  { keys, issuer }: JwtMint,
): Promise<string> {
  const { id, userId, organizationId, actor } = session
  // Minting in code can activate an organization that the user is not a member of.
  const isMember = organizationId !== null && directory.membershipOf(organizationId, userId) !== undefined
  const input: SessionTokenInput = {
    user: userId,
    org: isMember ? organizationId : null,
    status: session.status === 'pending' ? 'pending' : 'active',
    factorVerificationAge: [minutesSince(session.createdAt, now()), -1],
    ...(actor && { actor: { ...actor } }),
    ...(ttlInSeconds !== undefined && { ttlInSeconds }),
  }
  sessions.update(id, { lastActiveAt: now() })
  return signJwt(
    sessionTokenParts(input, issuer(), () => id),
    keys.current,
  )
}

/** The first factor was verified at sign-in. */
function minutesSince(time: number, now: number): number {
  return Math.max(0, Math.floor((now - time) / 60_000))
}
