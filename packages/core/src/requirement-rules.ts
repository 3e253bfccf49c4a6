import type { AuthByTokenType, AuthenticatedAuth } from './auth.js'
import { itemsOf } from './declaration.js'
import type { AuthErrorCode, TokenType } from './errors.js'
import { MACHINE_ID } from './machine-scope.js'
import { hasFeature, hasPermission, hasPlan, hasReverification, hasRole } from './has.js'
import { isReverification } from './reverification.js'

/** One field of a requirement. */
export interface RequirementRule {
  /** What the refusal is called. */
  readonly code: AuthErrorCode
  /** The kinds of credential that have such a thing. Another kind does not pass. */
  readonly of: readonly TokenType[]
  /** Whether the value will do, at start; a text says what is wrong. */
  readonly check: (value: unknown) => true | string
  readonly holds: (auth: AuthenticatedAuth, value: unknown) => boolean
}

function rule<K extends TokenType>(
  code: AuthErrorCode,
  of: readonly K[],
  check: RequirementRule['check'],
  holds: (auth: AuthByTokenType[K], value: readonly string[]) => boolean,
): RequirementRule {
  return {
    code,
    of,
    check,
    holds: (auth, value) =>
      (of as readonly TokenType[]).includes(auth.tokenType) &&
      holds(auth as AuthByTokenType[K], listOf(value as string)),
  }
}

const texts =
  (what: string, fits: (text: string) => boolean = () => true) =>
  (value: unknown) => {
    const all = itemsOf(value)
    if (all.length > 0 && all.every((text) => typeof text === 'string' && text !== '' && fits(text))) return true
    return `must be ${what} or a list of them, and not empty`
  }

// `has()` reads no further than a second colon, as Clerk's does, so "org:invoices:create" would pass for "invoices".
const isScopedName = (name: string) => /^(?:(?:o|org|organization|u|user):)?[^:]+$/.test(name)
const isMachineId = (id: string) => MACHINE_ID.test(id)
const isSystemPermission = (permission: string) => /^(org:)*sys_/.test(permission)
// RFC 6749 section 3.3: it stands in the challenge.
const isScopeToken = (scope: string) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope)

/** In the order in which they are checked. */
export const REQUIREMENT_RULES = {
  role: rule('role-missing', ['session_token'], texts('a role'), (auth, roles) =>
    roles.some((role) => hasRole(auth, role)),
  ),
  permission: rule(
    'permission-missing',
    ['session_token'],
    texts('a permission other than "org:sys_…", which no token carries,', (one) => !isSystemPermission(one)),
    (auth, permissions) => permissions.every((permission) => hasPermission(auth, permission)),
  ),
  feature: rule(
    'feature-missing',
    ['session_token'],
    texts('a feature like "export", "org:export" or "user:export"', isScopedName),
    (auth, features) => features.every((feature) => hasFeature(auth, feature)),
  ),
  plan: rule(
    'plan-missing',
    ['session_token'],
    texts('a plan like "pro", "org:pro" or "user:pro"', isScopedName),
    (auth, plans) => plans.every((plan) => hasPlan(auth, plan)),
  ),
  scope: rule('scope-missing', ['oauth_token', 'api_key'], texts('a scope', isScopeToken), (auth, scopes) =>
    scopes.every((scope) => auth.scopes.includes(scope)),
  ),
  machine: rule(
    'machine-not-allowed',
    ['m2m_token'],
    texts('the id of a machine, "mch_…",', isMachineId),
    (auth, machines) => machines.includes(auth.machineId),
  ),
  client: rule('client-not-allowed', ['oauth_token'], texts('the id of an OAuth client'), (auth, clients) =>
    clients.includes(auth.clientId),
  ),
  impersonation: rule(
    'impersonation-denied',
    ['session_token'],
    (value) => value === 'deny' || 'must be "deny"',
    (auth) => auth.actor === undefined,
  ),
  reverification: {
    code: 'reverification-required',
    of: ['session_token'],
    check: (value) =>
      isReverification(value) || 'must be "strict_mfa", "strict", "moderate", "lax" or { level, afterMinutes }',
    holds: (auth, value) => auth.tokenType === 'session_token' && hasReverification(auth, value),
  },
} as const satisfies Record<string, RequirementRule>

export function listOf<T>(value: T | readonly T[]): readonly T[] {
  return (Array.isArray(value) ? value : [value]) as readonly T[]
}
