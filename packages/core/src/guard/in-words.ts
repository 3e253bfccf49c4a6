import type { TokenType } from '../auth/errors.js'
import type { GuardDescription, RequirementDescription } from './description.js'

/** A guard as a phrase: `signed in, role org:admin in the active organization, or M2M token`. */
export function guardInWords({ requirements }: GuardDescription): string {
  return requirements.map(requirementInWords).join(', or ')
}

const KINDS: Readonly<Record<TokenType, string>> = {
  session_token: 'signed in',
  m2m_token: 'M2M token',
  oauth_token: 'OAuth token',
  api_key: 'API key',
  jwt_template: 'token from a JWT template',
}

function requirementInWords(requirement: RequirementDescription): string {
  const { acceptsToken, org, role, permission, feature, plan, scope, machine, client } = requirement
  const { impersonation, reverification, fresh, check } = requirement
  return [
    any(acceptsToken.map((kind) => KINDS[kind])),
    org === 'active' && 'an active organization',
    org === 'of-request' && 'the organization of the request',
    role && `role ${any(role)} in the active organization`,
    permission && `permission ${all(permission)}`,
    feature && `feature ${all(feature)}`,
    plan && `plan ${all(plan)}`,
    scope && `scope ${all(scope)}`,
    machine && `machine ${any(machine)}`,
    client && `client ${any(client)}`,
    impersonation && 'not impersonated',
    reverification && `verified recently (${reverificationInWords(reverification)})`,
    fresh && 'confirmed by Clerk',
    check && 'a check of the application',
  ]
    .filter((condition) => typeof condition === 'string')
    .join(', ')
}

function reverificationInWords(reverification: NonNullable<RequirementDescription['reverification']>): string {
  if (typeof reverification === 'string') return reverification
  return `${reverification.level} in the last ${reverification.afterMinutes} minutes`
}

const any = (items: readonly string[]) => items.join(' or ')
const all = (items: readonly string[]) => items.join(' and ')
