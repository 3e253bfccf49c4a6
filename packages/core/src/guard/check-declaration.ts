import { checkAcceptsToken, tokenTypesOf } from '../kinds/accepts-token.js'
import { kindHas, TOKEN_TYPES } from '../kinds/kinds.js'
import { checkFields, describe, type FieldChecks } from '../support/declaration.js'
import type { Requirement } from './requirement.js'
import { REQUIREMENT_RULES } from './rules.js'

const FIELDS: FieldChecks = {
  acceptsToken: checkAcceptsToken,
  org: (value) => value === true || typeof value === 'function' || 'must be true or a function',
  fresh: (value) => value === true || 'must be true',
  check: (value) => typeof value === 'function' || 'must be a function',
  ...Object.fromEntries(REQUIREMENT_RULES.map(([name, { check }]) => [name, check])),
}

/**
 * Checks a requirement as the application declares it, at start.
 *
 * @throws {TypeError} if it can never be met, or has an unknown field or a field without a value
 */
export function checkDeclaration(requirement: unknown): void {
  const prototype: unknown =
    typeof requirement === 'object' && requirement !== null && Object.getPrototypeOf(requirement)
  if (prototype !== Object.prototype && prototype !== null)
    throw new TypeError(
      `a requirement must be an object, not ${describe(requirement)}; is requireAuth() used without a call?`,
    )
  for (const [name, value] of Object.entries(requirement as object)) {
    // Probably a mistake, not an omission: a misspelt constant must not open the route to everyone.
    if (value === undefined) throw new TypeError(`requirement "${name}" is undefined: give it a value or remove it`)
  }
  checkFields('requirement', requirement as object, FIELDS)
  checkMeetable(requirement as Requirement<never>)
}

/** Refuses a combination of fields that no accepted kind of token can meet. */
function checkMeetable(requirement: Requirement<never>): void {
  let accepted = tokenTypesOf(requirement.acceptsToken)
  for (const field of ['org', ...REQUIREMENT_RULES.map(([name]) => name), 'fresh'] as const) {
    if (!(field in requirement)) continue
    const able = accepted.filter((tokenType) => kindHas(tokenType, field))
    if (able.length === 0) {
      const having = TOKEN_TYPES.filter((tokenType) => kindHas(tokenType, field)).join(', ')
      throw new TypeError(
        `requirement "${field}" can never be met: it applies to ${having}, but the guard accepts only ${accepted.join(', ')}`,
      )
    }
    accepted = able
  }
}
