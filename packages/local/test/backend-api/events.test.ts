import { createClerkClient, type ClerkClient } from '@clerk/backend'
import { describe, expect, test } from 'vitest'
import { defaultSeed, type LocalClerk, type Seed } from '../../src/index.js'
import { start } from '../start.js'
import { call } from '../tokens.js'
import { startReceiver } from '../webhook-receiver.js'
import { webhookTypes } from './facts.js'

const NOW = Date.UTC(2030, 0)
const DAY = 86_400_000

const NEW_SUBSCRIPTION = ['subscription.created', 'subscriptionItem.active'] as const
const PAYMENT = ['paymentAttempt.created', 'paymentAttempt.updated'] as const

type Local = LocalClerk<typeof SEED>

const SEED = { ...defaultSeed, subscriptions: [], statements: [], signUps: [] } as const satisfies Seed

interface Change {
  readonly title: string
  /** all that are received, in order */
  readonly events: readonly string[]
  readonly subscriptions?: Seed['subscriptions']
  readonly cause: (local: Local, clerk: ClerkClient) => Promise<unknown> | void
}

/** Every event that an operation, the seed or the clock can cause. */
const CHANGES: readonly Change[] = [
  {
    title: 'a user who is created and changed',
    events: ['user.created', ...NEW_SUBSCRIPTION, 'user.updated'],
    async cause(_, { users }) {
      const { id } = await users.createUser({ emailAddress: ['eve@acme.example'] })
      await users.updateUser(id, { firstName: 'Eve' })
    },
  },
  {
    title: 'a member with a session who is deleted',
    events: ['session.created', 'organizationMembership.deleted', 'session.removed', 'user.deleted'],
    async cause({ people }, { sessions, users }) {
      await sessions.createSession({ userId: people.bob.id })
      await users.deleteUser(people.bob.id)
    },
  },
  {
    title: 'an organization that is created, changed and deleted',
    events: [
      'organization.created',
      ...NEW_SUBSCRIPTION,
      'organizationMembership.created',
      'organization.updated',
      'organizationMembership.deleted',
      'organization.deleted',
    ],
    async cause({ people }, { organizations }) {
      const { id } = await organizations.createOrganization({ name: 'Hooli', createdBy: people.dave.id })
      await organizations.updateOrganization(id, { name: 'Hooli XYZ' })
      await organizations.deleteOrganization(id)
    },
  },
  {
    title: 'a membership that is created, changed and deleted',
    events: ['organizationMembership.created', 'organizationMembership.updated', 'organizationMembership.deleted'],
    async cause({ people, organizations: { acme } }, { organizations }) {
      const membership = { organizationId: acme.id, userId: people.dave.id }
      await organizations.createOrganizationMembership({ ...membership, role: 'org:member' })
      await organizations.updateOrganizationMembership({ ...membership, role: 'org:admin' })
      await organizations.deleteOrganizationMembership(membership)
    },
  },
  {
    title: 'an invitation to an organization that is accepted by a new user',
    events: [
      'organizationInvitation.created',
      'email.created',
      'user.created',
      ...NEW_SUBSCRIPTION,
      'organizationInvitation.accepted',
      'organizationMembership.created',
      'session.created',
    ],
    async cause(local, { organizations }) {
      const { acme } = local.organizations
      const emailAddress = 'eve@acme.example'
      await organizations.createOrganizationInvitation({
        organizationId: acme.id,
        emailAddress,
        role: 'org:member',
      })
      await fetch(local.outbox.emails()[0]!.links[0]!)
    },
  },
  {
    title: 'an invitation to an organization that is revoked',
    events: ['organizationInvitation.created', 'email.created', 'organizationInvitation.revoked'],
    async cause({ organizations: { acme } }, { organizations }) {
      const { id: invitationId } = await organizations.createOrganizationInvitation({
        organizationId: acme.id,
        emailAddress: 'eve@acme.example',
        role: 'org:member',
      })
      await organizations.revokeOrganizationInvitation({ organizationId: acme.id, invitationId })
    },
  },
  {
    title: 'a domain of an organization that is created, changed and deleted',
    events: ['organizationDomain.created', 'organizationDomain.updated', 'organizationDomain.deleted'],
    async cause({ organizations: { acme } }, { organizations }) {
      const { id: domainId } = await organizations.createOrganizationDomain({
        organizationId: acme.id,
        name: 'acme.example',
        enrollmentMode: 'manual_invitation',
      })
      await organizations.updateOrganizationDomain({ organizationId: acme.id, domainId, verified: false })
      await organizations.deleteOrganizationDomain({ organizationId: acme.id, domainId })
    },
  },
  {
    title: 'a role and a permission that are created, changed and deleted',
    events: [
      'permission.created',
      'role.created',
      'permission.updated',
      'role.updated',
      'role.updated',
      'permission.deleted',
      'role.deleted',
    ],
    async cause(local) {
      const permission = await call(local, 'POST', '/v1/organization_permissions', {
        body: { name: 'Export', key: 'org:invoices:export' },
      })
      const permissions = [permission.body.id]
      const role = await call(local, 'POST', '/v1/organization_roles', {
        body: { name: 'Clerk', key: 'org:clerk', permissions },
      })
      const path = `/v1/organization_permissions/${permission.body.id}`
      await call(local, 'PATCH', path, { body: { key: 'org:invoices:write' } })
      await call(local, 'DELETE', path)
      await call(local, 'DELETE', `/v1/organization_roles/${role.body.id}`)
    },
  },
  {
    title: 'a session that is created and revoked',
    events: ['session.created', 'session.revoked'],
    async cause({ people }, { sessions }) {
      const { id } = await sessions.createSession({ userId: people.dave.id })
      await sessions.revokeSession(id)
    },
  },
  {
    title: 'a pending session',
    events: ['session.pending'],
    cause: (local) => local.sessionToken({ user: 'dave', status: 'pending' }),
  },
  {
    title: 'a sign-up',
    events: ['email.created', 'sms.created'],
    cause: (local) => void local.signUp({ emailAddress: 'eve@acme.example', phoneNumber: '+12025550123' }),
  },
  {
    title: 'an entry in the waitlist that is invited and signs up',
    events: [
      'waitlistEntry.created',
      'email.created',
      'waitlistEntry.updated',
      'email.created',
      'user.created',
      ...NEW_SUBSCRIPTION,
      'waitlistEntry.updated',
      'session.created',
    ],
    async cause(local, { waitlistEntries }) {
      const { id } = await waitlistEntries.create({ emailAddress: 'eve@acme.example' })
      await waitlistEntries.invite(id)
      await fetch(local.outbox.emails()[0]!.links[0]!)
    },
  },
  {
    title: 'a free trial that ends soon, and is paid for',
    subscriptions: [{ organization: 'acme', plan: 'pro', trial: true }],
    events: ['subscriptionItem.freeTrialEnding', ...PAYMENT, 'subscriptionItem.updated', 'subscription.updated'],
    cause: ({ clock }) => clock.advance(14 * DAY),
  },
  {
    title: 'a plan that is canceled, and ends with its period',
    subscriptions: [{ organization: 'acme', plan: 'pro' }],
    events: [
      'subscriptionItem.canceled',
      'subscriptionItem.upcoming',
      'subscription.updated',
      'subscriptionItem.ended',
      'subscription.updated',
      'subscriptionItem.active',
      'subscription.updated',
    ],
    async cause({ clock, organizations: { acme } }, { billing }) {
      const { subscriptionItems } = await billing.getOrganizationBillingSubscription(acme.id)
      await billing.cancelSubscriptionItem(subscriptionItems[1]!.id)
      clock.advance(31 * DAY)
    },
  },
  {
    title: 'a plan that is past due, and is canceled',
    subscriptions: [{ user: 'dave', plan: 'plus', paymentsFail: true }],
    events: [
      ...PAYMENT,
      'subscriptionItem.pastDue',
      'subscription.pastDue',
      'subscriptionItem.ended',
      'subscriptionItem.active',
      'subscription.active',
    ],
    async cause({ clock, people }, { billing }) {
      clock.advance(31 * DAY)
      const { subscriptionItems } = await billing.getUserBillingSubscription(people.dave.id)
      await billing.cancelSubscriptionItem(subscriptionItems[1]!.id)
    },
  },
]

/** What only the Frontend API of Clerk does. */
const NOT_SENT: Readonly<Record<string, string>> = {
  'session.ended': 'a user signs out',
  'subscriptionItem.abandoned': 'a payer subscribes to another plan, or again to a canceled one',
  'subscriptionItem.incomplete': 'a payer starts a checkout',
}

describe('webhooks', () => {
  test.each(CHANGES)('tell of $title', async ({ events, subscriptions = [], cause }) => {
    const local = await start({ now: () => NOW, seed: { ...SEED, subscriptions } as typeof SEED })
    const { CLERK_SECRET_KEY: secretKey, CLERK_API_URL: apiUrl } = local.env
    const receiver = await startReceiver()
    local.webhooks.add({ url: receiver.url })
    await cause(local, createClerkClient({ secretKey, apiUrl }))
    await local.webhooks.settled()
    expect(receiver.types()).toEqual(events)
  })

  test('tell of everything that Clerk does, except what users do in the Frontend API', () => {
    const sent = new Set(CHANGES.flatMap(({ events }) => events))
    expect([...sent, ...Object.keys(NOT_SENT)].toSorted()).toEqual(webhookTypes.toSorted())
    expect(sent.size).toBe(42)
  })

  test('have the types that Clerk publishes', async () => {
    const { body } = await call(await start(), 'GET', '/_local/webhooks')
    expect(body.types.toSorted()).toEqual(webhookTypes.toSorted())
  })
})
