import { seedProblem } from './check-seed.js'
import { defaultSeed } from './default-seed.js'
import { idOf } from '../state/ids.js'
import { list } from '../list.js'

/** The initial users, organizations, machines and clients of an instance, by the names that tests use. */
export interface Seed {
  /** by slug */
  readonly organizations: Readonly<Record<string, SeedOrganization>>
  /** permissions by role, such as `'org:admin': ['org:invoices:create']`; default: the roles of `defaultSeed` */
  readonly roles?: Readonly<Record<string, readonly string[]>>
  /** by the name for `sessionToken({ user })` */
  readonly people: Readonly<Record<string, SeedPerson>>
  /** by the name for `m2mToken({ from, to })`; default: the machines of `defaultSeed` */
  readonly machines?: Readonly<Record<string, SeedMachine>>
  /** OAuth applications, by the name for `oauthToken({ client })`; default: the clients of `defaultSeed` */
  readonly clients?: Readonly<Record<string, SeedClient>>
}

export interface SeedOrganization {
  readonly name: string
  /** features of its plan, such as `invoices`; features that occur in members' permissions need not be listed */
  readonly features?: readonly string[]
  /** default `pro` */
  readonly plan?: string
}

export interface SeedPerson {
  readonly firstName: string
  readonly email: string
  /** role by organization slug; default: none */
  readonly memberships?: Readonly<Record<string, string>>
  /** slug of the organization that is active in tokens by default; default: none */
  readonly defaultOrganization?: string
}

export interface SeedMachine {
  /** names of the machines that it may call; default: none */
  readonly scopes?: readonly string[]
  /** lifetime of its tokens in seconds, default 3600 */
  readonly defaultTokenTtl?: number
}

export interface SeedClient {
  readonly name: string
}

/** A user in the seed, with the id used in tokens. */
export interface Person {
  readonly name: string
  /** `user_…` */
  readonly id: string
  readonly firstName: string
  readonly email: string
  /** role by organization slug */
  readonly memberships: Readonly<Record<string, string>>
  readonly defaultOrganization: string | null
}

/** An organization in the seed, with the id used in tokens. */
export interface Organization {
  readonly slug: string
  /** `org_…` */
  readonly id: string
  readonly name: string
  readonly features: readonly string[]
  readonly plan: string
}

/** An OAuth application in the seed, with the id used in tokens. */
export interface Client {
  /** display name */
  readonly name: string
  /** `client_…` */
  readonly id: string
}

/** A seed whose references have been checked. */
export interface Population {
  readonly people: Readonly<Record<string, Person>>
  readonly organizations: Readonly<Record<string, Organization>>
  readonly machines: Readonly<Record<string, SeedMachine>>
  readonly clients: Readonly<Record<string, Client>>
  /** permissions by role */
  readonly roles: ReadonlyMap<string, readonly string[]>
  /**
   * @param nameOrId `alice` or `user_…`
   * @throws {TypeError} if it does not exist
   */
  person(nameOrId: string): Person
  /**
   * @param slugOrId `acme` or `org_…`
   * @throws {TypeError} if it does not exist
   */
  organization(slugOrId: string): Organization
  /**
   * @param nameOrId `cli` or `client_…`; default: the first
   * @throws {TypeError} if it does not exist
   */
  client(nameOrId?: string): Client
  /**
   * Returns the permissions of a role.
   *
   * @throws {TypeError} if the role does not exist
   */
  permissionsOf(role: string): readonly string[]
}

/** @throws {TypeError} if the seed has the wrong shape, or refers to something that it does not define */
export function populate(seed: Seed): Population {
  const problem = seedProblem(seed)
  if (problem) throw new TypeError(problem.message)

  const roles = new Map(Object.entries(seed.roles ?? defaultSeed.roles))
  const organizations = new Map(
    Object.entries(seed.organizations).map(([slug, it]) => [slug, organizationOf(slug, it)]),
  )
  const people = new Map(Object.entries(seed.people).map(([name, it]) => [name, personOf(name, it)]))
  const machines = seed.machines ?? defaultSeed.machines
  const clients = new Map(
    Object.entries(seed.clients ?? defaultSeed.clients).map(([key, it]) => [key, clientOf(key, it)]),
  )

  return {
    people: Object.freeze(Object.fromEntries(people)),
    organizations: Object.freeze(Object.fromEntries(organizations)),
    machines,
    clients: Object.freeze(Object.fromEntries(clients)),
    roles,
    person: (nameOrId) => find('user', nameOrId, people),
    organization: (slugOrId) => find('organization', slugOrId, organizations),
    client: (nameOrId = clients.keys().next().value ?? '') => find('client', nameOrId, clients),
    permissionsOf(role) {
      const permissions = roles.get(role)
      if (!permissions) throw new TypeError(`there is no role "${role}", only ${list(roles.keys())}`)
      return permissions
    },
  }
}

function organizationOf(slug: string, { name, features = [], plan = 'pro' }: SeedOrganization): Organization {
  return Object.freeze({ slug, id: idOf('org', slug), name, features: Object.freeze([...features]), plan })
}

function personOf(name: string, { firstName, email, memberships, defaultOrganization }: SeedPerson): Person {
  return Object.freeze({
    name,
    id: idOf('user', name),
    firstName,
    email,
    memberships: Object.freeze({ ...memberships }),
    defaultOrganization: defaultOrganization ?? null,
  })
}

function clientOf(key: string, { name }: SeedClient): Client {
  return Object.freeze({ name, id: idOf('client', key) })
}

/** @throws {TypeError} if it does not exist */
export function find<T extends { readonly id: string }>(
  what: string,
  nameOrId: string,
  all: ReadonlyMap<string, T>,
): T {
  const found = all.get(nameOrId) ?? [...all.values()].find(({ id }) => id === nameOrId)
  if (!found) throw new TypeError(`there is no ${what} "${nameOrId}", only ${list(all.keys())}`)
  return found
}
