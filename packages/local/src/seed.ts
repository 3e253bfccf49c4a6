import { idOf } from './ids.js'
import { A_STRING, AN_OBJECT, STRINGS, checkInput, rule, type InputRules } from './input.js'
import { isFeatureName, parsePermission } from './permissions.js'

/** The people and organizations that an instance knows, by the names that tests call them by. */
export interface Seed {
  /** by slug */
  readonly organizations: Readonly<Record<string, SeedOrganization>>
  /** permissions by role, such as `'org:admin': ['org:invoices:create']`; default: those of {@link defaultSeed} */
  readonly roles?: Readonly<Record<string, readonly string[]>>
  /** by the name that `sessionToken({ user })` takes */
  readonly people: Readonly<Record<string, SeedPerson>>
  /** by the name that `m2mToken({ from, to })` takes; default: those of {@link defaultSeed} */
  readonly machines?: Readonly<Record<string, SeedMachine>>
  /** OAuth applications, by the name that `oauthToken({ client })` takes; default: those of {@link defaultSeed} */
  readonly clients?: Readonly<Record<string, SeedClient>>
}

export interface SeedOrganization {
  readonly name: string
  /** features of its plan, such as `invoices`; those of a member's permissions need not be listed */
  readonly features?: readonly string[]
  /** default `pro` */
  readonly plan?: string
}

export interface SeedPerson {
  readonly firstName: string
  readonly email: string
  /** role by organization slug */
  readonly memberships: Readonly<Record<string, string>>
  /** slug of the organization that is active when a token does not say; default: none is */
  readonly defaultOrganization?: string
}

export interface SeedMachine {
  /** names of the machines that it may call; default: none */
  readonly scopes?: readonly string[]
  /** seconds that its tokens live for, default 3600 */
  readonly defaultTokenTtl?: number
}

export interface SeedClient {
  readonly name: string
}

/** A person of the seed, with the id that tokens carry. */
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

/** An organization of the seed, with the id that tokens carry. */
export interface Organization {
  readonly slug: string
  /** `org_…` */
  readonly id: string
  readonly name: string
  readonly features: readonly string[]
  readonly plan: string
}

/** An OAuth application of the seed, with the id that tokens carry. */
export interface Client {
  /** as the application calls itself */
  readonly name: string
  /** `client_…` */
  readonly id: string
}

/** An admin, a member, an admin of another organization, and somebody without one. */
export const defaultSeed = {
  organizations: {
    acme: { name: 'Acme', features: ['invoices', 'reports'] },
    globex: { name: 'Globex', features: ['invoices', 'reports'] },
  },
  roles: {
    'org:admin': ['org:invoices:create', 'org:invoices:read', 'org:reports:read'],
    'org:member': ['org:invoices:read'],
  },
  people: {
    alice: {
      firstName: 'Alice',
      email: 'alice@acme.example',
      memberships: { acme: 'org:admin' },
      defaultOrganization: 'acme',
    },
    bob: {
      firstName: 'Bob',
      email: 'bob@acme.example',
      memberships: { acme: 'org:member' },
      defaultOrganization: 'acme',
    },
    carol: {
      firstName: 'Carol',
      email: 'carol@globex.example',
      memberships: { globex: 'org:admin' },
      defaultOrganization: 'globex',
    },
    dave: { firstName: 'Dave', email: 'dave@example.com', memberships: {} },
  },
  machines: {
    worker: { scopes: ['api'] },
    api: {},
    billing: {},
  },
  clients: {
    cli: { name: 'Command line' },
    partner: { name: 'Partner' },
  },
} as const satisfies Seed

export type DefaultSeed = typeof defaultSeed

/** A seed whose references have been checked. */
export interface Population {
  readonly people: Readonly<Record<string, Person>>
  readonly organizations: Readonly<Record<string, Organization>>
  readonly machines: Readonly<Record<string, SeedMachine>>
  readonly clients: Readonly<Record<string, Client>>
  /**
   * @param nameOrId `alice` or `user_…`
   * @throws {TypeError} when there is none
   */
  person(nameOrId: string): Person
  /**
   * @param slugOrId `acme` or `org_…`
   * @throws {TypeError} when there is none
   */
  organization(slugOrId: string): Organization
  /**
   * @param nameOrId `cli` or `client_…`; none: the first
   * @throws {TypeError} when there is none
   */
  client(nameOrId?: string): Client
  /**
   * Permissions of a role.
   *
   * @throws {TypeError} when there is no such role
   */
  permissionsOf(role: string): readonly string[]
}

/** @throws {TypeError} when something in the seed refers to what is not in it, or has another form */
export function populate(seed: Seed): Population {
  checkInput('a seed', seed, RULES)
  for (const part of ['organizations', 'people'] as const)
    if (seed[part] === undefined) throw new TypeError(`the seed needs "${part}"`)

  const roles = new Map(Object.entries(seed.roles ?? defaultSeed.roles))
  const organizations = new Map(
    Object.entries(seed.organizations).map(([slug, it]) => [slug, organizationOf(slug, it)]),
  )
  const people = new Map(Object.entries(seed.people).map(([name, it]) => [name, personOf(name, it)]))
  const machines = seed.machines ?? defaultSeed.machines
  const clients = new Map(
    Object.entries(seed.clients ?? defaultSeed.clients).map(([key, it]) => [key, clientOf(key, it)]),
  )

  for (const [role, permissions] of roles) checkRole(role, permissions)
  for (const person of people.values()) checkMemberships(person, organizations, roles)
  checkMachines(machines)

  return {
    people: Object.freeze(Object.fromEntries(people)),
    organizations: Object.freeze(Object.fromEntries(organizations)),
    machines,
    clients: Object.freeze(Object.fromEntries(clients)),
    person: (nameOrId) => find('user', nameOrId, people),
    organization: (slugOrId) => find('organization', slugOrId, organizations),
    client: (nameOrId = clients.keys().next().value ?? '') => find('client', nameOrId, clients),
    permissionsOf(role) {
      const permissions = roles.get(role)
      if (!permissions) throw new TypeError(`role "${role}" is not in the seed, which has ${list(roles.keys())}`)
      return permissions
    },
  }
}

function organizationOf(slug: string, { name, features = [], plan = 'pro' }: SeedOrganization): Organization {
  for (const feature of [...features, plan])
    if (!isFeatureName(feature))
      throw new TypeError(`"${feature}" of organization "${slug}" must be a name without colon, comma or white space`)
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

function clientOf(key: string, client: SeedClient): Client {
  const { name } = client
  checkInput(`client "${key}" of the seed`, client, CLIENT_RULES)
  if (name === undefined) throw new TypeError(`client "${key}" of the seed needs a "name"`)
  return Object.freeze({ name, id: idOf('client', key) })
}

function checkMachines(machines: Readonly<Record<string, SeedMachine>>): void {
  const names = Object.keys(machines)
  if (names.length === 0) throw new TypeError('the seed needs at least one machine')
  for (const [name, machine] of Object.entries(machines)) {
    checkInput(`machine "${name}" of the seed`, machine, MACHINE_RULES)
    const unknown = machine.scopes?.find((scope) => !names.includes(scope))
    if (unknown !== undefined)
      throw new TypeError(`machine "${name}" may call "${unknown}", but the seed has ${list(names)}`)
  }
}

function checkRole(role: string, permissions: readonly string[]): void {
  if (!role.startsWith('org:')) throw new TypeError(`role "${role}" of the seed must begin with "org:"`)
  permissions.forEach(parsePermission)
}

function checkMemberships(
  { name, memberships, defaultOrganization }: Person,
  organizations: ReadonlyMap<string, Organization>,
  roles: ReadonlyMap<string, readonly string[]>,
): void {
  for (const [slug, role] of Object.entries(memberships)) {
    if (!organizations.has(slug))
      throw new TypeError(`"${name}" is a member of "${slug}", but the seed has ${list(organizations.keys())}`)
    if (!roles.has(role)) throw new TypeError(`"${name}" has role "${role}", but the seed has ${list(roles.keys())}`)
  }
  if (defaultOrganization !== null && !Object.hasOwn(memberships, defaultOrganization))
    throw new TypeError(
      `defaultOrganization "${defaultOrganization}" of "${name}" must be one of ${list(Object.keys(memberships))}`,
    )
}

/** @throws {TypeError} when there is none */
export function find<T extends { readonly id: string }>(
  what: string,
  nameOrId: string,
  all: ReadonlyMap<string, T>,
): T {
  const found = all.get(nameOrId) ?? [...all.values()].find(({ id }) => id === nameOrId)
  if (!found) throw new TypeError(`${what} "${nameOrId}" is not in the seed, which has ${list(all.keys())}`)
  return found
}

export function list(names: Iterable<string>): string {
  return [...names].join(', ') || 'none'
}

const RULES: InputRules<Seed> = {
  organizations: AN_OBJECT,
  roles: AN_OBJECT,
  people: AN_OBJECT,
  machines: AN_OBJECT,
  clients: AN_OBJECT,
}

const CLIENT_RULES: InputRules<SeedClient> = { name: A_STRING }

const MACHINE_RULES: InputRules<SeedMachine> = {
  scopes: STRINGS,
  defaultTokenTtl: rule('a positive integer', (value) => Number.isInteger(value) && Number(value) > 0),
}
