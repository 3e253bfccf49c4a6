import type { User } from '../../model/user.js'
import { boolean, integer, optional, string, type Fields, type Values } from '../../model/schema.js'
import { activityOf } from '../../people/activity.js'
import { primaryEmailOf, primaryPhoneOf } from '../../people/user.js'
import type { World } from '../../state/world.js'
import { SEVERAL, inclusionOf } from '../filter.js'
import type { SortKeys } from '../page.js'

/** A listed user, or the user of a listed membership. */
interface Listed {
  readonly user: User
  /** of the user or the membership */
  readonly created_at: number
}

const TIME = optional(integer({ min: 0 }))

type Test = (listed: Listed, world: World) => boolean

/** A query parameter, and the test for its value. */
interface Filter<F extends Fields[string] = Fields[string]> {
  readonly schema: F
  readonly test: (value: never) => Test
}

type Filters = Readonly<Record<string, Filter>>

type TextsOf = (user: User, world: World) => readonly string[]
type TimeOf = (listed: Listed, world: World) => number | null

const emailsOf: TextsOf = ({ id }, { email_addresses }) =>
  email_addresses.where('user_id', id).map(({ email_address }) => email_address)
const phonesOf: TextsOf = ({ id }, { phone_numbers }) =>
  phone_numbers.where('user_id', id).map(({ phone_number }) => phone_number)
const walletsOf: TextsOf = ({ id }, { web3_wallets }) =>
  web3_wallets.where('user_id', id).map(({ web3_wallet }) => web3_wallet)
const usernamesOf: TextsOf = ({ username }) => presentIn(username)
const externalIdsOf: TextsOf = ({ external_id }) => presentIn(external_id)
const organizationIdsOf: TextsOf = ({ id }, { memberships }) =>
  memberships.where('user_id', id).map(({ organization_id }) => organization_id)
const namesOf: TextsOf = ({ first_name, last_name }) => {
  const names = presentIn(first_name, last_name)
  return [...names, names.join(' ')]
}
const searchedOf: TextsOf = (user, world) =>
  [emailsOf, phonesOf, usernamesOf, walletsOf, namesOf].flatMap((textsOf) => textsOf(user, world)).concat(user.id)

const createdAt: TimeOf = ({ created_at }) => created_at
const lastActiveAt: TimeOf = ({ user }, world) => activityOf(world, user.id).lastActiveAt
const lastSignInAt: TimeOf = ({ user }, world) => activityOf(world, user.id).lastSignInAt

/** The filters for both users and members. */
export const PERSON_FILTERS = {
  email_address: equals(emailsOf),
  phone_number: equals(phonesOf),
  username: equals(usernamesOf),
  web3_wallet: equals(walletsOf),
  user_id: includes(({ id }) => [id]),
  query: contains(searchedOf),
  email_address_query: contains(emailsOf),
  phone_number_query: contains(phonesOf),
  username_query: contains(usernamesOf),
  name_query: contains(namesOf),
  last_active_at_before: before(lastActiveAt),
  last_active_at_after: after(lastActiveAt),
  created_at_before: before(createdAt),
  created_at_after: after(createdAt),
} as const satisfies Filters

export const USER_FILTERS = {
  ...PERSON_FILTERS,
  external_id: includes(externalIdsOf),
  organization_id: includes(organizationIdsOf),
  banned: {
    schema: optional(boolean()),
    test:
      (value: boolean) =>
      ({ user }) =>
        user.banned === value,
  },
  last_active_at_since: after(lastActiveAt),
  last_sign_in_at_before: before(lastSignInAt),
  last_sign_in_at_after: after(lastSignInAt),
} as const satisfies Filters

/** What both users and members can be sorted by, besides their creation. */
export const PERSON_ORDER = {
  email_address: (user, world) => primaryEmailOf(world, user)?.email_address ?? null,
  phone_number: (user, world) => primaryPhoneOf(world, user)?.phone_number ?? null,
  username: ({ username }) => username,
  first_name: ({ first_name }) => first_name,
  last_name: ({ last_name }) => last_name,
} as const satisfies SortKeys<User>

export const USER_ORDER = {
  ...PERSON_ORDER,
  created_at: ({ created_at }) => created_at,
  updated_at: ({ updated_at }) => updated_at,
  web3wallet: (user, { web3_wallets }) => web3_wallets.byId(user.primary_web3_wallet_id ?? '')?.web3_wallet ?? null,
  last_active_at: ({ id }, world) => activityOf(world, id).lastActiveAt,
  last_sign_in_at: ({ id }, world) => activityOf(world, id).lastSignInAt,
} as const satisfies SortKeys<User>

/** The query parameters of filters. */
export function fieldsOf<F extends Filters>(filters: F) {
  const fields = Object.fromEntries(Object.entries(filters).map(([name, { schema }]) => [name, schema]))
  return fields as { readonly [Name in keyof F]: F[Name]['schema'] }
}

/** Returns a test for all filters in the query. */
export function matching<F extends Filters>(
  filters: F,
  query: Partial<Values<{ readonly [Name in keyof F]: F[Name]['schema'] }>>,
): Test {
  const values = query as Readonly<Record<string, unknown>>
  const tests = Object.entries(filters).flatMap(([name, { test }]) =>
    values[name] === undefined ? [] : [test(values[name] as never)],
  )
  return (listed, world) => tests.every((test) => test(listed, world))
}

/** Ignores case. */
function equals(textsOf: TextsOf) {
  return {
    schema: SEVERAL,
    test: (value: readonly string[]): Test => {
      const wanted = new Set(value.map((text) => text.toLowerCase()))
      return ({ user }, world) => textsOf(user, world).some((text) => wanted.has(text.toLowerCase()))
    },
  }
}

function includes(idsOf: TextsOf) {
  return {
    schema: SEVERAL,
    test: (value: readonly string[]): Test => {
      const isWanted = inclusionOf(value)
      return ({ user }, world) => isWanted(idsOf(user, world))
    },
  }
}

/** Ignores case. */
function contains(textsOf: TextsOf) {
  return {
    schema: optional(string()),
    test: (value: string): Test => {
      const wanted = value.toLowerCase()
      return ({ user }, world) => textsOf(user, world).some((text) => text.toLowerCase().includes(wanted))
    },
  }
}

function before(timeOf: TimeOf) {
  return {
    schema: TIME,
    test:
      (value: number): Test =>
      (listed, world) =>
        (timeOf(listed, world) ?? Infinity) <= value,
  }
}

function after(timeOf: TimeOf) {
  return {
    schema: TIME,
    test:
      (value: number): Test =>
      (listed, world) =>
        (timeOf(listed, world) ?? -Infinity) >= value,
  }
}

function presentIn(...texts: readonly (string | null)[]): readonly string[] {
  return texts.filter((text) => text !== null)
}
