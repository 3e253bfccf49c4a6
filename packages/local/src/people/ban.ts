import type { User } from '../model/user.js'
import type { World } from '../state/world.js'
import { revokeSessionsOf } from './session.js'

/** Prevents the user from signing in, and ends their sessions. */
export function banUser(world: World, { id }: User): User {
  const banned = world.users.update(id, { banned: true })
  revokeSessionsOf(world, id)
  return banned
}

/** Lets the user sign in again. Ended sessions stay ended. */
export function unbanUser({ users }: World, { id }: User): User {
  return users.update(id, { banned: false })
}

/** Prevents the user from signing in for an hour. Their sessions continue. */
export function lockUser({ users, now }: World, { id }: User): User {
  return users.update(id, { locked_until: lockoutEnd(now()) })
}

export function unlockUser({ users }: World, { id }: User): User {
  return users.update(id, { locked_until: null })
}

/** Clerk's default. */
const LOCKOUT_IN_MS = 3_600_000

/** When the lock of a user who is locked now ends. */
export function lockoutEnd(now: number): number {
  return now + LOCKOUT_IN_MS
}
