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
import type { Payer } from '../billing/payer.js'
import { itemsOf, subscriptionOf } from '../billing/subscription.js'
import type { Subscription, SubscriptionItem } from '../model/billing.js'
import type { OrganizationInvitation } from '../model/organization-invitation.js'
import type { Session } from '../model/session.js'
import type { Records, TableName } from '../model/tables.js'
import type { WebhookEvent, WebhookEventType } from '../model/webhook-event.js'
import { asOfNow, isAlive } from '../people/session.js'
import type { World } from '../state/world.js'

/** Receives an event. `data` must be called synchronously, while the records are unchanged. */
export type EmitWebhookEvent = (type: WebhookEventType, data: () => object) => void

/** How the changes of a table become events. */
export interface EventSource<R> {
  /** The event for a record that was added or changed; `undefined`: none */
  readonly set: (after: R, before: R | undefined, world: World) => WebhookEventType | undefined
  readonly data: (record: R, world: World) => object
  /** Emits what follows the event for an added record. */
  readonly afterAdded?: (added: R, world: World, emit: EmitWebhookEvent) => void
  /** The event for a removed record, with data from before its removal. */
  readonly removed?: (before: R, world: World) => WebhookEvent | undefined
}

type EventSources = { readonly [Name in TableName]?: EventSource<Records[Name]> }

export const EVENT_SOURCES: EventSources = {
  users: {
    set: (_after, before) => (before ? 'user.updated' : 'user.created'),
    data: userAnswer,
    afterAdded: (owner, world, emit) => emitFreeSubscription({ type: 'user', owner }, world, emit),
    removed: ({ id, external_id }) => ({
      type: 'user.deleted',
      data: { object: 'user', id, deleted: true, ...(external_id !== null && { external_id }) },
    }),
  },
  organizations: {
    set: (_after, before) => (before ? 'organization.updated' : 'organization.created'),
    data: organizationAnswer,
    afterAdded: (owner, world, emit) => emitFreeSubscription({ type: 'org', owner }, world, emit),
    removed: ({ id, slug }) => ({
      type: 'organization.deleted',
      data: { object: 'organization', id, slug, deleted: true },
    }),
  },
  memberships: {
    set: (_after, before) => (before ? 'organizationMembership.updated' : 'organizationMembership.created'),
    data: membershipAnswer,
    removed: (before, world) => ({ type: 'organizationMembership.deleted', data: membershipAnswer(before, world) }),
  },
  organization_invitations: {
    set: organizationInvitationEvent,
    data: organizationInvitationData,
  },
  organization_domains: {
    set: (_after, before) => (before ? 'organizationDomain.updated' : 'organizationDomain.created'),
    data: organizationDomainAnswer,
    removed: ({ id }) => ({
      type: 'organizationDomain.deleted',
      data: { object: 'organization_domain', id, deleted: true },
    }),
  },
  roles: {
    set: (_after, before) => (before ? 'role.updated' : 'role.created'),
    data: roleAnswer,
    removed: ({ id }) => ({ type: 'role.deleted', data: { object: 'role', id, deleted: true } }),
  },
  permissions: {
    set: (_after, before) => (before ? 'permission.updated' : 'permission.created'),
    data: permissionAnswer,
    removed: ({ id }) => ({ type: 'permission.deleted', data: { object: 'permission', id, deleted: true } }),
  },
  sessions: {
    set: sessionEvent,
    data: sessionData,
    removed: (before, world) =>
      isAlive(asOfNow(before, world))
        ? {
            type: 'session.removed',
            data: { ...sessionData(before, world), status: 'removed', updated_at: world.now() },
          }
        : undefined,
  },
  waitlist_entries: {
    set: (_after, before) => (before ? 'waitlistEntry.updated' : 'waitlistEntry.created'),
    data: waitlistEntryAnswer,
  },
  emails: { set: () => 'email.created', data: emailAnswer },
  sms_messages: { set: () => 'sms.created', data: smsAnswer },
  subscriptions: { set: subscriptionEvent, data: subscriptionEventData },
  subscription_items: { set: itemEvent, data: itemEventData },
  payment_attempts: {
    set: (_after, before) => (before ? 'paymentAttempt.updated' : 'paymentAttempt.created'),
    data: paymentAttemptEventData,
  },
}

/** A payer's subscription to the free plan begins with the payer, although it is not stored until it changes. */
function emitFreeSubscription(payer: Payer, world: World, emit: EmitWebhookEvent): void {
  const subscription = subscriptionOf(world, payer)
  if (!subscription) return
  emit('subscription.created', () => subscriptionEventData(subscription, world))
  for (const item of itemsOf(world, payer)) emit('subscriptionItem.active', () => itemEventData(item, world))
}

function subscriptionEvent({ past_due_at }: Subscription, before: Subscription | undefined): WebhookEventType {
  if (!before) return 'subscription.created'
  if (past_due_at === before.past_due_at) return 'subscription.updated'
  return past_due_at === null ? 'subscription.active' : 'subscription.pastDue'
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
  // Clerk's specification of webhooks has no tasks.
  const { tasks: _, ...shown } = sessionAnswer(session, world)
  return { ...shown, user: user ? userAnswer(user, world) : null }
}
