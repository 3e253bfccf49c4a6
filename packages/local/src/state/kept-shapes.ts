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

/** What of a record makes it one of its kind, field by field. */
type Shape<T> = { readonly [Field in keyof Required<T>]: (value: unknown) => boolean }

/** Everything that an instance keeps, by the word for it in the file. */
interface Kept {
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

export type Kind = keyof Kept

/**
 * Whether a record is such as an instance keeps. A file that was edited by hand or comes from somebody else is refused
 * by this when it is opened: what it says is printed as lines for a shell, and nothing else checks it again.
 *
 * @param id by which the file knows it
 */
export function isKept(kind: Kind, record: unknown, id: unknown): boolean {
  if (!isObject(record)) return false
  const fields = new Map<string, unknown>(Object.entries(record))
  return fields.get('id') === id && Object.entries(SHAPES[kind]).every(([name, fits]) => fits(fields.get(name)))
}

const isText = (value: unknown) => typeof value === 'string'
const isBoolean = (value: unknown) => typeof value === 'boolean'
// A number beyond all bounds is `null` in JSON, and no caller may bring about a file that cannot be opened.
const isNumber = (value: unknown) => Number.isFinite(value) || value === null
const areTexts = (value: unknown) => isListOf(value, isText)
const isTextOrNull = (value: unknown) => isText(value) || value === null
const isObjectOrNull = (value: unknown) => isObject(value) || value === null
const fits = (pattern: RegExp) => (value: unknown) => typeof value === 'string' && pattern.test(value)
const isOneOf =
  (...words: readonly string[]) =>
  (value: unknown) =>
    words.some((word) => word === value)
const orNothing = (isIt: (value: unknown) => boolean) => (value: unknown) => value === undefined || isIt(value)
const isMade = <T>(shape: Shape<T>) => {
  const rules = Object.entries<(value: unknown) => boolean>(shape)
  return (value: unknown) => {
    const fields = new Map<string, unknown>(isObject(value) ? Object.entries(value) : [])
    return isObject(value) && rules.every(([name, accepts]) => accepts(fields.get(name)))
  }
}

const isPort = (value: unknown) => Number.isInteger(value) && Number(value) >= 0 && Number(value) < 65_536

const IDENTIFICATION: Shape<User['emailAddresses'][number]> = {
  id: isText,
  value: isText,
  verified: isBoolean,
  createdAt: isNumber,
}

const TOKEN: Shape<StoredToken> = {
  id: isText,
  token: isText,
  subject: isText,
  revoked: isBoolean,
  revocationReason: isTextOrNull,
  expiration: isNumber,
  lastUsedAt: isNumber,
  createdAt: isNumber,
  updatedAt: isNumber,
}

const MACHINE_SECRET = /^ak_\w{42}$/

const SHAPES: { readonly [K in Kind]: Shape<Kept[K]> } = {
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
    id: isText,
    algorithm: isAlgorithm,
    privateJwk: isObject,
    isPublished: isBoolean,
    isCurrent: isBoolean,
  },
  user: {
    id: isText,
    name: isText,
    emailAddresses: (value) => isListOf(value, isMade(IDENTIFICATION)),
    phoneNumbers: (value) => isListOf(value, isMade(IDENTIFICATION)),
    primaryEmailAddressId: isTextOrNull,
    primaryPhoneNumberId: isTextOrNull,
    username: isTextOrNull,
    firstName: isTextOrNull,
    lastName: isTextOrNull,
    externalId: isTextOrNull,
    locale: isTextOrNull,
    passwordEnabled: isBoolean,
    publicMetadata: isObject,
    privateMetadata: isObject,
    unsafeMetadata: isObject,
    deleteSelfEnabled: isBoolean,
    createOrganizationEnabled: isBoolean,
    createOrganizationsLimit: isNumber,
    legalAcceptedAt: isNumber,
    defaultOrganizationId: isTextOrNull,
    bannedAt: isNumber,
    lockedUntil: isNumber,
    createdAt: isNumber,
    updatedAt: isNumber,
  },
  organization: {
    id: isText,
    slug: (value) => typeof value === 'string' && isSlug(value),
    name: isText,
    features: areTexts,
    plan: isText,
    maxAllowedMemberships: isNumber,
    adminDeleteEnabled: isBoolean,
    publicMetadata: isObject,
    privateMetadata: isObject,
    createdBy: isTextOrNull,
    createdAt: isNumber,
    updatedAt: isNumber,
  },
  membership: {
    id: isText,
    userId: isText,
    organizationId: isText,
    role: isText,
    publicMetadata: isObject,
    privateMetadata: isObject,
    createdAt: isNumber,
    updatedAt: isNumber,
  },
  session: {
    id: isText,
    userId: isText,
    clientId: isText,
    status: isOneOf('active', 'pending', 'revoked', 'expired'),
    actor: isObjectOrNull,
    organizationId: isTextOrNull,
    mintedAs: isTextOrNull,
    refreshToken: isText,
    consumedTokens: areTexts,
    lastActiveAt: isNumber,
    expireAt: isNumber,
    abandonAt: isNumber,
    createdAt: isNumber,
    updatedAt: isNumber,
  },
  client: { id: isText, rotatingToken: isText, createdAt: isNumber, updatedAt: isNumber },
  template: {
    id: isText,
    name: isText,
    claims: isObject,
    lifetime: isNumber,
    allowedClockSkew: isNumber,
    signer: (value) => value === null || isMade({ algorithm: isText, key: isText })(value),
    createdAt: isNumber,
    updatedAt: isNumber,
  },
  ticket: {
    id: isText,
    kind: isOneOf('actor_token', 'sign_in_token'),
    token: isText,
    userId: isText,
    actor: isObjectOrNull,
    organizationId: isTextOrNull,
    status: isOneOf('pending', 'accepted', 'revoked'),
    expireAt: isNumber,
    sessionDurationInMs: orNothing(isNumber),
    createdAt: isNumber,
    updatedAt: isNumber,
  },
  machine: {
    id: fits(/^mch_\w{27}$/),
    name: isText,
    secretKey: fits(MACHINE_SECRET),
    scopes: areTexts,
    defaultTokenTtl: isNumber,
    previous: (value) => value === null || isMade({ secretKey: fits(MACHINE_SECRET), validUntil: isNumber })(value),
    createdAt: isNumber,
    updatedAt: isNumber,
  },
  m2m_token: { ...TOKEN, scopes: areTexts, claims: isObjectOrNull },
  oauth_token: {
    ...TOKEN,
    clientId: isText,
    scopes: areTexts,
    audience: orNothing(areTexts),
    actor: orNothing(isObject),
  },
  api_key: {
    ...TOKEN,
    type: isText,
    name: isText,
    description: isTextOrNull,
    scopes: areTexts,
    claims: isObjectOrNull,
    createdBy: isTextOrNull,
  },
  svix_app: { id: isText, createdAt: isNumber },
  webhook: {
    id: isText,
    url: (value) => typeof value === 'string' && isWebAddress(value),
    events: (value) => isListOf(value, isPattern) && value.length > 0,
  },
}
