import { Refusal } from '../api/errors.js'
import type { FieldValues } from './fields.js'
import { METADATA_FIELD } from '../people/metadata.js'
import type { Records } from '../state/records.js'
import { newIdentification, type Identification, type User } from '../people/user.js'

const STRING = { type: 'string', nullable: true } as const
const FLAG = { type: 'boolean', nullable: true } as const
const TIMES = { type: 'string', nullable: true } as const
const STATUSES = { type: 'strings', max: 100 } as const

/** Fields that Clerk accepts and the instance ignores. */
const UNUSED_FIELDS = {
  timezone: STRING,
  password_hasher: STRING,
  totp_secret: STRING,
  backup_codes: { type: 'strings', nullable: true },
  skip_password_checks: FLAG,
  skip_legal_checks: FLAG,
  bypass_client_trust: FLAG,
} as const

const COMMON_FIELDS = {
  ...UNUSED_FIELDS,
  first_name: { ...STRING, max: 256 },
  last_name: { ...STRING, max: 256 },
  username: { ...STRING, max: 64 },
  external_id: { ...STRING, min: 1, max: 256 },
  locale: STRING,
  password: STRING,
  password_digest: STRING,
  delete_self_enabled: FLAG,
  create_organization_enabled: FLAG,
  create_organizations_limit: { type: 'integer', nullable: true, min: 0 },
  legal_accepted_at: TIMES,
  created_at: TIMES,
  public_metadata: METADATA_FIELD,
  private_metadata: METADATA_FIELD,
  unsafe_metadata: METADATA_FIELD,
} as const

export const CREATE_USER_FIELDS = {
  ...COMMON_FIELDS,
  email_address: { type: 'strings', max: 100 },
  phone_number: { type: 'strings', max: 100 },
  email_address_identification_status: STATUSES,
  phone_number_identification_status: STATUSES,
  web3_wallet: { type: 'strings', max: 100 },
  skip_password_requirement: FLAG,
  skip_user_requirement: FLAG,
  banned: FLAG,
  locked: FLAG,
} as const

export const UPDATE_USER_FIELDS = {
  ...COMMON_FIELDS,
  primary_email_address_id: STRING,
  primary_phone_number_id: STRING,
  primary_web3_wallet_id: STRING,
  notify_primary_email_address_changed: FLAG,
  profile_image_id: STRING,
  sign_out_of_other_sessions: FLAG,
} as const

type CommonValues = FieldValues<typeof COMMON_FIELDS>

/**
 * The changes to a user that a body asks for.
 *
 * @throws {Refusal} if a name is taken, or a value is invalid
 */
export function userChanges(body: CommonValues, users: Records<User>, id: string): Partial<User> {
  // An empty string removes the username.
  const username = body.username === '' ? null : body.username
  refuseTaken('username', username, users, (user) => user.id !== id && user.username === username)
  refuseTaken('external_id', body.external_id, users, (user) => user.id !== id && user.externalId === body.external_id)
  if (typeof body.password === 'string' && body.password.length < 8)
    throw new Refusal('form_password_length_too_short', undefined, 'password')

  const changes: { [Key in keyof User]?: User[Key] | undefined } = {
    firstName: body.first_name,
    lastName: body.last_name,
    username,
    externalId: body.external_id,
    locale: body.locale,
    passwordEnabled: (body.password ?? body.password_digest) ? true : undefined,
    deleteSelfEnabled: body.delete_self_enabled ?? undefined,
    createOrganizationEnabled: body.create_organization_enabled ?? undefined,
    createOrganizationsLimit: body.create_organizations_limit,
    legalAcceptedAt: instantOf('legal_accepted_at', body.legal_accepted_at),
    createdAt: instantOf('created_at', body.created_at) ?? undefined,
    publicMetadata: body.public_metadata ?? undefined,
    privateMetadata: body.private_metadata ?? undefined,
    unsafeMetadata: body.unsafe_metadata ?? undefined,
  }
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
}

/** @throws {Refusal} if an address is invalid or taken */
export function emailAddressesOf(body: FieldValues<typeof CREATE_USER_FIELDS>, users: Records<User>, now: number) {
  return identificationsOf(
    'email_address',
    (body.email_address ?? []).map((address) => address.toLowerCase()),
    body.email_address_identification_status,
    /^[^\s@]+@[^\s@]+$/,
    users.all().flatMap(({ emailAddresses }) => emailAddresses),
    now,
  )
}

/** @throws {Refusal} if a number is invalid or taken */
export function phoneNumbersOf(body: FieldValues<typeof CREATE_USER_FIELDS>, users: Records<User>, now: number) {
  return identificationsOf(
    'phone_number',
    (body.phone_number ?? []).map((number) => number.replaceAll(/[\s()-]/g, '')),
    body.phone_number_identification_status,
    /^\+[1-9]\d{6,14}$/,
    users.all().flatMap(({ phoneNumbers }) => phoneNumbers),
    now,
  )
}

function identificationsOf(
  name: 'email_address' | 'phone_number',
  values: readonly string[],
  statuses: readonly string[] | undefined,
  pattern: RegExp,
  taken: readonly Identification[],
  now: number,
): readonly Identification[] {
  const label = name.replace('_', ' ')
  const wrongStatus = statuses?.some((status) => status !== 'verified' && status !== 'reserved')
  if (statuses && (wrongStatus || statuses.length !== values.length))
    throw new Refusal(
      'form_param_value_invalid',
      `There must be one status, verified or reserved, for each ${label}`,
      `${name}_identification_status`,
    )
  return values.map((value, i) => {
    if (!pattern.test(value)) throw new Refusal('form_param_format_invalid', `${name} must be a valid ${label}.`, name)
    if (taken.some((other) => other.value === value) || values.indexOf(value) < i)
      throw new Refusal('form_identifier_exists', `That ${label} is taken. Please try another.`, name)
    return newIdentification(value, statuses?.[i] !== 'reserved', now)
  })
}

function refuseTaken(
  name: string,
  value: string | null | undefined,
  users: Records<User>,
  isTaken: (user: User) => boolean,
): void {
  if (typeof value === 'string' && users.all().some(isTaken))
    throw new Refusal('form_identifier_exists', `That ${name.replace('_', ' ')} is taken. Please try another.`, name)
}

/** @param text a date and time as in RFC 3339, such as `2012-10-20T07:15:20.902Z` */
export function instantOf(name: string, text: string | null | undefined): number | null | undefined {
  if (typeof text !== 'string') return text
  const time = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(time)) return time
  throw new Refusal('form_param_value_invalid', `${name} must be a date and time in the format of RFC 3339`, name)
}
