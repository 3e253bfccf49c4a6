import type { Tombstone } from '../fleet/tombstone.js'
import { member } from '../support/json.js'
import { inMilliseconds } from '../support/timestamp.js'

/** The tombstone of an event; `undefined` if its data is malformed, and none if it revokes nothing. */
type Effect = (data: object, at: number) => Tombstone | 'none' | undefined

/**
 * The events that revoke. Not among them: `user.updated` with `locked`, which anyone can cause by failing to sign in.
 *
 * https://clerk.com/docs/guides/development/webhooks/overview
 */
const EFFECTS: Readonly<Record<string, Effect>> = {
  'session.ended': sessionOver,
  'session.removed': sessionOver,
  'session.revoked': sessionOver,
  'user.deleted': userOut,
  'user.updated': (data, at) => (memberAt(data, 'banned') === true ? userOut(data, at) : 'none'),
  'organizationMembership.deleted': (data, at) => {
    const membership = membershipOf(data)
    return membership && { subject: 'membership', ...membership, effect: 'refuse-earlier', at }
  },
  'organizationMembership.updated': (data, at) => {
    const membership = membershipOf(data)
    const except = textAt(data, 'role')
    return membership && except !== undefined
      ? { subject: 'role', ...membership, except, effect: 'refuse-earlier', at }
      : undefined
  },
  'organization.deleted': (data) => {
    const organizationId = textAt(data, 'id')
    return organizationId === undefined ? undefined : { subject: 'organization', organizationId, effect: 'refuse' }
  },
}

/**
 * What an event revokes.
 *
 * @param sentAt when the event was sent, in milliseconds since the epoch
 * @returns `malformed` if it is not an event, or one that revokes but does not say what
 */
export function tombstonesOfEvent(event: unknown, sentAt: number): readonly Tombstone[] | 'malformed' {
  const type = isObject(event) ? memberAt(event, 'type') : undefined
  if (typeof type !== 'string') return 'malformed'
  const effect = Object.hasOwn(EFFECTS, type) ? EFFECTS[type] : undefined
  if (!effect) return []
  const data = memberAt(event, 'data')
  const at = eventTimeOf(memberAt(event, 'timestamp'), sentAt)
  const tombstone = isObject(data) && at !== undefined ? effect(data, at) : undefined
  if (tombstone === undefined) return 'malformed'
  return tombstone === 'none' ? [] : [tombstone]
}

function sessionOver(data: object): Tombstone | undefined {
  const id = textAt(data, 'id')
  return id === undefined ? undefined : { subject: 'sessionId', id, effect: 'refuse' }
}

function userOut(data: object, at: number): Tombstone | undefined {
  const id = textAt(data, 'id')
  return id === undefined ? undefined : { subject: 'userId', id, effect: 'refuse-earlier', at }
}

function membershipOf(data: object): { readonly organizationId: string; readonly userId: string } | undefined {
  const organizationId = textAt(data, 'organization', 'id')
  const userId = textAt(data, 'public_user_data', 'user_id')
  return organizationId === undefined || userId === undefined ? undefined : { organizationId, userId }
}

function memberAt(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (object, name) => (isObject(object) ? member(object as Readonly<Record<string, unknown>>, name) : undefined),
    value,
  )
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

const ID = /^\S{1,256}$/

/** An id or a role. */
function textAt(data: object, ...path: readonly string[]): string | undefined {
  const value = memberAt(data, ...path)
  return typeof value === 'string' && ID.test(value) ? value : undefined
}

const YEAR_2001 = 1e12
const MAX_AHEAD_IN_MS = 5 * 60_000

/** Milliseconds since the epoch. An event cannot be later than its delivery. */
function eventTimeOf(timestamp: unknown, sentAt: number): number | undefined {
  if (typeof timestamp !== 'number') return undefined
  const at = inMilliseconds(timestamp)
  return at >= YEAR_2001 && at <= sentAt + MAX_AHEAD_IN_MS ? at : undefined
}
