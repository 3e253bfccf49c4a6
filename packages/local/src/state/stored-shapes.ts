import type { SvixApp } from '../backend-api/svix-api.js'
import { isListOf, isObject } from '../input.js'
import type { Membership } from '../people/membership.js'
import type { OrganizationRecord } from '../people/organization.js'
import type { Session, SessionClient } from '../people/session.js'
import type { Ticket } from '../people/ticket.js'
import type { User } from '../people/user.js'
import { isSlug } from '../seed/slug.js'
import { isAlgorithm } from '../tokens/algorithms.js'
import type { StoredApiKey } from '../tokens/api-key.js'
import type { JwtTemplate } from '../tokens/jwt-template.js'
import type { KeyRecord } from '../tokens/keys.js'
import type { StoredM2MToken } from '../tokens/m2m-token.js'
import type { MachineRecord } from '../tokens/machines.js'
import type { StoredOAuthToken } from '../tokens/oauth-token.js'
import type { StoredToken } from '../tokens/token-store.js'
import { isWebAddress, type WebhookEndpoint } from '../webhooks/webhook-endpoint.js'
import { isPattern } from '../webhooks/webhook-event.js'
import type { Identity } from './identity.js'

/** A check for each field of a record. */
type Shape<T> = { readonly [Field in keyof Required<T>]: (value: unknown) => boolean }

/** The record types that an instance stores, by their name in the file. */
interface StoredRecords {
  readonly instance: Identity
  readonly key: KeyRecord
  readonly user: User
  readonly organization: OrganizationRecord
  readonly membership: Membership
  readonly session: Session
  readonly client: SessionClient
  readonly template: JwtTemplate
  readonly ticket: Ticket
  readonly machine: MachineRecord
  readonly m2m_token: StoredM2MToken
  readonly oauth_token: StoredOAuthToken
  readonly api_key: StoredApiKey
  readonly svix_app: SvixApp
  readonly webhook: WebhookEndpoint
}

export type Kind = keyof StoredRecords

/**
 * Whether a record has the expected shape. This rejects files edited by hand or from elsewhere when they are opened:
 * their values are printed as shell commands, and not checked again.
 */
export function isStoredRecord(kind: Kind, record: unknown): boolean {
  if (!isObject(record)) return false
  const fields = new Map<string, unknown>(Object.entries(record))
  return Object.entries(SHAPES[kind]).every(([name, fits]) => fits(fields.get(name)))
}

const isString = (value: unknown) => typeof value === 'string'
const isBoolean = (value: unknown) => typeof value === 'boolean'
// JSON turns Infinity into `null`, and no caller may be able to cause a file that cannot be opened.
const isNumber = (value: unknown) => Number.isFinite(value) || value === null
const isStrings = (value: unknown) => isListOf(value, isString)
const isStringOrNull = (value: unknown) => isString(value) || value === null
const isObjectOrNull = (value: unknown) => isObject(value) || value === null
const fits = (pattern: RegExp) => (value: unknown) => typeof value === 'string' && pattern.test(value)
const isOneOf =
  (...words: readonly string[]) =>
  (value: unknown) =>
    words.some((word) => word === value)
const optional = (accepts: (value: unknown) => boolean) => (value: unknown) => value === undefined || accepts(value)
const hasShape = <T>(shape: Shape<T>) => {
  const rules = Object.entries<(value: unknown) => boolean>(shape)
  return (value: unknown) => {
    const fields = new Map<string, unknown>(isObject(value) ? Object.entries(value) : [])
    return isObject(value) && rules.every(([name, accepts]) => accepts(fields.get(name)))
  }
}

const isPort = (value: unknown) => Number.isInteger(value) && Number(value) >= 0 && Number(value) < 65_536

const IDENTIFICATION: Shape<User['emailAddresses'][number]> = {
  id: isString,
  value: isString,
  verified: isBoolean,
  createdAt: isNumber,
}

const TOKEN: Shape<StoredToken> = {
  id: isString,
  token: isString,
  subject: isString,
  revoked: isBoolean,
  revocationReason: isStringOrNull,
  expiration: isNumber,
  lastUsedAt: isNumber,
  createdAt: isNumber,
  updatedAt: isNumber,
}

const MACHINE_SECRET = /^ak_\w{42}$/

const SHAPES: { readonly [K in Kind]: Shape<StoredRecords[K]> } = {
  instance: {
    id: isOneOf('instance'),
    secretKey: fits(/^sk_test_\w{42}$/),
    webhookSecret: fits(/^whsec_[\w+/]{32}$/),
    host: fits(/^[\w.:-]+$/),
    port: isPort,
    algorithm: isAlgorithm,
    seed: isObject,
  },
  key: {
    id: isString,
    algorithm: isAlgorithm,
    privateJwk: isObject,
    isPublished: isBoolean,
    isCurrent: isBoolean,
  },
  user: {
    id: isString,
    name: isString,
    emailAddresses: (value) => isListOf(value, hasShape(IDENTIFICATION)),
    phoneNumbers: (value) => isListOf(value, hasShape(IDENTIFICATION)),
    primaryEmailAddressId: isStringOrNull,
    primaryPhoneNumberId: isStringOrNull,
    username: isStringOrNull,
    firstName: isStringOrNull,
    lastName: isStringOrNull,
    externalId: isStringOrNull,
    locale: isStringOrNull,
    passwordEnabled: isBoolean,
    publicMetadata: isObject,
    privateMetadata: isObject,
    unsafeMetadata: isObject,
    deleteSelfEnabled: isBoolean,
    createOrganizationEnabled: isBoolean,
    createOrganizationsLimit: isNumber,
    legalAcceptedAt: isNumber,
    defaultOrganizationId: isStringOrNull,
    bannedAt: isNumber,
    lockedUntil: isNumber,
    createdAt: isNumber,
    updatedAt: isNumber,
  },
  organization: {
    id: isString,
    slug: (value) => typeof value === 'string' && isSlug(value),
    name: isString,
    features: isStrings,
    plan: isString,
    maxAllowedMemberships: isNumber,
    adminDeleteEnabled: isBoolean,
    publicMetadata: isObject,
    privateMetadata: isObject,
    createdBy: isStringOrNull,
    createdAt: isNumber,
    updatedAt: isNumber,
  },
  membership: {
    id: isString,
    userId: isString,
    organizationId: isString,
    role: isString,
    publicMetadata: isObject,
    privateMetadata: isObject,
    createdAt: isNumber,
    updatedAt: isNumber,
  },
  session: {
    id: isString,
    userId: isString,
    clientId: isString,
    status: isOneOf('active', 'pending', 'revoked', 'expired'),
    actor: isObjectOrNull,
    organizationId: isStringOrNull,
    mintedAs: isStringOrNull,
    refreshToken: isString,
    consumedTokens: isStrings,
    lastActiveAt: isNumber,
    expireAt: isNumber,
    abandonAt: isNumber,
    createdAt: isNumber,
    updatedAt: isNumber,
  },
  client: { id: isString, rotatingToken: isString, createdAt: isNumber, updatedAt: isNumber },
  template: {
    id: isString,
    name: isString,
    claims: isObject,
    lifetime: isNumber,
    allowedClockSkew: isNumber,
    signer: (value) => value === null || hasShape({ algorithm: isString, key: isString })(value),
    createdAt: isNumber,
    updatedAt: isNumber,
  },
  ticket: {
    id: isString,
    kind: isOneOf('actor_token', 'sign_in_token'),
    token: isString,
    userId: isString,
    actor: isObjectOrNull,
    organizationId: isStringOrNull,
    status: isOneOf('pending', 'accepted', 'revoked'),
    expireAt: isNumber,
    sessionDurationInMs: optional(isNumber),
    createdAt: isNumber,
    updatedAt: isNumber,
  },
  machine: {
    id: fits(/^mch_\w{27}$/),
    name: isString,
    secretKey: fits(MACHINE_SECRET),
    scopes: isStrings,
    defaultTokenTtl: isNumber,
    previous: (value) => value === null || hasShape({ secretKey: fits(MACHINE_SECRET), validUntil: isNumber })(value),
    createdAt: isNumber,
    updatedAt: isNumber,
  },
  m2m_token: { ...TOKEN, scopes: isStrings, claims: isObjectOrNull },
  oauth_token: {
    ...TOKEN,
    clientId: isString,
    scopes: isStrings,
    audience: optional(isStrings),
    actor: optional(isObject),
  },
  api_key: {
    ...TOKEN,
    type: isString,
    name: isString,
    description: isStringOrNull,
    scopes: isStrings,
    claims: isObjectOrNull,
    createdBy: isStringOrNull,
  },
  svix_app: { id: isString, createdAt: isNumber },
  webhook: {
    id: isString,
    url: (value) => typeof value === 'string' && isWebAddress(value),
    events: (value) => isListOf(value, isPattern) && value.length > 0,
  },
}
