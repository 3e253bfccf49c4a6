import { idOf } from '../state/ids.js'
import { newMembership, type Membership, type MembershipParts } from './membership.js'
import { newOrganization, type OrganizationRecord } from './organization.js'
import { createRecords, type Records } from '../state/records.js'
import { find, type Organization, type Person, type Population } from '../seed/seed.js'
import { primaryEmailOf, userOfSeed, type User } from './user.js'

/** The users and organizations of an instance, initially those of the seed. */
export interface Directory {
  readonly users: Records<User>
  readonly organizations: Records<OrganizationRecord>
  readonly memberships: Records<Membership>
  /** The same users and organizations, in the form that tokens are minted from. */
  readonly population: Population
  readonly organizationOf: (idOrSlug: string) => OrganizationRecord | undefined
  readonly membershipOf: (organizationId: string, userId: string) => Membership | undefined
  /** The organization that is active by default; `null`: none, or the user is no longer a member. */
  readonly defaultOrganizationIdOf: (user: User) => string | null
  readonly partsOf: (membership: Membership) => MembershipParts
}

export function createDirectory(seed: Population, now: () => number): Directory {
  const startedAt = now()
  let view: View | undefined

  const organizations = createRecords(
    Object.values(seed.organizations).map((it) => ({ ...newOrganization(startedAt), ...it })),
  )
  const users = createRecords(
    Object.values(seed.people).map((it) => userOfSeed(it, (slug) => seed.organization(slug).id, startedAt)),
  )
  const memberships = createRecords(
    Object.values(seed.people).flatMap((person) => membershipsOfSeed(person, seed, startedAt)),
  )
  for (const records of [users, organizations, memberships]) records.watch(() => (view = undefined))

  const membershipOf = (organizationId: string, userId: string) =>
    memberships.all().find((it) => it.organizationId === organizationId && it.userId === userId)
  const seen = () => (view ??= viewOf(users, organizations, memberships))

  return {
    users,
    organizations,
    memberships,
    population: {
      ...seed,
      get people() {
        return seen().people
      },
      get organizations() {
        return seen().organizations
      },
      person: (nameOrId) => find('user', nameOrId, seen().byName),
      organization: (slugOrId) => find('organization', slugOrId, seen().bySlug),
    },
    organizationOf: (idOrSlug) =>
      organizations.byId(idOrSlug) ?? organizations.all().find(({ slug }) => slug === idOrSlug),
    membershipOf,
    defaultOrganizationIdOf: ({ id, defaultOrganizationId }) =>
      defaultOrganizationId !== null && membershipOf(defaultOrganizationId, id) ? defaultOrganizationId : null,
    partsOf(membership) {
      const [organization, user] = [organizations.byId(membership.organizationId), users.byId(membership.userId)]
      if (!organization || !user) throw new Error('a membership outlived its user or organization')
      return { membership, organization, user, permissions: seed.permissionsOf(membership.role) }
    },
  }
}

function membershipsOfSeed(person: Person, seed: Population, now: number): readonly Membership[] {
  return Object.entries(person.memberships).map(([slug, role]) => {
    const fields = { userId: person.id, organizationId: seed.organization(slug).id, role }
    return newMembership({ ...fields, id: idOf('orgmem', `${person.name}:${slug}`) }, now)
  })
}

interface View {
  readonly people: Readonly<Record<string, Person>>
  readonly organizations: Readonly<Record<string, Organization>>
  readonly byName: ReadonlyMap<string, Person>
  readonly bySlug: ReadonlyMap<string, Organization>
}

/** Frozen, because tests can see it. Names need not be unique: the oldest user with a name keeps it. */
function viewOf(users: Records<User>, organizations: Records<OrganizationRecord>, all: Records<Membership>): View {
  const bySlug = new Map(organizations.all().map((it) => [it.slug, organizationView(it)]))
  const byName = new Map<string, Person>()
  const roles = rolesByUser(organizations, all)
  for (const user of users.all()) {
    const memberships = Object.fromEntries(roles.get(user.id) ?? [])
    const active = organizations.byId(user.defaultOrganizationId ?? '')?.slug
    const person = personView(
      user,
      memberships,
      active !== undefined && Object.hasOwn(memberships, active) ? active : null,
    )
    byName.set(byName.has(user.name) ? user.id : user.name, person)
  }
  return {
    people: Object.freeze(Object.fromEntries(byName)),
    organizations: Object.freeze(Object.fromEntries(bySlug)),
    byName,
    bySlug,
  }
}

/** Roles by organization slug, for each user with a membership. */
function rolesByUser(organizations: Records<OrganizationRecord>, all: Records<Membership>) {
  const roles = new Map<string, Map<string, string>>()
  for (const { userId, organizationId, role } of all.all()) {
    const organization = organizations.byId(organizationId)
    if (!organization) continue
    const own = roles.get(userId) ?? new Map<string, string>()
    roles.set(userId, own.set(organization.slug, role))
  }
  return roles
}

function organizationView({ slug, id, name, features, plan }: OrganizationRecord): Organization {
  return Object.freeze({ slug, id, name, features, plan })
}

function personView(user: User, memberships: Record<string, string>, defaultOrganization: string | null): Person {
  return Object.freeze({
    name: user.name,
    id: user.id,
    firstName: user.firstName ?? '',
    email: primaryEmailOf(user)?.value ?? '',
    memberships: Object.freeze(memberships),
    defaultOrganization,
  })
}
