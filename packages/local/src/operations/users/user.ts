import { userAnswer } from '../../answers/user.js'
import { Refusal } from '../../api/errors.js'
import type { User } from '../../model/user.js'
import type { World } from '../../state/world.js'
import { resource } from '../resource.js'

/** The users of the instance. */
export const user = resource('users', {
  path: '/v1/users',
  param: 'user_id',
  missing: userNotFound,
  answer: (record, { world }) => userAnswer(record, world),
})

/** @throws {Refusal} if no user has the id in the path */
export const userOf = user.recordOf

/** @throws {Refusal} if no user has the id */
export function userWithId({ users }: World, id: string): User {
  const found = users.byId(id)
  if (!found) throw userNotFound(id)
  return found
}

function userNotFound(id: string): Refusal {
  return new Refusal('resource_not_found', `No user was found with id ${id}`)
}
