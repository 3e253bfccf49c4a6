import type { Description, RequirementDescription, Route } from './route.js'

/** What a route requires, for people: `signed in, role org:admin in the active organization`. */
export function guardInWords({ guards, guardsBehindHandler, uncertain }: Route): string {
  const known = guards.map(descriptionInWords)
  if (guards.some(({ isPublic }) => isPublic)) return 'public'
  if (known.length > 0) return `${known.join('; and ')}${uncertain === undefined ? '' : '; and perhaps more'}`
  if (uncertain !== undefined) return `unknown: ${uncertain}`
  return guardsBehindHandler.length > 0 ? 'no guard before the handler' : 'no guard'
}

function descriptionInWords(description: Description): string {
  return description.isPublic ? 'public' : description.requirements.map(requirementInWords).join(', or ')
}

function requirementInWords({ acceptsToken, ...fields }: RequirementDescription): string {
  return [
    kindsInWords(acceptsToken),
    ...FIELDS.flatMap(([field, words]) => (field in fields ? words(fields[field]) : [])),
  ].join(', ')
}

function kindsInWords(kinds: readonly string[]): string {
  return orList(kinds.map((kind) => KINDS[kind] ?? kind))
}

const KINDS: Readonly<Record<string, string>> = {
  session_token: 'signed in',
  m2m_token: 'M2M token',
  oauth_token: 'OAuth token',
  api_key: 'API key',
  jwt_template: 'token from a JWT template',
}

/** In the order of the checks. */
const FIELDS: readonly (readonly [field: string, words: (value: unknown) => string])[] = [
  ['org', (value) => (value === 'active' ? 'an active organization' : 'the organization of the request')],
  ['role', (value) => `role ${oneOf(value)} in the active organization`],
  ['permission', (value) => `permission ${allOf(value)}`],
  ['feature', (value) => `feature ${allOf(value)}`],
  ['plan', (value) => `plan ${allOf(value)}`],
  ['scope', (value) => `scope ${allOf(value)}`],
  ['machine', (value) => `machine ${oneOf(value)}`],
  ['client', (value) => `client ${oneOf(value)}`],
  ['impersonation', () => 'not impersonated'],
  ['reverification', (value) => `verified recently (${reverificationInWords(value)})`],
  ['fresh', () => 'confirmed by Clerk'],
  ['check', () => 'a check of the application'],
]

function oneOf(value: unknown): string {
  return orList(value as readonly string[])
}

function allOf(value: unknown): string {
  return (value as readonly string[]).join(' and ')
}

function reverificationInWords(value: unknown): string {
  if (typeof value === 'string') return value
  const { level, afterMinutes } = value as { readonly level: string; readonly afterMinutes: number }
  return `${level} in the last ${afterMinutes} minutes`
}

function orList(values: readonly string[]): string {
  return values.join(' or ')
}
