import type { Community } from '../people/community.js'
import { signJwt, type JwtMint } from './issuer.js'
import type { Session } from '../people/session.js'
import { sessionTokenParts, type SessionTokenInput } from './session-token.js'

/** A token of a session that is alive. */
export async function sessionTokenOf(
  session: Session,
  ttlInSeconds: number | undefined,
  { directory, sessions, now }: Community,
  { keys, issuer }: JwtMint,
): Promise<string> {
  const { id, userId, organizationId, actor } = session
  // Minting in code may have put somebody where they are no member.
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

/** Whoever signed in proved who they are then. */
function minutesSince(time: number, now: number): number {
  return Math.max(0, Math.floor((now - time) / 60_000))
}
