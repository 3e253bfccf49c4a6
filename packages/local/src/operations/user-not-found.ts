import { Refusal } from '../api/errors.js'

export function userNotFound(id: string): Refusal {
  return new Refusal('resource_not_found', `No user was found with id ${id}`)
}
