import { list } from '../support/list.js'

/** All events in Clerk's OpenAPI specification of webhooks, 2025-04-15. */
export const WEBHOOK_EVENT_TYPES = [
  'email.created',
  'organization.created',
  'organization.updated',
  'organization.deleted',
  'organizationDomain.created',
  'organizationDomain.updated',
  'organizationDomain.deleted',
  'organizationInvitation.created',
  'organizationInvitation.accepted',
  'organizationInvitation.revoked',
  'organizationMembership.created',
  'organizationMembership.updated',
  'organizationMembership.deleted',
  'paymentAttempt.created',
  'paymentAttempt.updated',
  'permission.created',
  'permission.updated',
  'permission.deleted',
  'role.created',
  'role.updated',
  'role.deleted',
  'session.created',
  'session.pending',
  'session.ended',
  'session.removed',
  'session.revoked',
  'sms.created',
  'subscription.created',
  'subscription.updated',
  'subscription.active',
  'subscription.pastDue',
  'subscriptionItem.updated',
  'subscriptionItem.active',
  'subscriptionItem.canceled',
  'subscriptionItem.upcoming',
  'subscriptionItem.ended',
  'subscriptionItem.abandoned',
  'subscriptionItem.incomplete',
  'subscriptionItem.pastDue',
  'subscriptionItem.freeTrialEnding',
  'user.created',
  'user.updated',
  'user.deleted',
  'waitlistEntry.created',
  'waitlistEntry.updated',
] as const

/** Such as `user.deleted`. */
export type WebhookEventType = (typeof WEBHOOK_EVENT_TYPES)[number]

/** One event, all events of a subject (such as `user.*`), or all events (`*`). */
export type WebhookEventPattern = WebhookEventType | `${Subject<WebhookEventType>}.*` | '*'

type Subject<Type extends string> = Type extends `${infer Name}.${string}` ? Name : never

/** An event and its data. */
export interface WebhookEvent {
  readonly type: WebhookEventType
  readonly data: object
}

export const WEBHOOK_EVENT_PATTERNS: readonly WebhookEventPattern[] = [
  '*',
  ...new Set(WEBHOOK_EVENT_TYPES.map((type) => `${subjectOf(type)}.*` as WebhookEventPattern)),
  ...WEBHOOK_EVENT_TYPES,
]

/** @throws {TypeError} that lists the known patterns, if one is unknown */
export function checkPatterns(patterns: readonly string[]): asserts patterns is readonly WebhookEventPattern[] {
  const known: readonly string[] = WEBHOOK_EVENT_PATTERNS
  const unknown = patterns.find((pattern) => !known.includes(pattern))
  if (unknown !== undefined) throw unknownEvent(unknown, known)
}

/** @throws {TypeError} that lists the known events, if `type` is unknown */
export function checkEventType(type: string): asserts type is WebhookEventType {
  if (!(WEBHOOK_EVENT_TYPES as readonly string[]).includes(type)) throw unknownEvent(type, WEBHOOK_EVENT_TYPES)
}

/** Lists the events of the same subject, or all if there are none. */
function unknownEvent(name: string, known: readonly string[]): TypeError {
  const ofSubject = known.filter((type) => subjectOf(type) === name.split('.')[0])
  return new TypeError(`there is no webhook event "${name}", only ${list(ofSubject.length > 0 ? ofSubject : known)}`)
}

export function matchesAny(type: WebhookEventType, patterns: readonly WebhookEventPattern[]): boolean {
  return patterns.some((pattern) => pattern === '*' || pattern === type || pattern === `${subjectOf(type)}.*`)
}

/**
 * The body of the request. The instance does not know who made a change, which Clerk represents by empty strings.
 *
 * @param now milliseconds since the epoch
 */
export function webhookBody({ type, data }: WebhookEvent, instanceId: string, now: number): string {
  return JSON.stringify({
    data,
    event_attributes: { http_request: { client_ip: '', user_agent: '' } },
    instance_id: instanceId,
    object: 'event',
    timestamp: Math.floor(now),
    type,
  })
}

function subjectOf(type: string): string {
  return type.slice(0, type.indexOf('.'))
}
