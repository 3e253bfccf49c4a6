import { createClerkClient } from '@clerk/backend'
import { describe, expect, test } from 'vitest'
import { errorCode, start } from '../start.js'
import { call } from '../tokens.js'
import { startReceiver } from '../webhook-receiver.js'
import { clientOf, refusal } from './client.js'

const START = Date.UTC(2030, 0)
const DAY_IN_MS = 86_400_000

/** An instance whose clock is stopped at the start of 2030, the client, and what invites somebody to acme. */
async function startAcme() {
  const local = await start({ now: () => START })
  const organizations = clientOf(local).organizations
  const organizationId = local.organizations.acme.id
  const invite = (emailAddress: string, more: object = {}) =>
    organizations.createOrganizationInvitation({ organizationId, emailAddress, role: 'org:member', ...more })
  const path = '/v1/organizations/acme/invitations'
  return { local, organizations, organizationId, invite, path }
}

describe('organization invitations', () => {
  test('are pending for 30 days, and have the data of the inviter', async () => {
    const { local, organizations, organizationId, invite } = await startAcme()
    const { alice } = local.people
    const created = await invite('Eve@Example.com', {
      inviterUserId: alice.id,
      publicMetadata: { team: 'a' },
      privateMetadata: { cost: 1 },
    })
    expect(created).toMatchObject({
      id: expect.stringMatching(/^orginv_\w{27}$/),
      emailAddress: 'eve@example.com',
      role: 'org:member',
      roleName: 'Member',
      organizationId,
      status: 'pending',
      publicMetadata: { team: 'a' },
      privateMetadata: { cost: 1 },
      expiresAt: START + 30 * DAY_IN_MS,
    })
    expect(created.raw).toMatchObject({ public_inviter_data: { user_id: alice.id, identifier: alice.email } })
    const read = await organizations.getOrganizationInvitation({ organizationId, invitationId: created.id })
    expect(read.raw).toEqual(created.raw)
    await expect(
      organizations.getOrganizationInvitation({
        organizationId: local.organizations.globex.id,
        invitationId: created.id,
      }),
    ).rejects.toMatchObject(refusal(404, 'resource_not_found'))
  })

  test('expire after the given days', async () => {
    const { local, organizations, organizationId, invite } = await startAcme()
    const { id } = await invite('eve@example.com', { expiresInDays: 1 })
    local.clock.advance(DAY_IN_MS)
    const expired = await organizations.getOrganizationInvitation({ organizationId, invitationId: id })
    expect(expired).toMatchObject({ status: 'expired', url: null })
    expect((await invite('eve@example.com')).status).toBe('pending')
    await expect(
      organizations.revokeOrganizationInvitation({ organizationId, invitationId: id }),
    ).rejects.toMatchObject(refusal(404, 'organization_invitation_not_pending'))
  })

  test('need an inviter who is an administrator', async () => {
    const { local, organizations, organizationId, invite } = await startAcme()
    const { bob, dave } = local.people
    await expect(invite('eve@example.com', { inviterUserId: dave.id })).rejects.toMatchObject(
      refusal(403, 'not_a_member_in_organization'),
    )
    await expect(invite('eve@example.com', { inviterUserId: bob.id })).rejects.toMatchObject(
      refusal(403, 'missing_organization_permission'),
    )
    const { id: invitationId } = await invite('eve@example.com')
    await expect(
      organizations.revokeOrganizationInvitation({ organizationId, invitationId, requestingUserId: bob.id }),
    ).rejects.toMatchObject(refusal(403, 'missing_organization_permission'))
  })

  test.each([
    ['a member', 'bob@acme.example', 'org:member', 400, 'already_a_member_in_organization'],
    ['somebody twice', 'twice@example.com', 'org:admin', 400, 'organization_invitation_not_unique'],
    ['an address that is none', 'eve', 'org:member', 422, 'form_param_format_invalid'],
    ['to an unknown role', 'eve@example.com', 'org:x', 404, 'resource_not_found'],
  ])('cannot invite %s', async (_, emailAddress, role, status, code) => {
    const { invite } = await startAcme()
    await invite('twice@example.com')
    await expect(invite(emailAddress, { role })).rejects.toMatchObject(refusal(status, code))
  })

  test('count as members for max_allowed_memberships, until they are revoked', async () => {
    const { local, organizations, organizationId, invite } = await startAcme()
    await organizations.updateOrganization(organizationId, { maxAllowedMemberships: 3 })
    const { id: invitationId } = await invite('eve@example.com')
    await expect(invite('mallory@example.com')).rejects.toMatchObject(
      refusal(403, 'organization_membership_quota_exceeded'),
    )
    const userId = local.people.dave.id
    await expect(
      organizations.createOrganizationMembership({ organizationId, userId, role: 'org:member' }),
    ).rejects.toMatchObject(refusal(403, 'organization_membership_quota_exceeded'))
    await organizations.revokeOrganizationInvitation({ organizationId, invitationId })
    expect((await invite('mallory@example.com')).status).toBe('pending')
  })

  test('are created in bulk, all or none, and at most 10', async () => {
    const { local, organizations, organizationId } = await startAcme()
    const fields = (emailAddress: string) => ({ emailAddress, role: 'org:member' })
    const bulk = (addresses: readonly string[]) =>
      organizations.createOrganizationInvitationBulk(organizationId, addresses.map(fields))
    const list = () => organizations.getOrganizationInvitationList({ organizationId })

    await expect(bulk(['a@example.com', 'b@example.com', 'a@example.com'])).rejects.toMatchObject(
      refusal(400, 'organization_invitation_not_unique'),
    )
    await expect(bulk(Array.from({ length: 11 }, (_, i) => `${i}@example.com`))).rejects.toMatchObject(
      refusal(422, 'form_param_array_size_exceeded'),
    )
    expect((await list()).totalCount).toBe(0)
    expect(await bulk(['a@example.com', 'b@example.com'])).toMatchObject({ totalCount: 2 })
    expect((await list()).data.map(({ emailAddress }) => emailAddress)).toEqual(['b@example.com', 'a@example.com'])
    expect(local.calls('CreateOrganizationInvitationBulk')).toBe(3)
  })

  test('are listed by status and address, in order', async () => {
    const { local, organizations, organizationId, invite, path } = await startAcme()
    const { id: revokedId } = await invite('b@example.com')
    await invite('a@example.com')
    await organizations.revokeOrganizationInvitation({ organizationId, invitationId: revokedId })
    const addresses = async (query: string) => {
      const { body } = await call(local, 'GET', query)
      return body.data.map((it: { email_address: string }) => it.email_address)
    }
    const globex = local.organizations.globex.id
    await organizations.createOrganizationInvitation({
      organizationId: globex,
      emailAddress: 'dave@example.com',
      role: 'org:member',
    })
    expect(await addresses(path)).toEqual(['a@example.com', 'b@example.com'])
    expect(await addresses(`${path}?order_by=-email_address`)).toEqual(['b@example.com', 'a@example.com'])
    expect(await addresses(`${path}?email_address=B@example.com`)).toEqual(['b@example.com'])
    expect(await addresses(`${path}/pending`)).toEqual(['a@example.com'])
    expect(await addresses('/v1/organization_invitations?status=pending&status=revoked')).toHaveLength(3)
    expect(await addresses('/v1/organization_invitations?status=revoked')).toEqual(['b@example.com'])
    expect(await addresses('/v1/organization_invitations?query=DAVE')).toEqual(['dave@example.com'])

    const { data } = await createClerkClient({
      secretKey: local.env.CLERK_SECRET_KEY,
      apiUrl: local.env.CLERK_API_URL,
    }).users.getOrganizationInvitationList({ userId: local.people.dave.id })
    expect(data).toMatchObject([{ emailAddress: 'dave@example.com', publicOrganizationData: { id: globex } }])
    const unknown = await call(local, 'GET', '/v1/users/user_x/organization_invitations')
    expect(unknown).toMatchObject({ status: 404, code: 'resource_not_found' })
    const unknownStatus = await call(local, 'GET', `${path}?status=lost`)
    expect(unknownStatus).toMatchObject({ status: 422, code: 'form_param_value_invalid' })
  })

  test('send an email with the link, unless notify is false', async () => {
    const { local, path, invite } = await startAcme()
    const { url } = await invite('dave@example.com', { inviterUserId: local.people.alice.id, expiresInDays: 7 })
    const body = { email_address: 'quiet@example.com', role: 'org:member', notify: false }
    await call(local, 'POST', path, { body })
    const [email, ...others] = local.outbox.emails()
    expect(others).toEqual([])
    expect(email).toMatchObject({
      slug: 'organization_invitation',
      to: 'dave@example.com',
      userId: local.people.dave.id,
      links: [url],
    })
    expect(email?.text).toContain('Alice invites you to the organization Acme.')
    expect(email?.text).toContain('The link works for 7 days.')
    expect(url).toMatch(new RegExp(`^${local.url}/tickets/accept\\?ticket=\\w{42}$`))
  })

  test('make the owner of the address a member when the link is followed', async () => {
    const { local, organizations, organizationId, invite } = await startAcme()
    const receiver = await startReceiver()
    const { dave } = local.people
    const { id: invitationId, url } = await invite('dave@example.com', {
      role: 'org:admin',
      publicMetadata: { team: 'a' },
      privateMetadata: { cost: 1 },
    })
    local.webhooks.add({ url: receiver.url })
    const response = await fetch(url ?? '')
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ user_id: dave.id, last_active_organization_id: organizationId })

    const { data } = await organizations.getOrganizationMembershipList({ organizationId, userId: [dave.id] })
    expect(data).toMatchObject([{ role: 'org:admin', publicMetadata: { team: 'a' }, privateMetadata: { cost: 1 } }])
    expect(await organizations.getOrganizationInvitation({ organizationId, invitationId })).toMatchObject({
      status: 'accepted',
      url: null,
    })
    await local.webhooks.settled()
    const accepted = receiver.received.find(({ event }) => event.type === 'organizationInvitation.accepted')
    expect(accepted?.event.data).toMatchObject({
      user_id: dave.id,
      data: { public_organization_data: { id: organizationId } },
    })
    const again = await fetch(url ?? '')
    expect(again.status).toBe(400)
    expect(await again.json()).toMatchObject({ errors: [{ code: 'organization_invitation_already_accepted' }] })
  })

  test('create a user for an unknown address when the link is followed', async () => {
    const { local, organizations, organizationId, invite } = await startAcme()
    const { url } = await invite('eve@example.com')
    const session = (await (await fetch(url ?? '')).json()) as { user_id: string }
    const { data } = await organizations.getOrganizationMembershipList({ organizationId, userId: [session.user_id] })
    expect(data).toMatchObject([{ role: 'org:member', publicUserData: { identifier: 'eve@example.com' } }])
    expect(local.people).toHaveProperty(['eve@example.com', 'id'], session.user_id)
  })

  test.each([
    ['revoked', 'organization_invitation_revoked_code'],
    ['expired', 'ticket_expired_code'],
  ])('do not work when %s', async (status, code) => {
    const { local, organizations, organizationId, invite } = await startAcme()
    const { id: invitationId, url } = await invite('eve@example.com')
    if (status === 'revoked') await organizations.revokeOrganizationInvitation({ organizationId, invitationId })
    else local.clock.advance(30 * DAY_IN_MS)
    const response = await fetch(url ?? '')
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ errors: [{ code }] })
    expect(local.people).not.toHaveProperty(['eve@example.com'])
  })

  test('cause events, and are removed with their organization', async () => {
    const { local, organizations, organizationId, invite } = await startAcme()
    const receiver = await startReceiver()
    local.webhooks.add({ url: receiver.url })
    const { id: invitationId } = await invite('eve@example.com', { notify: false })
    await organizations.revokeOrganizationInvitation({ organizationId, invitationId })
    await local.webhooks.settled()
    expect(receiver.types().filter((type) => type !== 'email.created')).toEqual([
      'organizationInvitation.created',
      'organizationInvitation.revoked',
    ])
    expect(receiver.received.at(-1)?.event.data).toMatchObject({ id: invitationId, status: 'revoked' })
    await organizations.deleteOrganization(organizationId)
    expect((await call(local, 'GET', '/v1/organization_invitations')).body.total_count).toBe(0)
  })

  test('cannot be accepted without their role, which can be deleted once they have expired', async () => {
    const { local, invite } = await startAcme()
    const { env } = local
    const { organizationRoles } = createClerkClient({ secretKey: env.CLERK_SECRET_KEY, apiUrl: env.CLERK_API_URL })
    const role = await organizationRoles.createOrganizationRole({ name: 'Guest', key: 'org:guest' })
    const { raw } = await invite('eve@example.com', { role: role.key })
    local.clock.advance(31 * DAY_IN_MS)
    await organizationRoles.deleteOrganizationRole(role.id)
    local.clock.set(START)
    const refused = await fetch(String(raw?.url))
    expect([refused.status, await errorCode(refused)]).toEqual([404, 'resource_not_found'])
    expect(Object.keys(local.people)).not.toContain('eve@example.com')
  })
})
