import type { User } from '../../model/user.js'
import type { World } from '../../state/world.js'
import { userNotFound } from './user.js'

/**
 * The user that a body or a record names.
 *
 * @throws {Refusal} if there is none with this id
 */
export function ownerOf({ users }: World, userId: string): User {
  const user = users.byId(userId)
  if (!user) throw userNotFound(userId)
  return user
}
