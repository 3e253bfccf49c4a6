import type { AuthByTokenType, AuthenticatedAuth } from '../auth/auth.js'
import { itemsOf } from '../support/declaration.js'
import type { AuthErrorCode } from '../auth/errors.js'
import type { GuardField } from '../kinds/kind.js'
import type { TokenTypeWith } from '../kinds/kinds.js'
import { MACHINE_ID } from '../kinds/m2m.js'
import { hasFeature, hasPermission, hasPlan, hasReverification, hasRole } from '../auth/has.js'
import { isReverification } from '../auth/reverification.js'

/** One field of a requirement. Which kinds of credential have it stands in the table of kinds. */
export interface RequirementRule {
  /** The code of the refusal. */
  readonly code: AuthErrorCode
  /** Checks the declared value at start; a string says what is wrong with it. */
  readonly check: (value: unknown) => true | string
  /** Whether a caller meets it. Only called for the kinds that have the field. */
  readonly holds: (auth: AuthenticatedAuth, value: unknown) => boolean
}

/** The callers that have a field. */
type AuthWith<F extends GuardField> = AuthByTokenType[TokenTypeWith<F>]

/** @param holds is given the values as a list, even if there is only one */
function rule<F extends GuardField>(
  code: AuthErrorCode,
  check: RequirementRule['check'],
  holds: (auth: AuthWith<F>, values: readonly string[]) => boolean,
): RequirementRule {
  return { code, check, holds: (auth, value) => holds(auth as AuthWith<F>, listOf(value as string)) }
}

function listOfStrings(what: string, fits: (value: string) => boolean = () => true): RequirementRule['check'] {
  return (value) => {
    const all = itemsOf(value)
    if (all.length > 0 && all.every((one) => typeof one === 'string' && one !== '' && fits(one))) return true
    return `must be ${what} or a list of them, and not empty`
  }
}

// `has()` reads no further than a second colon, as Clerk's does, so "org:invoices:create" would pass for "invoices".
const isScopedName = (name: string) => /^(?:(?:o|org|organization|u|user):)?[^:]+$/.test(name)
const isMachineId = (id: string) => MACHINE_ID.test(id)
const isSystemPermission = (permission: string) => /^(org:)*sys_/.test(permission)
// RFC 6749 section 3.3: it is part of the challenge.
const isScopeToken = (scope: string) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope)

/** In the order in which they are checked. */
export const REQUIREMENT_RULES: { readonly [F in Exclude<GuardField, 'org'>]: RequirementRule } = {
  role: rule<'role'>('role-missing', listOfStrings('a role'), (auth, roles) =>
    roles.some((role) => hasRole(auth, role)),
  ),
  permission: rule<'permission'>(
    'permission-missing',
    listOfStrings('a permission other than "org:sys_…", which no token carries,', (one) => !isSystemPermission(one)),
    (auth, permissions) => permissions.every((permission) => hasPermission(auth, permission)),
  ),
  feature: rule<'feature'>(
    'feature-missing',
    listOfStrings('a feature like "export", "org:export" or "user:export"', isScopedName),
    (auth, features) => features.every((feature) => hasFeature(auth, feature)),
  ),
  plan: rule<'plan'>(
    'plan-missing',
    listOfStrings('a plan like "pro", "org:pro" or "user:pro"', isScopedName),
    (auth, plans) => plans.every((plan) => hasPlan(auth, plan)),
  ),
  scope: rule<'scope'>('scope-missing', listOfStrings('a scope', isScopeToken), (auth, scopes) =>
    scopes.every((scope) => auth.scopes.includes(scope)),
  ),
  machine: rule<'machine'>(
    'machine-not-allowed',
    listOfStrings('the id of a machine, "mch_…",', isMachineId),
    (auth, machines) => machines.includes(auth.machineId),
  ),
  client: rule<'client'>('client-not-allowed', listOfStrings('the id of an OAuth client'), (auth, clients) =>
    clients.includes(auth.clientId),
  ),
  impersonation: rule<'impersonation'>(
    'impersonation-denied',
    (value) => value === 'deny' || 'must be "deny"',
    (auth) => auth.actor === undefined,
  ),
  reverification: rule<'reverification'>(
    'reverification-required',
    (value) =>
      isReverification(value) || 'must be "strict_mfa", "strict", "moderate", "lax" or { level, afterMinutes }',
    (auth, [reverification]) => hasReverification(auth, reverification),
  ),
}

export function listOf<T>(value: T | readonly T[]): readonly T[] {
  return (Array.isArray(value) ? value : [value]) as readonly T[]
}
