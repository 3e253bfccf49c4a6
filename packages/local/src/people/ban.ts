import type { Community } from './community.js'
import { isAlive } from './session.js'
import type { User } from './user.js'

/** Prevents the user from signing in, and ends their sessions. */
export function banUser({ directory, sessions, now }: Community, user: User): User {
  const banned = directory.users.set({ ...user, bannedAt: user.bannedAt ?? now(), updatedAt: now() })
  for (const session of sessions.all()) if (session.userId === user.id && isAlive(session)) sessions.revoke(session.id)
  return banned
}

/** Lets the user sign in again. Ended sessions stay ended. */
export function unbanUser({ directory, now }: Community, user: User): User {
  return directory.users.set({ ...user, bannedAt: null, updatedAt: now() })
}

/** Clerk's default. */
const LOCKOUT_IN_MS = 3_600_000

export function lockoutEnd(now: number): number {
  return now + LOCKOUT_IN_MS
}

/** Prevents the user from signing in for an hour. Their sessions continue. */
export function lockUser({ directory, now }: Community, user: User): User {
  return directory.users.set({ ...user, lockedUntil: lockoutEnd(now()), updatedAt: now() })
}

export function unlockUser({ directory, now }: Community, user: User): User {
  return directory.users.set({ ...user, lockedUntil: null, updatedAt: now() })
}
