import type { TokenType } from '../auth/errors.js'
import type { GuardDescription, RequirementDescription } from './description.js'

const KINDS: Readonly<Record<TokenType, string>> = {
  session_token: 'session token',
  m2m_token: 'M2M token',
  oauth_token: 'OAuth access token',
  api_key: 'API key',
  jwt_template: 'JWT template token',
}

/** A guard as a phrase: `session token with role org:admin, or M2M token`. */
export function guardInWords({ requirements }: GuardDescription): string {
  return requirements.map(requirementInWords).join(', or ')
}

function requirementInWords(requirement: RequirementDescription): string {
  const { acceptsToken, org, role, permission, feature, plan, scope, machine, client } = requirement
  const { impersonation, reverification, fresh, check } = requirement
  const conditions = [
    org === 'active' && 'an active organization',
    org === 'of-request' && 'the organization of the request',
    role && `role ${any(role)}`,
    permission && `permission ${all(permission)}`,
    feature && `feature ${all(feature)}`,
    plan && `plan ${all(plan)}`,
    scope && `scope ${all(scope)}`,
    machine && `machine ${any(machine)}`,
    client && `client ${any(client)}`,
    impersonation && 'no impersonation',
    reverification && reverificationInWords(reverification),
    fresh && 'confirmation by Clerk',
    check && 'a condition of the application',
  ].filter((condition) => typeof condition === 'string')
  const kinds = any(acceptsToken.map((kind) => KINDS[kind]))
  return conditions.length === 0 ? kinds : `${kinds} with ${conditions.join(', ')}`
}

function reverificationInWords(reverification: NonNullable<RequirementDescription['reverification']>): string {
  if (typeof reverification === 'string') return `reverification ${reverification}`
  const { level, afterMinutes } = reverification
  return `reverification ${level} within ${afterMinutes} min`
}

const any = (items: readonly string[]) => items.join(' or ')
const all = (items: readonly string[]) => items.join(' and ')
