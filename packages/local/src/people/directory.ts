import type { Machine as MachineRecord } from '../model/machine.js'
import type { OAuthApplication } from '../model/oauth-application.js'
import type { Organization as OrganizationRecord } from '../model/organization.js'
import type { User } from '../model/user.js'
import type { World } from '../state/world.js'
import { defaultPlanFor, subscribedPlanOf } from '../billing/subscription.js'
import { list } from '../support/list.js'
import { primaryEmailOf } from './user.js'

/** A user, with the id used in tokens. */
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

/** An organization, with the id used in tokens. */
export interface Organization {
  readonly slug: string
  /** `org_…` */
  readonly id: string
  readonly name: string
  readonly features: readonly string[]
  readonly plan: string
}

/** The current state of a machine. */
export interface Machine {
  readonly name: string
  /** `mch_…` */
  readonly id: string
  /** `ak_…`, the newest */
  readonly secretKey: string
  /** ids of the machines that it may call */
  readonly scopes: readonly string[]
  /** seconds */
  readonly defaultTokenTtl: number
}

/** An OAuth application, with the id used in tokens. */
export interface Client {
  /** display name */
  readonly name: string
  /** `client_…` */
  readonly id: string
}

/** What a user has subscribed to. */
export interface UserPlan {
  readonly slug: string
  readonly features: readonly string[]
}

/** Users, organizations, machines and OAuth applications by the names that tests and the command line use. */
export interface Directory {
  readonly people: () => Readonly<Record<string, Person>>
  readonly organizations: () => Readonly<Record<string, Organization>>
  readonly machines: () => Readonly<Record<string, Machine>>
  readonly clients: () => Readonly<Record<string, Client>>
  /**
   * @param nameOrId `alice` or `user_…`
   * @throws {TypeError} if it does not exist, like all of these
   */
  readonly person: (nameOrId: string) => Person
  /** @param slugOrId `acme` or `org_…` */
  readonly organization: (slugOrId: string) => Organization
  /** @param nameOrId `worker` or `mch_…` */
  readonly machine: (nameOrId: string) => MachineRecord
  /** @param nameOrId `cli`, `client_…` or `oa_…`; default: the first */
  readonly client: (nameOrId?: string) => Client
  /** The plan of a user, or `undefined` if there are no plans for users. */
  readonly planOf: (userId: string) => UserPlan | undefined
  /** @param role such as `org:admin` */
  readonly permissionsOf: (role: string) => readonly string[]
}

export function createDirectory(world: World): Directory {
  let views: Views | undefined
  let revision = -1

  /** Built anew after a change. */
  function all(): Views {
    if (!views || revision !== world.revision()) views = viewsOf(world)
    revision = world.revision()
    return views
  }

  const unknown = (what: string, nameOrId: string, known: object) =>
    new TypeError(`there is no ${what} "${nameOrId}", only ${list(Object.keys(known))}`)

  return {
    people: () => all().people,
    organizations: () => all().organizations,
    machines: () => all().machines,
    clients: () => all().clients,
    // Not looked up in the views, which a large instance takes long to build.
    person(nameOrId) {
      const user = world.users.find('local_name', nameOrId) ?? world.users.byId(nameOrId)
      if (!user) throw unknown('user', nameOrId, all().people)
      return personView(user, world)
    },
    organization(slugOrId) {
      const organization = world.organizations.find('slug', slugOrId) ?? world.organizations.byId(slugOrId)
      if (!organization) throw unknown('organization', slugOrId, all().organizations)
      return organizationView(organization, world)
    },
    machine(nameOrId) {
      const machine = world.machines.find('name', nameOrId) ?? world.machines.byId(nameOrId)
      if (!machine) throw unknown('machine', nameOrId, all().machines)
      return machine
    },
    client(nameOrId) {
      const applications = world.oauth_applications
      const application =
        nameOrId === undefined
          ? applications.all()[0]
          : (applications.find('local_name', nameOrId) ??
            applications.find('client_id', nameOrId) ??
            applications.byId(nameOrId))
      if (!application) throw unknown('client', nameOrId ?? '', all().clients)
      return clientView(application)
    },
    planOf: (userId) => subscribedPlanOf(world, userId) ?? defaultPlanFor(world, 'user'),
    permissionsOf(role) {
      const found = world.roles.find('key', role)
      if (found) return found.permissions
      throw new TypeError(`there is no role "${role}", only ${list(world.roles.all().map(({ key }) => key))}`)
    },
  }
}

interface Views {
  readonly people: Readonly<Record<string, Person>>
  readonly organizations: Readonly<Record<string, Organization>>
  readonly machines: Readonly<Record<string, Machine>>
  readonly clients: Readonly<Record<string, Client>>
}

/** Frozen, because tests can see them. */
function viewsOf(world: World): Views {
  return {
    people: byName(
      world.users.all(),
      ({ local_name }) => local_name,
      (user) => personView(user, world),
    ),
    organizations: byName(
      world.organizations.all(),
      ({ slug }) => slug,
      (organization) => organizationView(organization, world),
    ),
    machines: byName(world.machines.all(), ({ name }) => name, machineView),
    clients: byName(world.oauth_applications.all(), ({ local_name }) => local_name, clientView),
  }
}

/** Names need not be unique: the oldest record with a name keeps it, and later ones are listed by id. */
function byName<R extends { readonly id: string }, V>(
  records: readonly R[],
  nameOf: (record: R) => string,
  view: (record: R) => V,
): Readonly<Record<string, V>> {
  const views = new Map<string, V>()
  for (const record of records) {
    const name = nameOf(record)
    views.set(views.has(name) ? record.id : name, view(record))
  }
  return Object.freeze(Object.fromEntries(views))
}

/** With the plan of its subscription, if it has one. */
function organizationView({ slug, id, name, ...own }: OrganizationRecord, world: World): Organization {
  const subscribed = subscribedPlanOf(world, id)
  const { features } = subscribed ?? own
  return Object.freeze({ slug, id, name, features: Object.freeze([...features]), plan: subscribed?.slug ?? own.plan })
}

function personView(user: User, world: World): Person {
  const memberships = world.memberships.where('user_id', user.id).flatMap(({ organization_id, role }) => {
    const organization = world.organizations.byId(organization_id)
    return organization ? [[organization.slug, role] as const] : []
  })
  const active = world.organizations.byId(user.default_organization_id ?? '')?.slug
  return Object.freeze({
    name: user.local_name,
    id: user.id,
    firstName: user.first_name ?? '',
    email: primaryEmailOf(world, user)?.email_address ?? '',
    memberships: Object.freeze(Object.fromEntries(memberships)),
    defaultOrganization: memberships.some(([slug]) => slug === active) ? (active ?? null) : null,
  })
}

function machineView({ name, id, secret_key, scopes, default_token_ttl }: MachineRecord): Machine {
  const machine = { name, id, secretKey: secret_key, scopes: Object.freeze([...scopes]) }
  return Object.freeze({ ...machine, defaultTokenTtl: default_token_ttl })
}

function clientView({ name, client_id }: OAuthApplication): Client {
  return Object.freeze({ name, id: client_id })
}
