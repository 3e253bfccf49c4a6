import type { LocalEnv } from '../instance/env.js'
import type { OpaqueToken } from '../model/token.js'
import type { Session } from '../model/session.js'
import type { Client, Directory, Organization, Person } from '../people/directory.js'
import { asOfNow, isAlive } from '../people/session.js'
import type { World } from '../state/world.js'
import type { TokenKind } from '../tokens/token-kind.js'
import { isExpired } from '../tokens/opaque-token.js'

/** A truncated list with its total length. */
export interface FirstOf<T> {
  readonly total: number
  readonly first: readonly T[]
}

/** An opaque token or an API key, without its secret. Times are milliseconds since the epoch, by the instance's clock. */
export interface TokenView {
  readonly id: string
  readonly kind: Exclude<TokenKind, 'session_token' | 'jwt_template'>
  readonly createdAt: number
  /** `null`: never */
  readonly expiresAt: number | null
  readonly state: 'active' | 'revoked' | 'expired'
}

/** Times are milliseconds since the epoch, by the instance's clock. */
export interface SessionView {
  readonly id: string
  /** slug of the active organization */
  readonly organization: string | null
  readonly status: Session['status']
  readonly isImpersonated: boolean
  readonly createdAt: number
  readonly expiresAt: number
}

export interface PersonView {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly memberships: FirstOf<{ readonly slug: string; readonly role: string }>
  readonly defaultOrganization: string | null
  /** newest first */
  readonly tokens: FirstOf<TokenView>
  /** live sessions, newest first */
  readonly sessions: FirstOf<SessionView>
}

export interface OrganizationView extends Organization {
  /** names of people */
  readonly members: FirstOf<string>
  readonly tokens: FirstOf<TokenView>
}

export interface MachineView {
  readonly id: string
  readonly name: string
  /** names of machines */
  readonly mayCall: FirstOf<string>
  readonly defaultTtlInSeconds: number
  readonly tokens: FirstOf<TokenView>
}

export interface ClientView extends Client {
  /** the name for `oauthToken({ client })` */
  readonly key: string
}

/** The contents of an instance, for the page. */
export interface DirectoryView {
  readonly url: string
  /** contains secret keys, which allow minting tokens of any user */
  readonly env: LocalEnv
  readonly clock: {
    readonly now: number
    readonly isStopped: boolean
    /** the system time */
    readonly machineNow: number
  }
  readonly keys: { readonly current: string; readonly published: number }
  readonly people: FirstOf<PersonView>
  readonly organizations: FirstOf<OrganizationView>
  readonly machines: FirstOf<MachineView>
  readonly clients: FirstOf<ClientView>
}

/** The sources of a directory view. */
export interface DirectorySources {
  readonly world: World
  readonly directory: Directory
}

/** The maximum of each kind on the page. */
const MAX_SHOWN = 200

/** The maximum in a card. */
const MAX_IN_CARD = 20

/** @param query case-insensitive part of a name, an email address or an id; empty: everything */
export function viewDirectory(
  query: string,
  { world, directory }: DirectorySources,
): Pick<DirectoryView, 'people' | 'organizations' | 'machines' | 'clients'> {
  const needle = query.trim().toLowerCase()
  const matches = (...values: readonly string[]) => values.some((value) => value.toLowerCase().includes(needle))
  const [allPeople, allMachines] = [Object.values(directory.people()), world.machines.all()]

  const foundPeople = allPeople.filter(({ id, name, firstName, email }) => matches(id, name, firstName, email))
  const foundOrganizations = Object.values(directory.organizations()).filter(({ id, slug, name }) =>
    matches(id, slug, name),
  )
  const foundMachines = allMachines.filter(({ id, name }) => matches(id, name))
  const foundClients = Object.entries(directory.clients()).filter(([key, { id, name }]) => matches(key, id, name))

  const shownIds = [foundPeople, foundOrganizations, foundMachines].flatMap((found) =>
    found.slice(0, MAX_SHOWN).map(({ id }) => id),
  )
  const tokensOf = tokensBySubject(new Set(shownIds), world)
  const sessionsOf = groupBy(liveSessions(world), ({ user_id }) => user_id)
  const membersOf = membersBySlug(allPeople)
  const nameOf = new Map(allMachines.map(({ id, name }) => [id, name]))
  const slugOf = (organizationId: string) => world.organizations.byId(organizationId)?.slug ?? null

  return {
    people: firstOf(foundPeople, MAX_SHOWN, (person) => ({
      id: person.id,
      name: person.name,
      email: person.email,
      memberships: firstOf(Object.entries(person.memberships), MAX_IN_CARD, ([slug, role]) => ({ slug, role })),
      defaultOrganization: person.defaultOrganization,
      tokens: inCard(tokensOf(person.id)),
      sessions: firstOf(sessionsOf(person.id), MAX_IN_CARD, (session) => sessionView(session, slugOf)),
    })),
    organizations: firstOf(foundOrganizations, MAX_SHOWN, (organization) => ({
      ...organization,
      members: inCard(membersOf(organization.slug)),
      tokens: inCard(tokensOf(organization.id)),
    })),
    machines: firstOf(foundMachines, MAX_SHOWN, ({ id, name, scopes, default_token_ttl }) => ({
      id,
      name,
      mayCall: firstOf(scopes, MAX_IN_CARD, (scope) => nameOf.get(scope) ?? scope),
      defaultTtlInSeconds: default_token_ttl,
      tokens: inCard(tokensOf(id)),
    })),
    clients: firstOf(foundClients, MAX_SHOWN, ([key, { id, name }]) => ({ key, id, name })),
  }
}

function firstOf<T, V>(all: readonly T[], max: number, view: (item: T) => V): FirstOf<V> {
  return { total: all.length, first: all.slice(0, max).map(view) }
}

function inCard<T>(all: readonly T[]): FirstOf<T> {
  return firstOf(all, MAX_IN_CARD, (item) => item)
}

/** Newest first. */
function liveSessions(world: World): readonly Session[] {
  return world.sessions
    .all()
    .map((session) => asOfNow(session, world))
    .filter(isAlive)
    .toReversed()
}

/** Newest first. */
function tokensBySubject(subjects: ReadonlySet<string>, world: World): (subject: string) => readonly TokenView[] {
  const tokens = [
    ...world.m2m_tokens.all().map((token) => ({ kind: 'm2m_token' as const, token })),
    ...world.oauth_tokens.all().map((token) => ({ kind: 'oauth_token' as const, token })),
    ...world.api_keys.all().map((token) => ({ kind: 'api_key' as const, token })),
  ]
  const bySubject = groupBy(
    tokens.filter(({ token }) => subjects.has(token.subject)),
    ({ token }) => token.subject,
  )
  return (subject) =>
    bySubject(subject)
      .toSorted((one, other) => one.token.created_at - other.token.created_at)
      .toReversed()
      .map(({ kind, token }) => tokenView(kind, token, world.now()))
}

function tokenView(kind: TokenView['kind'], token: OpaqueToken, now: number): TokenView {
  const { id, created_at: createdAt, expiration, revoked } = token
  const state = revoked ? 'revoked' : isExpired(token, now) ? 'expired' : 'active'
  return { id, kind, createdAt, expiresAt: expiration, state }
}

function sessionView(session: Session, slugOf: (organizationId: string) => string | null): SessionView {
  const { id, status, actor, last_active_organization_id: organizationId, created_at, expire_at } = session
  const organization = organizationId === null ? null : slugOf(organizationId)
  return { id, organization, status, isImpersonated: actor !== null, createdAt: created_at, expiresAt: expire_at }
}

function membersBySlug(people: readonly Person[]): (slug: string) => readonly string[] {
  const pairs = people.flatMap(({ name, memberships }) => Object.keys(memberships).map((slug) => ({ slug, name })))
  const bySlug = groupBy(pairs, ({ slug }) => slug)
  return (slug) => bySlug(slug).map(({ name }) => name)
}

function groupBy<T>(all: readonly T[], keyOf: (item: T) => string): (key: string) => readonly T[] {
  const groups = new Map<string, T[]>()
  for (const item of all) {
    const group = groups.get(keyOf(item))
    if (group) group.push(item)
    else groups.set(keyOf(item), [item])
  }
  return (key) => groups.get(key) ?? []
}
