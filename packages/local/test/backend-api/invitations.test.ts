import { describe, expect, test } from 'vitest'
import type { LocalClerk } from '../../src/index.js'
import { errorBody, start } from '../start.js'
import { startReceiver } from '../webhook-receiver.js'
import { clientOf, refusal } from './client.js'

const DAY_IN_MS = 86_400_000
const emailAddress = 'erin@acme.example'

async function started() {
  const local = await start({ now: () => Date.UTC(2030, 0) })
  const client = clientOf(local)
  return { local, client }
}

/** Follows the link of the newest email. */
function followLink(local: LocalClerk): Promise<Response> {
  return fetch(local.outbox.emails()[0]?.links[0] ?? 'no link', { redirect: 'manual' })
}

describe('an invitation', () => {
  test('is sent by email with a link, and is valid for 30 days', async () => {
    const { local, client } = await started()
    const invitation = await client.invitations.createInvitation({ emailAddress: 'Erin@Acme.example' })
    expect(invitation).toMatchObject({ emailAddress, status: 'pending', revoked: false, publicMetadata: {} })
    expect(invitation.raw).toMatchObject({ expires_at: local.clock.now() + 30 * DAY_IN_MS })
    const [email, ...others] = local.outbox.emails()
    expect(others).toEqual([])
    expect(email).toMatchObject({ slug: 'invitation', to: emailAddress, links: [invitation.url], userId: null })
    expect(email?.text).toContain('The link works for 30 days.')
    expect(email?.text).toContain(invitation.url)
  })

  test('creates the user with its metadata when the link is followed, and is accepted', async () => {
    const { local, client } = await started()
    const { url, types, waitFor, received } = await startReceiver()
    local.webhooks.add({ url, events: ['user.*'] })
    const publicMetadata = { team: 'red' }
    const redirectUrl = 'https://app.example/welcome'
    const { id } = await client.invitations.createInvitation({ emailAddress, publicMetadata, redirectUrl })
    const response = await followLink(local)
    const session = (await response.json()) as { user_id: string; status: string; redirect_url: string }
    expect(session).toMatchObject({ object: 'session', status: 'active', redirect_url: redirectUrl })
    const user = local.people[emailAddress as 'alice']
    expect(user).toMatchObject({ id: session.user_id, email: emailAddress })
    await waitFor(1)
    expect(types()).toEqual(['user.created'])
    expect(received[0]?.event.data).toMatchObject({
      public_metadata: publicMetadata,
      email_addresses: [{ email_address: emailAddress, verification: { status: 'verified' } }],
    })
    const { data } = await client.invitations.getInvitationList({ status: 'accepted' })
    expect(data).toMatchObject([{ id }])
  })

  test('signs in the user who signed up with the email address in the meantime', async () => {
    const { local, client } = await started()
    const { alice } = local.people
    await client.invitations.createInvitation({ emailAddress: alice.email, ignoreExisting: true })
    expect(await (await followLink(local)).json()).toMatchObject({ user_id: alice.id })
  })

  test('verifies the address of a user who had only reserved it', async () => {
    const { local, client } = await started()
    const { id: userId } = local.people.dave
    const { id } = await client.emailAddresses.createEmailAddress({ userId, emailAddress, verified: false })
    await client.invitations.createInvitation({ emailAddress, ignoreExisting: true })
    expect(await (await followLink(local)).json()).toMatchObject({ user_id: userId })
    const address = await client.emailAddresses.getEmailAddress(id)
    expect(address).toMatchObject({ emailAddress, verification: { status: 'verified' } })
  })

  test('cannot be accepted twice', async () => {
    const { local, client } = await started()
    await client.invitations.createInvitation({ emailAddress })
    expect((await followLink(local)).status).toBe(200)
    const again = await followLink(local)
    expect([again.status, (await errorBody(again)).errors[0]?.code]).toEqual([400, 'invitation_already_accepted'])
  })

  test('cannot be accepted once it is revoked, expired or its address is blocked', async () => {
    const { local, client } = await started()
    const codeOfLink = async () => (await errorBody(await followLink(local))).errors[0]?.code
    const { id } = await client.invitations.createInvitation({ emailAddress })
    await client.invitations.revokeInvitation(id)
    expect(await codeOfLink()).toBe('invitation_already_revoked')

    await client.invitations.createInvitation({ emailAddress, expiresInDays: 1 })
    const { id: blockId } = await client.blocklistIdentifiers.createBlocklistIdentifier({ identifier: emailAddress })
    expect(await codeOfLink()).toBe('not_allowed_access')
    await client.blocklistIdentifiers.deleteBlocklistIdentifier(blockId)
    local.clock.advance(DAY_IN_MS)
    expect(await codeOfLink()).toBe('ticket_expired_code')
    expect(Object.keys(local.people)).not.toContain(emailAddress)
  })

  test('is not sent with notify: false', async () => {
    const { local, client } = await started()
    await client.invitations.createInvitation({ emailAddress, notify: false })
    expect(local.outbox.emails()).toEqual([])
  })

  test('is sent with the asked template', async () => {
    const { local, client } = await started()
    await client.invitations.createInvitation({ emailAddress, templateSlug: 'waitlist_invitation' })
    expect(local.outbox.emails()).toMatchObject([{ slug: 'waitlist_invitation' }])
  })

  test('is refused for an invited address or an existing user, unless ignoreExisting is set', async () => {
    const { local, client } = await started()
    const { invitations } = client
    await invitations.createInvitation({ emailAddress })
    await expect(invitations.createInvitation({ emailAddress })).rejects.toMatchObject(refusal(400, 'duplicate_record'))
    const { email } = local.people.alice
    const taken = refusal(422, 'form_identifier_exists', 'email_address')
    await expect(invitations.createInvitation({ emailAddress: email })).rejects.toMatchObject(taken)
    for (const address of [emailAddress, email])
      expect(await invitations.createInvitation({ emailAddress: address, ignoreExisting: true })).toMatchObject({
        status: 'pending',
      })
  })

  test('is possible again once the earlier one is revoked or expired', async () => {
    const { local, client } = await started()
    const { invitations } = client
    const { id } = await invitations.createInvitation({ emailAddress })
    await invitations.revokeInvitation(id)
    await invitations.createInvitation({ emailAddress, expiresInDays: 1 })
    local.clock.advance(DAY_IN_MS)
    expect(await invitations.createInvitation({ emailAddress })).toMatchObject({ status: 'pending' })
  })

  test.each([
    [{ emailAddress: 'no address' }, 'form_param_format_invalid', 'email_address'],
    [{ emailAddress, expiresInDays: 0 }, 'form_param_value_invalid', 'expires_in_days'],
    [{ emailAddress, expiresInDays: 366 }, 'form_param_value_too_large', 'expires_in_days'],
    [{ emailAddress, redirectUrl: 'javascript:alert(1)' }, 'form_param_format_invalid', 'redirect_url'],
    [{ emailAddress, templateSlug: 'other' as 'invitation' }, 'form_param_value_invalid', 'template_slug'],
    [{ emailAddress, other: 1 }, 'form_param_unknown', 'other'],
  ])('with %j is refused with %s', async (input, code, paramName) => {
    const { client } = await started()
    await expect(client.invitations.createInvitation(input)).rejects.toMatchObject(refusal(422, code, paramName))
  })

  test('can be revoked once, and not after it was accepted', async () => {
    const { local, client } = await started()
    const { invitations } = client
    const { id } = await invitations.createInvitation({ emailAddress })
    expect(await invitations.revokeInvitation(id)).toMatchObject({ id, status: 'revoked', revoked: true })
    await expect(invitations.revokeInvitation(id)).rejects.toMatchObject(refusal(400, 'invitation_already_revoked'))
    const other = await invitations.createInvitation({ emailAddress })
    await followLink(local)
    const accepted = refusal(400, 'invitation_already_accepted')
    await expect(invitations.revokeInvitation(other.id)).rejects.toMatchObject(accepted)
    await expect(invitations.revokeInvitation('inv_unknown')).rejects.toMatchObject(refusal(404, 'resource_not_found'))
  })
})

describe('the list of invitations', () => {
  test('leaves out revoked ones unless they are asked for', async () => {
    const { local, client } = await started()
    const { invitations } = client
    const [expired, revoked, pending] = [
      await invitations.createInvitation({ emailAddress: 'b@acme.example', expiresInDays: 1 }),
      await invitations.createInvitation({ emailAddress: 'c@acme.example' }),
      await invitations.createInvitation({ emailAddress: 'a@acme.example' }),
    ]
    await invitations.revokeInvitation(revoked.id)
    local.clock.advance(DAY_IN_MS)
    const ids = async (input: Parameters<typeof invitations.getInvitationList>[0]) => {
      const { data, totalCount } = await invitations.getInvitationList(input)
      expect(totalCount).toBe(data.length)
      return data.map(({ id }) => id)
    }
    expect(await ids({})).toEqual([pending.id, expired.id])
    expect(await ids({ status: 'revoked' })).toEqual([revoked.id])
    expect(await ids({ status: 'expired' })).toEqual([expired.id])
    expect(await ids({ status: 'pending' })).toEqual([pending.id])
    expect(await ids({ query: 'B@' })).toEqual([expired.id])
    expect(await ids({ orderBy: '-email_address' })).toEqual([expired.id, pending.id])
    expect(await ids({ orderBy: 'expires_at' })).toEqual([expired.id, pending.id])
  })
})

describe('several invitations', () => {
  test('are created and sent at once', async () => {
    const { local, client } = await started()
    const emails = Array.from({ length: 10 }, (_, i) => `person${i}@acme.example`)
    const created = await client.invitations.createInvitationBulk(emails.map((email) => ({ emailAddress: email })))
    expect(created.map((invitation) => invitation.emailAddress)).toEqual(emails)
    expect(local.outbox.emails().map(({ to }) => to)).toEqual(emails.toReversed())
  })

  test('are all refused with one of them', async () => {
    const { local, client } = await started()
    const { invitations } = client
    const { email } = local.people.alice
    const input = { emailAddress }
    const twice = invitations.createInvitationBulk([input, input])
    await expect(twice).rejects.toMatchObject(refusal(400, 'duplicate_record'))
    const withUser = invitations.createInvitationBulk([input, { emailAddress: email, ignoreExisting: true }])
    await expect(withUser).rejects.toMatchObject(refusal(422, 'form_identifier_exists', 'email_address'))
    expect(await invitations.getInvitationList()).toMatchObject({ totalCount: 0 })
    expect(local.outbox.emails()).toEqual([])
  })

  test('are from one to ten', async () => {
    const { local, client } = await started()
    const eleven = Array.from({ length: 11 }, (_, i) => ({ emailAddress: `person${i}@acme.example` }))
    const tooMany = refusal(422, 'form_param_array_size_exceeded', 'body')
    await expect(client.invitations.createInvitationBulk(eleven)).rejects.toMatchObject(tooMany)
    // The official client sends an empty list as an object.
    const response = await fetch(`${local.url}/v1/invitations/bulk`, {
      method: 'POST',
      headers: { authorization: `Bearer ${local.env.CLERK_SECRET_KEY}`, 'content-type': 'application/json' },
      body: '[]',
    })
    expect([response.status, (await errorBody(response)).errors[0]?.code]).toEqual([422, 'form_param_missing'])
  })
})
