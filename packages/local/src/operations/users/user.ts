import { userAnswer } from '../../answers/user.js'
import { Refusal } from '../../api/errors.js'
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

export function userNotFound(id: string): Refusal {
  return new Refusal('resource_not_found', `No user was found with id ${id}`)
}
