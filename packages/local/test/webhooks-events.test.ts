import { createClerkClient } from '@clerk/backend'
import { describe, expect, test } from 'vitest'
import { start } from './start.js'
import { startReceiver } from './webhook-receiver.js'

const START = Date.UTC(2030, 0)

/** An instance whose clock is stopped at the start of 2030, an official client, and a receiver of all events. */
async function startWithReceiver() {
  const local = await start({ now: () => START })
  const { CLERK_SECRET_KEY: secretKey, CLERK_API_URL: apiUrl } = local.env
  const receiver = await startReceiver()
  local.webhooks.add({ url: receiver.url })
  const types = async () => {
    await local.webhooks.settled()
    return receiver.types()
  }
  const events = async () => {
    await local.webhooks.settled()
    return receiver.received.map(({ event }) => event)
  }
  return { local, clerk: createClerkClient({ secretKey, apiUrl }), receiver, types, events }
}

describe('webhook events', () => {
  test('have the envelope of Clerk, with the time of the instance in milliseconds', async () => {
    const { local, clerk, events } = await startWithReceiver()
    const { id } = await clerk.users.createUser({ username: 'evelyn', externalId: 'crm-7' })
    const [event] = await events()
    expect(event).toMatchObject({
      object: 'event',
      type: 'user.created',
      timestamp: START,
      instance_id: expect.stringMatching(/^ins_local/),
      event_attributes: { http_request: { client_ip: '', user_agent: '' } },
      data: { object: 'user', id, username: 'evelyn', external_id: 'crm-7', last_sign_in_at: null },
    })
    const machine = await clerk.machines.get(local.machines.api.id)
    expect(event?.instance_id).toBe(machine.instanceId)
  })

  test('are sent for every change of a user', async () => {
    const { clerk, events } = await startWithReceiver()
    const { id } = await clerk.users.createUser({ username: 'evelyn', externalId: 'crm-7' })
    await clerk.users.updateUser(id, { firstName: 'Eve' })
    await clerk.users.updateUserMetadata(id, { publicMetadata: { plan: 'gold' } })
    await clerk.users.deleteUser(id)
    const [created, subscribed, item, renamed, upgraded, deleted, ...more] = await events()
    expect(created).toMatchObject({ type: 'user.created', data: { id, first_name: null } })
    expect(subscribed).toMatchObject({ type: 'subscription.created', data: { payer: { user_id: id } } })
    expect(item).toMatchObject({ type: 'subscriptionItem.active', data: { plan: { slug: 'free' } } })
    expect(renamed).toMatchObject({ type: 'user.updated', data: { id, first_name: 'Eve', public_metadata: {} } })
    expect(upgraded).toMatchObject({
      type: 'user.updated',
      data: { first_name: 'Eve', public_metadata: { plan: 'gold' } },
    })
    expect(deleted?.type).toBe('user.deleted')
    expect(deleted?.data).toEqual({ object: 'user', id, deleted: true, external_id: 'crm-7' })
    expect(more).toEqual([])
  })

  test('are sent for every change of an organization and its memberships', async () => {
    const { local, clerk, events } = await startWithReceiver()
    const { alice, dave } = local.people
    const { id: organizationId } = await clerk.organizations.createOrganization({ name: 'Hooli', createdBy: alice.id })
    await clerk.organizations.updateOrganization(organizationId, { name: 'Hooli XYZ' })
    await clerk.organizations.createOrganizationMembership({ organizationId, userId: dave.id, role: 'org:member' })
    await clerk.organizations.updateOrganizationMembership({ organizationId, userId: dave.id, role: 'org:admin' })
    await clerk.organizations.deleteOrganizationMembership({ organizationId, userId: dave.id })
    const [created, subscribed, item, ofAlice, updated, joined, promoted, left, ...more] = await events()
    expect(created).toMatchObject({ type: 'organization.created', data: { object: 'organization', slug: 'hooli' } })
    expect(created?.data).toMatchObject({ id: organizationId, created_by: alice.id })
    expect(subscribed).toMatchObject({
      type: 'subscription.created',
      data: { payer: { organization_id: organizationId } },
    })
    expect(item).toMatchObject({ type: 'subscriptionItem.active', data: { plan: { slug: 'free_org' } } })
    expect(ofAlice).toMatchObject({ type: 'organizationMembership.created', data: { role: 'org:admin' } })
    expect(updated).toMatchObject({ type: 'organization.updated', data: { id: organizationId, name: 'Hooli XYZ' } })
    const ofDave = {
      object: 'organization_membership',
      organization: { id: organizationId, name: 'Hooli XYZ' },
      public_user_data: { user_id: dave.id, identifier: dave.email },
    }
    const asMember = { ...ofDave, role: 'org:member', permissions: ['org:invoices:read'] }
    const asAdmin = { ...ofDave, role: 'org:admin', permissions: expect.arrayContaining(['org:reports:read']) }
    expect(joined).toMatchObject({ type: 'organizationMembership.created', data: asMember })
    expect(promoted).toMatchObject({ type: 'organizationMembership.updated', data: asAdmin })
    expect(left).toMatchObject({ type: 'organizationMembership.deleted', data: asAdmin })
    expect(more).toEqual([])
  })

  test('are sent for created and revoked sessions, with the user, but not for their use', async () => {
    const { local, clerk, events } = await startWithReceiver()
    const { bob } = local.people
    await local.sessionToken({ user: 'bob' })
    await local.sessionToken({ user: 'bob' })
    const { id } = await clerk.sessions.createSession({ userId: bob.id })
    await clerk.sessions.getToken(id)
    await local.sessionToken({ user: 'bob', status: 'pending' })
    await clerk.sessions.revokeSession(id)
    await clerk.sessions.revokeSession(id)
    const [minted, created, pending, revoked, ...more] = await events()
    const ofBob = { object: 'session', user_id: bob.id, user: { object: 'user', id: bob.id } }
    expect(minted).toMatchObject({ type: 'session.created', data: { ...ofBob, status: 'active' } })
    expect(created).toMatchObject({ type: 'session.created', data: { ...ofBob, id, status: 'active' } })
    expect(pending).toMatchObject({ type: 'session.pending', data: { ...ofBob, status: 'pending' } })
    expect(revoked).toMatchObject({ type: 'session.revoked', data: { ...ofBob, id, status: 'revoked' } })
    expect(more).toEqual([])
  })

  test('for a deleted user cover memberships and sessions first, then the user', async () => {
    const { local, clerk, receiver, events } = await startWithReceiver()
    const { bob } = local.people
    await clerk.organizations.createOrganizationMembership({
      organizationId: local.organizations.globex.id,
      userId: bob.id,
      role: 'org:admin',
    })
    const { id: sessionId } = await clerk.sessions.createSession({ userId: bob.id })
    const { id: revokedId } = await clerk.sessions.createSession({ userId: bob.id })
    await clerk.sessions.revokeSession(revokedId)
    await events()
    receiver.received.length = 0

    await clerk.users.deleteUser(bob.id)
    const [ofAcme, ofGlobex, session, user, ...more] = await events()
    const common = { object: 'organization_membership', public_user_data: { user_id: bob.id, identifier: bob.email } }
    expect(ofAcme).toMatchObject({
      type: 'organizationMembership.deleted',
      data: { ...common, role: 'org:member', organization: { slug: 'acme' } },
    })
    expect(ofGlobex).toMatchObject({
      type: 'organizationMembership.deleted',
      data: { ...common, role: 'org:admin', organization: { slug: 'globex' } },
    })
    expect(session).toMatchObject({
      type: 'session.removed',
      data: { id: sessionId, status: 'removed', user: { id: bob.id } },
    })
    expect(user).toMatchObject({ type: 'user.deleted', data: { object: 'user', id: bob.id, deleted: true } })
    expect(more).toEqual([])
  })

  test('for a deleted organization cover memberships first, then the organization', async () => {
    const { local, clerk, events } = await startWithReceiver()
    const { acme } = local.organizations
    await clerk.organizations.deleteOrganization(acme.id)
    const [ofAlice, ofBob, organization, ...more] = await events()
    const common = { object: 'organization_membership', organization: { id: acme.id, name: acme.name } }
    expect(ofAlice).toMatchObject({
      type: 'organizationMembership.deleted',
      data: { ...common, public_user_data: { user_id: local.people.alice.id } },
    })
    expect(ofBob).toMatchObject({
      type: 'organizationMembership.deleted',
      data: { ...common, public_user_data: { user_id: local.people.bob.id } },
    })
    expect(organization?.type).toBe('organization.deleted')
    expect(organization?.data).toEqual({ object: 'organization', id: acme.id, slug: 'acme', deleted: true })
    expect(more).toEqual([])
  })

  test('are not sent for expired sessions, or for objects restored by reset()', async () => {
    let now = START
    const local = await start({ now: () => now })
    const receiver = await startReceiver()
    const { CLERK_SECRET_KEY: secretKey, CLERK_API_URL: apiUrl } = local.env
    const clerk = createClerkClient({ secretKey, apiUrl })
    await clerk.sessions.createSession({ userId: local.people.dave.id })
    now += 8 * 86_400_000
    local.webhooks.add({ url: receiver.url })
    await clerk.users.deleteUser(local.people.dave.id)
    await local.webhooks.settled()
    expect(receiver.types()).toEqual(['user.deleted'])

    const configured = await start({ webhooks: [{ url: receiver.url }] })
    configured.reset()
    await configured.webhooks.settled()
    expect(receiver.types()).toEqual(['user.deleted'])
  })
})
