import { Refusal } from '../api/errors.js'
import type { User } from '../model/user.js'
import type { World } from '../state/world.js'
import type { Call } from './operation.js'

/**
 * The user in the path.
 *
 * @throws {Refusal} if there is none
 */
export function userOf({ world, params: { user_id: id = '' } }: Call): User {
  return existingUser(world, id)
}

/** @throws {Refusal} if there is none with this id */
export function existingUser({ users }: World, id: string): User {
  const user = users.byId(id)
  if (!user) throw new Refusal('resource_not_found', `No user was found with id ${id}`)
  return user
}
