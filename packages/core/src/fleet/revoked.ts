import { describe } from '../support/declaration.js'
import type { Subject } from './tombstone.js'

/**
 * What to revoke. A token, a token id or a session is refused for good, in every form. Of a user, a machine or the
 * member of an organization, JWTs issued until now are refused, and Clerk is asked again about opaque tokens.
 */
export type Revoked =
  | { readonly token: string }
  /** The `jti` of a JWT or the `id` of an opaque token. */
  | { readonly tokenId: string }
  | { readonly sessionId: string }
  | { readonly userId: string }
  | { readonly machineId: string }
  /** Tokens of the user in which this organization is active. */
  | { readonly organizationId: string; readonly userId: string }

/** What to forget: everything, or what is about one token, session, user or machine. */
export type Forgotten = 'all' | Exclude<Revoked, { readonly organizationId: string }>

const SHAPES = 'token, tokenId, sessionId, userId, machineId, or organizationId and userId'

/**
 * @param digest of the token, if there is one
 * @throws {TypeError} if it is not exactly one of the shapes, or an id is missing
 */
export function subjectOf(caller: string, what: Revoked, digest: string | undefined): Subject {
  if (typeof what !== 'object' || what === null)
    throw new TypeError(`${caller} takes an object with ${SHAPES}, not ${describe(what)}`)
  const given: Readonly<Record<string, unknown>> = { ...what }
  const names = Object.keys(given)
  const empty = names.find((name) => typeof given[name] !== 'string' || given[name] === '')
  if (empty !== undefined) throw new TypeError(`${caller}: "${empty}" must be a non-empty string`)
  const [name, other] = names.toSorted()
  const id = given[name ?? ''] as string
  if (names.length === 1 && name === 'token' && digest !== undefined) return { subject: 'token', id: digest }
  if (names.length === 1 && (name === 'tokenId' || name === 'sessionId' || name === 'userId' || name === 'machineId'))
    return { subject: name, id }
  if (names.length === 2 && name === 'organizationId' && other === 'userId')
    return { subject: 'membership', organizationId: id, userId: given[other] as string }
  throw new TypeError(`${caller} takes ${SHAPES}, not ${names.join(' and ') || 'an empty object'}`)
}

/** Subjects that cannot get new tokens are refused for good. */
export function isForGood({ subject }: Subject): boolean {
  return subject === 'token' || subject === 'tokenId' || subject === 'sessionId'
}
