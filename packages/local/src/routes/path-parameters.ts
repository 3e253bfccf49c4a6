import type { CallerIds } from './caller-ids.js'
import { enclosed } from './enclosed.js'
import type { Listing } from './route.js'

/** Values of path parameters, by name, or by route (`GET /orders/:id`) and name. */
export interface ParameterValues {
  readonly ofAll: ReadonlyMap<string, string>
  readonly ofRoute: ReadonlyMap<string, ReadonlyMap<string, string>>
}

/** What is known of one caller and one route, to fill in its path. */
export interface PathSource {
  /** `GET /orgs/:orgId/invoices` */
  readonly route: string
  readonly values: ParameterValues
  readonly ids: CallerIds
}

export interface FilledPath {
  readonly path: string
  /** Whether it contains an organization's id or slug. */
  readonly hasOrganization: boolean
}

/**
 * A path that matches a route's pattern.
 *
 * @returns the name of a parameter for which a value must be given, if there is one
 */
export function fillPath(
  pattern: string,
  framework: Listing['framework'],
  source: PathSource,
): FilledPath | { readonly missing: string } {
  let path = ''
  let hasOrganization = false
  for (const part of partsOf(pattern, framework)) {
    if (typeof part === 'string') {
      path += part
      continue
    }
    const value = valueOf(part, path, source)
    if (value === undefined) return { missing: part.name }
    hasOrganization ||= value.isOrganization
    path += encodeURIComponent(value.text).replaceAll('%2F', '/')
  }
  // The pattern `*` of Fastify and Express 4 has no slash.
  return { path: path.startsWith('/') ? path : `/${path}`, hasOrganization }
}

interface Parameter {
  /** `*` if it has none */
  readonly name: string
  /** what the value must match */
  readonly constraint: RegExp | undefined
  /** `users` and `groups` of `(users|groups)` */
  readonly alternatives: readonly string[]
}

/**
 * The literal parts and the parameters of a pattern. Optional parts are included.
 *
 * Express 4: `/:id(\\d+)`, `/:id?`, `/*`. Express 5: `/*rest`, `{/:id}`. Fastify: `/:id(^\\d+$)`, `/::verb`, `/*`. Hono:
 * `/:id{[0-9]+}`, `/:id?`, `/*`.
 */
function* partsOf(pattern: string, framework: Listing['framework']): Generator<string | Parameter> {
  const isHono = framework === 'hono'
  for (let i = 0; i < pattern.length; i++) {
    const rest = pattern.slice(i)
    if (rest.startsWith('::') || rest.startsWith('\\')) {
      yield rest.slice(1, 2)
      i++
      continue
    }
    const name = /^[:*]"?(\w+)"?/.exec(rest)
    if (name || rest.startsWith('*') || (rest.startsWith('(') && !isHono)) {
      const named = name?.[0] ?? (rest.startsWith('*') ? '*' : '')
      const format = enclosed(rest.slice(named.length), isHono ? '{}' : '()')
      const end = named.length + (format === undefined ? 0 : format.length + 2)
      const optional = /^[?+*]/.test(rest.slice(end)) && named.startsWith(':') ? 1 : 0
      yield {
        name: name?.[1] ?? '*',
        constraint: format === undefined ? undefined : constraintOf(format),
        alternatives: format?.match(/[\w-]+(?=[|)]|$)/g) ?? [],
      }
      i += end + optional - 1
      continue
    }
    // The braces of an optional part in Express 5, and the question mark of an optional character in Express 4.
    if (!/[{}?]/.test(rest[0]!)) yield rest[0]!
  }
}

function constraintOf(format: string): RegExp {
  try {
    return new RegExp(`^(?:${format})$`)
  } catch {
    // A value that cannot match: one must be given.
    return /(?!)/
  }
}

interface Value {
  readonly text: string
  readonly isOrganization: boolean
}

function valueOf(
  { name, constraint, alternatives }: Parameter,
  before: string,
  { route, values, ids }: PathSource,
): Value | undefined {
  const given = values.ofRoute.get(route)?.get(name) ?? values.ofAll.get(name)
  if (given !== undefined) return { text: given, isOrganization: false }
  const own = OWN.get(ownName(name, before))
  const candidates = [
    ...(own ? [{ text: ids[own], isOrganization: own.startsWith('org') }] : []),
    ...[...PLACEHOLDERS, ...alternatives].map((text) => ({ text, isOrganization: false })),
  ]
  return candidates.find(({ text }) => !constraint || constraint.test(text))
}

/** `org_id` and `orgId` are the same, and `:id` in `/orgs/:id` is that of an organization. */
function ownName(name: string, before: string): string {
  const plain = name.replace(/[-_]/g, '').toLowerCase()
  if (plain !== 'id' && plain !== 'slug') return plain
  const collection = /([a-z]+)s\/$/i.exec(before)?.[1]?.toLowerCase() ?? ''
  return `${collection}${plain}`
}

const OWN: ReadonlyMap<string, keyof CallerIds> = new Map(
  Object.entries({
    org: 'orgId',
    orgid: 'orgId',
    organization: 'orgId',
    organizationid: 'orgId',
    tenant: 'orgId',
    tenantid: 'orgId',
    orgslug: 'orgSlug',
    organizationslug: 'orgSlug',
    tenantslug: 'orgSlug',
    user: 'userId',
    userid: 'userId',
    machine: 'machineId',
    machineid: 'machineId',
  } as const),
)

const PLACEHOLDERS = [
  // First what no other route is likely to name.
  'zq7kx',
  '1',
  'a',
  '00000000-0000-4000-8000-000000000000',
  '2030-01-01',
  'a1',
  'abc',
  '12',
  '123',
  '1234',
  'abcdef1234567890abcdef12',
  'en',
  'a.txt',
  'a.json',
]
