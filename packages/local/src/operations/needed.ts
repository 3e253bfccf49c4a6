import { Refusal } from '../api/errors.js'

/**
 * The value of a field that an operation needs, although it is optional in the schema of the specification.
 *
 * @throws {Refusal} if it is missing
 */
export function needed<T>(name: string, value: T | undefined): T {
  if (value === undefined) throw new Refusal('form_param_missing', `${name} must be included.`, name)
  return value
}
