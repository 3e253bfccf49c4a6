import { itemEventData, paymentAttemptEventData, subscriptionEventData } from '../answers/billing-event.js'
import { membershipAnswer } from '../answers/membership.js'
import { emailAnswer, smsAnswer } from '../answers/message.js'
import { organizationAnswer } from '../answers/organization.js'
import { organizationDomainAnswer } from '../answers/organization-domain.js'
import { organizationInvitationAnswer, publicOrganizationData } from '../answers/organization-invitation.js'
import { permissionAnswer, roleAnswer } from '../answers/role.js'
import { sessionAnswer } from '../answers/session.js'
import { userAnswer } from '../answers/user.js'
import { waitlistEntryAnswer } from '../answers/waitlist-entry.js'
import type { SubscriptionItem } from '../model/billing.js'
import type { OrganizationInvitation } from '../model/organization-invitation.js'
import type { Session } from '../model/session.js'
import type { Records, TableName } from '../model/tables.js'
import { asOfNow, isAlive } from '../people/session.js'
import type { TableChange, World } from '../state/world.js'
import type { WebhookEventType } from '../model/webhook-event.js'

/** Receives an event. `data` must be called synchronously, while the records are unchanged. */
export type EmitWebhookEvent = (type: WebhookEventType, data: () => object) => void

/** How the changes of a table become events. */
interface EventSource<R> {
  /** The event for a record that was added or changed; `undefined`: none */
  readonly set: (after: R, before: R | undefined, world: World) => WebhookEventType | undefined
  readonly data: (record: R, world: World) => object
  /** The event for a removed record, with data from before its removal. */
  readonly removed?: (before: R, world: World) => readonly [WebhookEventType, object] | undefined
}

type EventSources = { readonly [Name in TableName]?: EventSource<Records[Name]> }

const SOURCES: EventSources = {
  users: {
    set: (_after, before) => (before ? 'user.updated' : 'user.created'),
    data: userAnswer,
    removed: ({ id, external_id }) => [
      'user.deleted',
      { object: 'user', id, deleted: true, ...(external_id !== null && { external_id }) },
    ],
  },
  organizations: {
    set: (_after, before) => (before ? 'organization.updated' : 'organization.created'),
    data: organizationAnswer,
    removed: ({ id, slug }) => ['organization.deleted', { object: 'organization', id, slug, deleted: true }],
  },
  memberships: {
    set: (_after, before) => (before ? 'organizationMembership.updated' : 'organizationMembership.created'),
    data: membershipAnswer,
    removed: (before, world) => ['organizationMembership.deleted', membershipAnswer(before, world)],
  },
  organization_invitations: {
    set: organizationInvitationEvent,
    data: organizationInvitationData,
  },
  organization_domains: {
    set: (_after, before) => (before ? 'organizationDomain.updated' : 'organizationDomain.created'),
    data: organizationDomainAnswer,
    removed: ({ id }) => ['organizationDomain.deleted', { object: 'organization_domain', id, deleted: true }],
  },
  roles: {
    set: (_after, before) => (before ? 'role.updated' : 'role.created'),
    data: roleAnswer,
    removed: ({ id }) => ['role.deleted', { object: 'role', id, deleted: true }],
  },
  permissions: {
    set: (_after, before) => (before ? 'permission.updated' : 'permission.created'),
    data: permissionAnswer,
    removed: ({ id }) => ['permission.deleted', { object: 'permission', id, deleted: true }],
  },
  sessions: {
    set: sessionEvent,
    data: sessionData,
    removed: (before, world) =>
      isAlive(asOfNow(before, world))
        ? ['session.removed', { ...sessionData(before, world), status: 'removed', updated_at: world.now() }]
        : undefined,
  },
  waitlist_entries: {
    set: (_after, before) => (before ? 'waitlistEntry.updated' : 'waitlistEntry.created'),
    data: waitlistEntryAnswer,
  },
  emails: { set: () => 'email.created', data: emailAnswer },
  sms_messages: { set: () => 'sms.created', data: smsAnswer },
  subscriptions: {
    set: ({ past_due_at }, before) =>
      past_due_at === (before?.past_due_at ?? null) ? 'subscription.updated' : 'subscription.pastDue',
    data: subscriptionEventData,
  },
  subscription_items: { set: itemEvent, data: itemEventData },
  payment_attempts: {
    set: (_after, before) => (before ? 'paymentAttempt.updated' : 'paymentAttempt.created'),
    data: paymentAttemptEventData,
  },
}

function itemEvent(
  { status, is_trial_ending }: SubscriptionItem,
  before: SubscriptionItem | undefined,
): WebhookEventType {
  if (status !== before?.status)
    return status === 'past_due' ? 'subscriptionItem.pastDue' : `subscriptionItem.${status}`
  return is_trial_ending && !before.is_trial_ending ? 'subscriptionItem.freeTrialEnding' : 'subscriptionItem.updated'
}

/** Clerk has no event for other changes of an invitation, such as another role. */
function organizationInvitationEvent(
  { status }: OrganizationInvitation,
  before: OrganizationInvitation | undefined,
): WebhookEventType | undefined {
  if (!before) return 'organizationInvitation.created'
  return status === before.status || status === 'pending' ? undefined : `organizationInvitation.${status}`
}

function organizationInvitationData(invitation: OrganizationInvitation, world: World) {
  return {
    ...organizationInvitationAnswer(invitation, world),
    ...(invitation.user_id !== null && { user_id: invitation.user_id }),
    // In a member `data` of the event's data, as Clerk's specification of webhooks says.
    data: { public_organization_data: publicOrganizationData(world, invitation.organization_id) },
  }
}

/** Clerk has no event for the use or expiry of a session, or a change of its organization. */
function sessionEvent({ status }: Session, before: Session | undefined): WebhookEventType | undefined {
  if (before?.status === status) return undefined
  if (status === 'revoked' || status === 'pending' || status === 'ended' || status === 'removed')
    return `session.${status}`
  return status === 'active' ? 'session.created' : undefined
}

function sessionData(session: Session, world: World) {
  const user = world.users.byId(session.user_id)
  return { ...sessionAnswer(session, world), user: user ? userAnswer(user, world) : null }
}

/** A change and, for a removal, its event, with data that is gone once the transaction has ended. */
interface SeenChange {
  readonly change: TableChange
  readonly removal: readonly [WebhookEventType, object] | undefined
}

/** Emits an event for every change for which Clerk has one, but one only for all changes of a record in a transaction. */
export function watchWorld(world: World, emit: EmitWebhookEvent): void {
  world.watch<SeenChange>(
    (change) => ({
      change,
      removal: change.after ? undefined : sourceOf(change.table)?.removed?.(change.before as never, world),
    }),
    (seen) => {
      for (const [first, last] of byRecord(seen)) emitOf(first.change.before, last, world, emit)
    },
  )
}

function sourceOf(table: TableName): EventSource<never> | undefined {
  return SOURCES[table]
}

/** The first and the last change of each record, in the order of the first changes. */
function byRecord(seen: readonly SeenChange[]): readonly (readonly [SeenChange, SeenChange])[] {
  const pairs = new Map<string, readonly [SeenChange, SeenChange]>()
  for (const one of seen) {
    const { table, before, after } = one.change
    const key = `${table}:${(after ?? before).id}`
    pairs.set(key, [pairs.get(key)?.[0] ?? one, one])
  }
  return [...pairs.values()]
}

function emitOf(
  before: object | undefined,
  { change, removal }: SeenChange,
  world: World,
  emit: EmitWebhookEvent,
): void {
  if (removal && before) return emit(removal[0], () => removal[1])
  const source = sourceOf(change.table)
  const { after } = change
  if (!source || !after) return
  const type = source.set(after as never, before as never, world)
  if (type) emit(type, () => source.data(after as never, world))
}
