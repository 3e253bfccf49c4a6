import { idOf, newId } from '../state/ids.js'
import type { Metadata } from './metadata.js'
import type { Person } from '../seed/seed.js'

/** The current state of a user. Times are milliseconds since the epoch. */
export interface User {
  /** `user_…` */
  readonly id: string
  /** names the user when tokens are minted in code */
  readonly name: string
  readonly emailAddresses: readonly Identification[]
  readonly phoneNumbers: readonly Identification[]
  readonly primaryEmailAddressId: string | null
  readonly primaryPhoneNumberId: string | null
  readonly username: string | null
  readonly firstName: string | null
  readonly lastName: string | null
  readonly externalId: string | null
  readonly locale: string | null
  readonly passwordEnabled: boolean
  readonly publicMetadata: Metadata
  readonly privateMetadata: Metadata
  readonly unsafeMetadata: Metadata
  readonly deleteSelfEnabled: boolean
  readonly createOrganizationEnabled: boolean
  readonly createOrganizationsLimit: number | null
  readonly legalAcceptedAt: number | null
  /** the organization that is active by default */
  readonly defaultOrganizationId: string | null
  /** when the user was banned from signing in; `null`: not banned */
  readonly bannedAt: number | null
  /** when the lock ends; `null`: never locked */
  readonly lockedUntil: number | null
  readonly createdAt: number
  readonly updatedAt: number
}

/** An email address or a phone number. */
export interface Identification {
  /** `idn_…` */
  readonly id: string
  readonly value: string
  readonly verified: boolean
  readonly createdAt: number
}

/** When the user last signed in and was last active; `null`: never */
export interface Activity {
  readonly lastSignInAt: number | null
  readonly lastActiveAt: number | null
}

export function newIdentification(value: string, verified: boolean, now: number): Identification {
  return { id: newId('idn'), value, verified, createdAt: now }
}

/** The defaults of a new user. */
export function newUser(now: number): Omit<User, 'name'> {
  return {
    id: newId('user'),
    emailAddresses: [],
    phoneNumbers: [],
    primaryEmailAddressId: null,
    primaryPhoneNumberId: null,
    username: null,
    firstName: null,
    lastName: null,
    externalId: null,
    locale: null,
    passwordEnabled: false,
    publicMetadata: {},
    privateMetadata: {},
    unsafeMetadata: {},
    deleteSelfEnabled: true,
    createOrganizationEnabled: true,
    createOrganizationsLimit: null,
    legalAcceptedAt: null,
    defaultOrganizationId: null,
    bannedAt: null,
    lockedUntil: null,
    createdAt: now,
    updatedAt: now,
  }
}

/** @param organizationId maps a slug in the seed to an id */
export function userOfSeed(person: Person, organizationId: (slug: string) => string, now: number): User {
  const { id, name, firstName, email, defaultOrganization } = person
  const address = { ...newIdentification(email, true, now), id: idOf('idn', `${name}:${email}`) }
  return {
    ...newUser(now),
    id,
    name,
    firstName,
    emailAddresses: [address],
    primaryEmailAddressId: address.id,
    defaultOrganizationId: defaultOrganization === null ? null : organizationId(defaultOrganization),
  }
}

export function primaryEmailOf({ emailAddresses, primaryEmailAddressId }: User): Identification | undefined {
  return emailAddresses.find(({ id }) => id === primaryEmailAddressId)
}

export function primaryPhoneOf({ phoneNumbers, primaryPhoneNumberId }: User): Identification | undefined {
  return phoneNumbers.find(({ id }) => id === primaryPhoneNumberId)
}

/** The identifier that Clerk shows in a membership. */
export function identifierOf(user: User): string {
  return primaryEmailOf(user)?.value ?? user.username ?? primaryPhoneOf(user)?.value ?? user.id
}

/** Whether the user is temporarily prevented from signing in. */
export function isLocked(user: User, now: number): boolean {
  return lockLeftInMs(user, now) > 0
}

function lockLeftInMs({ lockedUntil }: User, now: number): number {
  return lockedUntil === null ? 0 : Math.max(0, lockedUntil - now)
}

export function isBanned({ bannedAt }: User): boolean {
  return bannedAt !== null
}

/** @param now milliseconds since the epoch */
export function userJson(user: User, { lastSignInAt, lastActiveAt }: Activity, now: number) {
  const lockLeft = lockLeftInMs(user, now)
  return {
    object: 'user',
    id: user.id,
    external_id: user.externalId,
    username: user.username,
    first_name: user.firstName,
    last_name: user.lastName,
    locale: user.locale,
    timezone: null,
    image_url: '',
    has_image: false,
    primary_email_address_id: user.primaryEmailAddressId,
    primary_phone_number_id: user.primaryPhoneNumberId,
    primary_web3_wallet_id: null,
    email_addresses: user.emailAddresses.map(emailAddressJson),
    phone_numbers: user.phoneNumbers.map(phoneNumberJson),
    web3_wallets: [],
    passkeys: [],
    external_accounts: [],
    saml_accounts: [],
    enterprise_accounts: [],
    public_metadata: user.publicMetadata,
    private_metadata: user.privateMetadata,
    unsafe_metadata: user.unsafeMetadata,
    password_enabled: user.passwordEnabled,
    password_last_updated_at: null,
    two_factor_enabled: false,
    totp_enabled: false,
    backup_code_enabled: false,
    mfa_enabled_at: null,
    mfa_disabled_at: null,
    banned: isBanned(user),
    locked: lockLeft > 0,
    deprovisioned: false,
    lockout_expires_in_seconds: lockLeft > 0 ? Math.ceil(lockLeft / 1000) : null,
    verification_attempts_remaining: null,
    delete_self_enabled: user.deleteSelfEnabled,
    create_organization_enabled: user.createOrganizationEnabled,
    create_organizations_limit: user.createOrganizationsLimit,
    legal_accepted_at: user.legalAcceptedAt,
    last_sign_in_at: lastSignInAt,
    last_active_at: lastActiveAt,
    created_at: user.createdAt,
    updated_at: user.updatedAt,
  }
}

function emailAddressJson({ value, ...rest }: Identification) {
  return {
    object: 'email_address',
    email_address: value,
    matches_sso_connection: false,
    ...identificationJson(rest),
  }
}

function phoneNumberJson({ value, ...rest }: Identification) {
  return {
    object: 'phone_number',
    phone_number: value,
    reserved_for_second_factor: false,
    default_second_factor: false,
    backup_codes: null,
    ...identificationJson(rest),
  }
}

function identificationJson({ id, verified, createdAt }: Omit<Identification, 'value'>) {
  return {
    id,
    reserved: !verified,
    verification: verified
      ? { object: 'verification_admin', status: 'verified', strategy: 'admin', attempts: null, expire_at: null }
      : null,
    linked_to: [],
    created_at: createdAt,
    updated_at: createdAt,
  }
}
