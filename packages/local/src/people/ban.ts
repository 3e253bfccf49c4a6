import type { Community } from './community.js'
import { isAlive } from './session.js'
import type { User } from './user.js'

/** Keeps somebody from signing in, and ends the sessions that they have. */
export function banUser({ directory, sessions, now }: Community, user: User): User {
  const banned = directory.users.set({ ...user, bannedAt: user.bannedAt ?? now(), updatedAt: now() })
  for (const session of sessions.all()) if (session.userId === user.id && isAlive(session)) sessions.revoke(session.id)
  return banned
}

/** Lets somebody sign in again. Sessions that were ended stay so. */
export function unbanUser({ directory, now }: Community, user: User): User {
  return directory.users.set({ ...user, bannedAt: null, updatedAt: now() })
}

/** Clerk's own, unless an instance has chosen another. */
const LOCKOUT_IN_MS = 3_600_000

export function lockoutEnd(now: number): number {
  return now + LOCKOUT_IN_MS
}

/** Keeps somebody from signing in for an hour. Sessions that they have go on. */
export function lockUser({ directory, now }: Community, user: User): User {
  return directory.users.set({ ...user, lockedUntil: lockoutEnd(now()), updatedAt: now() })
}

export function unlockUser({ directory, now }: Community, user: User): User {
  return directory.users.set({ ...user, lockedUntil: null, updatedAt: now() })
}
