import type { FieldValues } from './fields.js'
import type { SortKeys } from './order.js'
import { isBanned, primaryEmailOf, primaryPhoneOf, type Activity, type User } from '../people/user.js'

const STRINGS = { type: 'strings', max: 100 } as const
const STRING = { type: 'string' } as const
const TIME = { type: 'integer', min: 0 } as const

/** The filters for both users and members. */
export const PERSON_FILTER_FIELDS = {
  email_address: STRINGS,
  phone_number: STRINGS,
  username: STRINGS,
  web3_wallet: STRINGS,
  user_id: STRINGS,
  query: STRING,
  email_address_query: STRING,
  phone_number_query: STRING,
  username_query: STRING,
  name_query: STRING,
  last_active_at_before: TIME,
  last_active_at_after: TIME,
  created_at_before: TIME,
  created_at_after: TIME,
} as const

export const USER_FILTER_FIELDS = {
  ...PERSON_FILTER_FIELDS,
  external_id: STRINGS,
  organization_id: STRINGS,
  banned: { type: 'boolean' },
  last_active_at_since: TIME,
  last_sign_in_at_before: TIME,
  last_sign_in_at_after: TIME,
} as const

/** A user with the data that filters compare. */
export interface Candidate {
  readonly user: User
  readonly activity: Activity
  /** of the listed item: the user or the membership */
  readonly createdAt: number
  readonly organizationIds: readonly string[]
}

export type UserFilter = Partial<FieldValues<typeof USER_FILTER_FIELDS>>

/** Whether a candidate matches all filters that are set. */
export function matches(asked: UserFilter, candidate: Candidate): boolean {
  const { user, activity } = candidate
  const emails = user.emailAddresses.map(({ value }) => value)
  const phones = user.phoneNumbers.map(({ value }) => value)
  const usernames = [user.username ?? []].flat()
  const names = [user.firstName, user.lastName].flatMap((name) => name ?? [])
  return (
    hasOneOf(asked.email_address, emails) &&
    hasOneOf(asked.phone_number, phones) &&
    hasOneOf(asked.username, usernames) &&
    hasOneOf(asked.web3_wallet, []) &&
    isIncluded(asked.user_id, [user.id]) &&
    isIncluded(asked.external_id, [user.externalId ?? []].flat()) &&
    isIncluded(asked.organization_id, candidate.organizationIds) &&
    (asked.banned ?? isBanned(user)) === isBanned(user) &&
    contains(asked.query, [...emails, ...phones, ...usernames, user.id, ...names, names.join(' ')]) &&
    contains(asked.email_address_query, emails) &&
    contains(asked.phone_number_query, phones) &&
    contains(asked.username_query, usernames) &&
    contains(asked.name_query, [...names, names.join(' ')]) &&
    isBetween(candidate.createdAt, asked.created_at_after, asked.created_at_before) &&
    isBetween(activity.lastActiveAt, asked.last_active_at_after, asked.last_active_at_before) &&
    isBetween(activity.lastActiveAt, asked.last_active_at_since) &&
    isBetween(activity.lastSignInAt, asked.last_sign_in_at_after, asked.last_sign_in_at_before)
  )
}

export const PERSON_SORT_KEYS: SortKeys<Candidate> = {
  created_at: ({ createdAt }) => createdAt,
  email_address: ({ user }) => primaryEmailOf(user)?.value ?? null,
  phone_number: ({ user }) => primaryPhoneOf(user)?.value ?? null,
  username: ({ user }) => user.username,
  first_name: ({ user }) => user.firstName,
  last_name: ({ user }) => user.lastName,
}

export const USER_SORT_KEYS: SortKeys<Candidate> = {
  ...PERSON_SORT_KEYS,
  updated_at: ({ user }) => user.updatedAt,
  web3wallet: () => null,
  last_active_at: ({ activity }) => activity.lastActiveAt,
  last_sign_in_at: ({ activity }) => activity.lastSignInAt,
}

function hasOneOf(asked: readonly string[] | undefined, values: readonly string[]): boolean {
  if (!asked) return true
  const wanted = asked.map((value) => value.toLowerCase())
  return values.some((value) => wanted.includes(value.toLowerCase()))
}

/** A leading minus sign excludes an id. A leading plus sign, which may arrive as a space, has no effect. */
export function isIncluded(asked: readonly string[] = [], ids: readonly string[]): boolean {
  const excluded = asked.filter((id) => id.startsWith('-')).map((id) => id.slice(1))
  const included = asked.filter((id) => !id.startsWith('-')).map((id) => id.replace(/^[+ ]/, ''))
  return !ids.some((id) => excluded.includes(id)) && (included.length === 0 || ids.some((id) => included.includes(id)))
}

function contains(asked: string | undefined, values: readonly string[]): boolean {
  return asked === undefined || values.some((value) => value.toLowerCase().includes(asked.toLowerCase()))
}

function isBetween(time: number | null, after = -Infinity, before = Infinity): boolean {
  if (after === -Infinity && before === Infinity) return true
  return time !== null && time >= after && time <= before
}
