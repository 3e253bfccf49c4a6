import type { AuthByTokenType, AuthenticatedAuth } from '../auth/auth.js'
import { itemsOf, listOf } from '../support/declaration.js'
import type { AuthErrorCode } from '../auth/errors.js'
import type { GuardField } from '../kinds/kind.js'
import type { TokenTypeWith } from '../kinds/kinds.js'
import { MACHINE_ID } from '../kinds/m2m.js'
import { hasFeature, hasPermission, hasPlan, hasReverification, hasRole } from '../auth/has.js'
import { isReverification } from '../auth/reverification.js'

/** One field of a requirement. The table of kinds says which kinds of token have it. */
export interface RequirementRule {
  /** The error code if it is not met. */
  readonly code: AuthErrorCode
  /** Checks the declared value at start. Returns `true`, or what is wrong with it. */
  readonly check: (value: unknown) => true | string
  /** Whether a caller meets it. Called only for kinds that have the field. */
  readonly holds: (auth: AuthenticatedAuth, value: unknown) => boolean
}

/** Callers of the kinds that have a field. */
type AuthWith<F extends GuardField> = AuthByTokenType[TokenTypeWith<F>]

/** @param holds receives the values as a list, even if there is only one */
function rule<F extends GuardField>(
  code: AuthErrorCode,
  check: RequirementRule['check'],
  holds: (auth: AuthWith<F>, values: readonly string[]) => boolean,
): RequirementRule {
  return { code, check, holds: (auth, value) => holds(auth as AuthWith<F>, listOf(value as string)) }
}

/** RFC 6749 section 3.3. Scopes become part of the challenge. */
export function isScopeToken(scope: string): boolean {
  return /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope)
}

function listOfStrings(what: string, fits: (value: string) => boolean = () => true): RequirementRule['check'] {
  return (value) => {
    const all = itemsOf(value)
    if (all.length > 0 && all.every((one) => typeof one === 'string' && one !== '' && fits(one))) return true
    return `must be ${what}, or a non-empty list of them`
  }
}

// Like Clerk's, `has()` ignores everything after a second colon, so "org:invoices:create" would match "invoices".
const isScopedName = (name: string) => /^(?:(?:o|org|organization|u|user):)?[^:]+$/.test(name)
const isMachineId = (id: string) => MACHINE_ID.test(id)
const isSystemPermission = (permission: string) => /^(org:)*sys_/.test(permission)

type RuleField = Exclude<GuardField, 'org' | 'fresh'>

const RULES: { readonly [F in RuleField]: RequirementRule } = {
  role: rule<'role'>('role-missing', listOfStrings('a role'), (auth, roles) =>
    roles.some((role) => hasRole(auth, role)),
  ),
  permission: rule<'permission'>(
    'permission-missing',
    listOfStrings('a permission other than "org:sys_…", which tokens never contain', (one) => !isSystemPermission(one)),
    (auth, permissions) => permissions.every((permission) => hasPermission(auth, permission)),
  ),
  feature: rule<'feature'>(
    'feature-missing',
    listOfStrings('a feature such as "export", "org:export" or "user:export"', isScopedName),
    (auth, features) => features.every((feature) => hasFeature(auth, feature)),
  ),
  plan: rule<'plan'>(
    'plan-missing',
    listOfStrings('a plan such as "pro", "org:pro" or "user:pro"', isScopedName),
    (auth, plans) => plans.every((plan) => hasPlan(auth, plan)),
  ),
  scope: rule<'scope'>('scope-missing', listOfStrings('a scope', isScopeToken), (auth, scopes) =>
    scopes.every((scope) => auth.scopes.includes(scope)),
  ),
  machine: rule<'machine'>(
    'machine-not-allowed',
    listOfStrings('a machine id such as "mch_…"', isMachineId),
    (auth, machines) => machines.includes(auth.machineId),
  ),
  client: rule<'client'>('client-not-allowed', listOfStrings('an OAuth client id'), (auth, clients) =>
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

/** In the order of the checks. */
export const REQUIREMENT_RULES = Object.entries(RULES) as readonly (readonly [RuleField, RequirementRule])[]
