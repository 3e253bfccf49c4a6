import { randomBytes } from 'node:crypto'
import {
  A_NUMBER,
  A_STRING,
  A_STRING_OR_NULL,
  AN_OBJECT,
  STRINGS,
  checkInput,
  isFiniteNumber,
  isListOf,
  isObject,
  rule,
  type InputRules,
} from '../support/input.js'
import type { Issuer, JwtParts } from './issuer.js'
import { jwtTimes } from './lifetime.js'
import { list } from '../support/list.js'
import { encodePermissions, parsePermission } from './permissions.js'
import type { Directory, Organization, Person, UserPlan } from '../people/directory.js'
import { firstSessionId, type SessionHolder } from '../people/session.js'
import type { JsonObject } from '../model/schema.js'
import { CATEGORIES } from './token-kind.js'

/** Options of a session token. The defaults are what Clerk would issue for the user. */
export interface SessionTokenInput {
  /** a user's name or `user_…` id; default `alice` */
  readonly user?: string
  /** slug or `org_…` id of the active organization; `null`: none; default: the user's `defaultOrganization` */
  readonly org?: string | null
  /** overrides the role of the membership, such as `org:admin`; required if the user is not a member of `org` */
  readonly role?: string
  /** overrides the role's permissions, such as `['org:invoices:create']` */
  readonly permissions?: readonly string[]
  /** format of the claims, default 2; Clerk deprecated 1 in April 2025 */
  readonly version?: 1 | 2
  /** `pending`: the user has an open task, such as choosing an organization; default `active` */
  readonly status?: 'active' | 'pending'
  /** who impersonates the user: a user's name or id, or the whole `act` claim */
  readonly actor?: string | Readonly<Record<string, unknown>>
  /** minutes since the first and the second factor were verified, -1 for a missing factor; default `[0, -1]` */
  readonly factorVerificationAge?: readonly [number, number]
  /** default 60; with -10, the token expired ten seconds ago, after a lifetime of 60 */
  readonly ttlInSeconds?: number
  /** origin that the session was used from, default `http://localhost:3000`; `null` omits the claim */
  readonly azp?: string | null
  /** merged into the claims last; `undefined` removes a claim */
  readonly claims?: Readonly<Record<string, unknown>>
  /** merged into the header last; `undefined` removes a parameter. The instance's key signs regardless. */
  readonly header?: Readonly<Record<string, unknown>>
}

const TTL_IN_SECONDS = 60

/**
 * Header and claims of a session token, not yet signed.
 *
 * @param sessionId returns the id of the token's session; called only for valid input
 * @throws {TypeError} if the input names something that does not exist, or a field has the wrong type
 */
export function sessionTokenParts(
  input: SessionTokenInput,
  issuer: Issuer,
  sessionId: (holder: SessionHolder) => string = firstSessionId,
): JwtParts {
  checkInput('sessionToken()', input, RULES)
  const { kid, algorithm } = issuer
  return {
    header: { alg: algorithm, cat: CATEGORIES.session_token, kid, typ: 'JWT' },
    claims: sessionClaims(input, issuer, sessionId),
  }
}

function sessionClaims(
  input: SessionTokenInput,
  { url, directory, nowInSeconds }: Issuer,
  sessionId: (holder: SessionHolder) => string,
): object {
  const {
    version = 2,
    azp = 'http://localhost:3000',
    ttlInSeconds = TTL_IN_SECONDS,
    factorVerificationAge = [0, -1],
  } = input
  const person = directory.person(input.user ?? 'alice')
  const membership = activeMembership(input, person, directory)
  const actor = input.actor === undefined ? null : actorClaim(input.actor, directory)
  const ofVersion =
    version === 2 ? version2Claims(input, membership, directory.planOf(person.id)) : version1Claims(input, membership)
  const organization_id = membership?.organization.id ?? null
  return {
    ...(azp !== null && { azp }),
    fva: factorVerificationAge,
    iss: url,
    ...jwtTimes(nowInSeconds, ttlInSeconds, TTL_IN_SECONDS),
    sid: sessionId({ user_id: person.id, organization_id, actor, status: input.status ?? 'active' }),
    sub: person.id,
    ...(actor && { act: actor }),
    ...ofVersion,
  }
}

interface ActiveMembership {
  readonly organization: Organization
  readonly role: string
  readonly permissions: readonly string[]
}

function activeMembership(
  input: SessionTokenInput,
  person: Person,
  directory: Directory,
): ActiveMembership | undefined {
  const org = input.org === undefined ? person.defaultOrganization : input.org
  if (org === null) {
    if (input.role !== undefined || input.permissions !== undefined)
      throw new TypeError('"role" and "permissions" require an active organization: set "org"')
    return undefined
  }
  const organization = directory.organization(org)
  const role = input.role ?? roleIn(organization, person)
  if (role === undefined)
    throw new TypeError(
      `"${person.name}" is not a member of "${organization.slug}", only of ` +
        `${list(Object.keys(person.memberships))}: set "role" to mint the token anyway`,
    )
  if (!role.startsWith('org:')) throw new TypeError(`role "${role}" must start with "org:"`)
  return { organization, role, permissions: input.permissions ?? directory.permissionsOf(role) }
}

function roleIn({ slug }: Organization, { memberships }: Person): string | undefined {
  return Object.hasOwn(memberships, slug) ? memberships[slug] : undefined
}

function version2Claims(
  { status = 'active' }: SessionTokenInput,
  membership: ActiveMembership | undefined,
  { slug, features }: UserPlan = { slug: 'free', features: [] },
): object {
  const common = { jti: randomBytes(10).toString('hex'), sts: status, v: 2 }
  if (!membership) {
    const fea = features.map((feature) => `u:${feature}`).join(',')
    return { ...common, ...(fea && { fea }), pla: `u:${slug}` }
  }

  const { organization, role, permissions } = membership
  const { fea, per, fpm } = encodePermissions(organization.features, permissions)
  return {
    ...common,
    ...(fea && { fea }),
    o: { ...(per && { fpm, per }), id: organization.id, rol: role.slice('org:'.length), slg: organization.slug },
    pla: `o:${organization.plan}`,
  }
}

// These tokens predate pending sessions, so they have no `sts` unless a test asks for it.
function version1Claims({ status }: SessionTokenInput, membership: ActiveMembership | undefined): object {
  const common = { ...(status && { sts: status }) }
  if (!membership) return common

  const { organization, role, permissions } = membership
  permissions.forEach(parsePermission)
  return {
    ...common,
    org_id: organization.id,
    org_permissions: permissions,
    org_role: role,
    org_slug: organization.slug,
  }
}

export function actorClaim(actor: string | JsonObject, directory: Directory): JsonObject {
  return typeof actor === 'string' ? { sub: directory.person(actor).id } : actor
}

export const AN_ACTOR = rule('a string or an object', (value) => typeof value === 'string' || isObject(value))

const RULES: InputRules<SessionTokenInput> = {
  user: A_STRING,
  org: A_STRING_OR_NULL,
  role: A_STRING,
  permissions: STRINGS,
  version: rule('1 or 2', (value) => value === 1 || value === 2),
  status: rule('"active" or "pending"', (value) => value === 'active' || value === 'pending'),
  actor: AN_ACTOR,
  factorVerificationAge: rule('two finite numbers', (value) => isListOf(value, isFiniteNumber) && value.length === 2),
  ttlInSeconds: A_NUMBER,
  azp: A_STRING_OR_NULL,
  claims: AN_OBJECT,
  header: AN_OBJECT,
}
