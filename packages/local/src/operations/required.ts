import { missingParameter } from '../api/errors.js'

/**
 * The value of a field that an operation requires, although the specification declares it optional.
 *
 * @throws {Refusal} if it is missing
 */
export function required<T>(name: string, value: T | undefined): T {
  if (value === undefined) throw missingParameter(name)
  return value
}
