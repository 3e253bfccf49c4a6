import { member, type JsonObject, type JsonValue } from '../support/json.js'

/** The active organization from the claims of a session. All fields are `undefined` if none is active. */
export interface ActiveOrganization {
  readonly orgId: string | undefined
  readonly orgSlug: string | undefined
  readonly orgRole: string | undefined
  readonly orgPermissions: readonly string[] | undefined
}

const NONE: ActiveOrganization = { orgId: undefined, orgSlug: undefined, orgRole: undefined, orgPermissions: undefined }

/**
 * Reads the active organization from the claims of a session, in either of Clerk's two formats: version 2 packs it into
 * `o`, version 1 has one claim per field.
 *
 * Malformed claims grant nothing, but do not cause the session to be refused.
 * Source: https://clerk.com/docs/guides/sessions/session-tokens
 */
export function activeOrganization(claims: JsonObject): ActiveOrganization {
  return member(claims, 'v') === 2 ? fromVersion2(claims) : fromVersion1(claims)
}

/** Normalizes `admin`, `org:admin` and `org:org:admin` to `org:admin`. */
export function prefixWithOrg(name: string): string {
  return name.replace(/^(org:)*/, 'org:')
}

/** The entries of `fea` or `pla` by owner: the organization, the user, or both. */
export function splitByScope(claim: unknown): { org: readonly string[]; user: readonly string[] } {
  const org: string[] = []
  const user: string[] = []
  for (const entry of list(claim)) {
    const colon = entry.indexOf(':')
    if (colon === -1) return { org: [], user: [] } // an entry without a scope invalidates the whole claim
    const scope = entry.slice(0, colon)
    const name = entry.slice(colon + 1)
    if (scope === 'o' || scope === 'ou' || scope === 'uo') org.push(name)
    if (scope === 'u' || scope === 'ou' || scope === 'uo') user.push(name)
  }
  return { org, user }
}

function fromVersion1(claims: JsonObject): ActiveOrganization {
  const orgId = textOf(member(claims, 'org_id'))
  if (!orgId) return NONE
  const role = textOf(member(claims, 'org_role'))
  const permissions = member(claims, 'org_permissions')
  return {
    orgId,
    orgSlug: textOf(member(claims, 'org_slug')),
    orgRole: role && prefixWithOrg(role),
    orgPermissions: Array.isArray(permissions)
      ? Object.freeze(permissions.filter((permission) => typeof permission === 'string'))
      : undefined,
  }
}

function fromVersion2(claims: JsonObject): ActiveOrganization {
  const packed = member(claims, 'o')
  if (typeof packed !== 'object' || packed === null) return NONE
  const o = packed as JsonObject
  const orgId = textOf(member(o, 'id'))
  if (!orgId) return NONE
  const role = textOf(member(o, 'rol'))
  const [permissions, masks] = [list(member(o, 'per')), list(member(o, 'fpm'))]
  return {
    orgId,
    orgSlug: textOf(member(o, 'slg')),
    orgRole: role && prefixWithOrg(role),
    orgPermissions: Object.freeze(permissionsOf(splitByScope(member(claims, 'fea')).org, permissions, masks)),
  }
}

/**
 * Decodes the permission masks: bit *j* of mask *i*, counting from the least significant, is permission *j* on feature
 * *i* of the organization. Masks are decimal and may have more bits than a double can hold.
 */
function permissionsOf(features: readonly string[], names: readonly string[], masks: readonly string[]): string[] {
  const permissions: string[] = []
  features.forEach((feature, i) => {
    const digits = masks[i] ?? ''
    if (!/^\d+$/.test(digits)) return
    const bits = BigInt(digits).toString(2)
    names.forEach((name, j) => {
      if (bits.at(-1 - j) === '1') permissions.push(`org:${feature}:${name}`)
    })
  })
  return permissions
}

function list(claim: unknown): string[] {
  return typeof claim === 'string' && claim !== '' ? claim.split(',').map((entry) => entry.trim()) : []
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
