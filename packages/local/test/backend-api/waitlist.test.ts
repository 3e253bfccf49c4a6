import { describe, expect, test } from 'vitest'
import { start } from '../start.js'
import { startReceiver } from '../webhook-receiver.js'
import { clientOf, refusal } from './client.js'

async function started() {
  let now = Date.UTC(2030, 0)
  const local = await start({ now: () => now++ })
  return { local, ...clientOf(local) }
}

const emailAddress = 'erin@acme.example'

describe('a waitlist entry', () => {
  test('is created once for an email address, which gets a confirmation', async () => {
    const { local, waitlistEntries } = await started()
    const entry = await waitlistEntries.create({ emailAddress })
    expect(entry).toMatchObject({ emailAddress, status: 'pending', invitation: null })
    expect(await waitlistEntries.create({ emailAddress: 'ERIN@acme.example' })).toMatchObject({ id: entry.id })
    expect(local.outbox.emails()).toMatchObject([{ slug: 'waitlist_confirmation', to: emailAddress }])
    await waitlistEntries.create({ emailAddress: 'frank@acme.example', notify: false })
    expect(local.outbox.emails()).toHaveLength(1)
  })

  test('becomes an invitation, whose acceptance completes it', async () => {
    const { local, waitlistEntries, invitations } = await started()
    const { url, received, waitFor } = await startReceiver()
    local.webhooks.add({ url, events: ['waitlistEntry.*'] })
    const { id } = await waitlistEntries.create({ emailAddress })
    const invited = await waitlistEntries.invite(id)
    expect(invited).toMatchObject({ id, status: 'invited', invitation: { emailAddress, status: 'pending' } })
    const [email] = local.outbox.emails()
    expect(email).toMatchObject({ slug: 'waitlist_invitation', links: [invited.invitation?.url] })
    expect(await invitations.getInvitationList()).toMatchObject({ data: [{ id: invited.invitation?.id }] })

    expect((await fetch(email?.links[0] ?? 'no link')).status).toBe(200)
    const { data } = await waitlistEntries.list({ status: 'completed' })
    expect(data).toMatchObject([{ id, invitation: { status: 'accepted' } }])
    await waitFor(3)
    const events = received.map(({ event }) => [event.type, event.data.status])
    expect(events).toEqual([
      ['waitlistEntry.created', 'pending'],
      ['waitlistEntry.updated', 'invited'],
      ['waitlistEntry.updated', 'completed'],
    ])
  })

  test('stays pending if its invitation is refused, unless ignoreExisting is set', async () => {
    const { waitlistEntries, invitations } = await started()
    await invitations.createInvitation({ emailAddress })
    const { id } = await waitlistEntries.create({ emailAddress })
    await expect(waitlistEntries.invite(id)).rejects.toMatchObject({
      status: 400,
      errors: [{ code: 'duplicate_record' }],
    })
    expect(await waitlistEntries.list()).toMatchObject({ data: [{ status: 'pending', invitation: null }] })
    expect(await waitlistEntries.invite(id, { ignoreExisting: true })).toMatchObject({ status: 'invited' })
  })

  test('can be invited, rejected and deleted only while it is pending', async () => {
    const { waitlistEntries } = await started()
    const [invited, rejected, deleted] = [
      await waitlistEntries.create({ emailAddress: 'a@acme.example' }),
      await waitlistEntries.create({ emailAddress: 'b@acme.example' }),
      await waitlistEntries.create({ emailAddress: 'c@acme.example' }),
    ]
    await waitlistEntries.invite(invited.id)
    expect(await waitlistEntries.reject(rejected.id)).toMatchObject({ status: 'rejected' })
    expect(await waitlistEntries.delete(deleted.id)).toMatchObject({ object: 'waitlist_entry', deleted: true })
    const actions = [
      (id: string) => waitlistEntries.invite(id),
      (id: string) => waitlistEntries.reject(id),
      (id: string) => waitlistEntries.delete(id),
    ]
    for (const act of actions) {
      await expect(act(invited.id)).rejects.toMatchObject(refusal(409, 'waitlist_entry_already_invited'))
      await expect(act(rejected.id)).rejects.toMatchObject(refusal(409, 'waitlist_entry_already_rejected'))
      await expect(act(deleted.id)).rejects.toMatchObject(refusal(404, 'resource_not_found'))
    }
  })

  test('cannot be invited again once it is completed', async () => {
    const { local, waitlistEntries } = await started()
    const { id } = await waitlistEntries.create({ emailAddress })
    await waitlistEntries.invite(id)
    await fetch(local.outbox.emails()[0]?.links[0] ?? 'no link')
    await expect(waitlistEntries.invite(id)).rejects.toMatchObject(refusal(409, 'waitlist_entry_already_completed'))
  })

  test('requires a valid email address', async () => {
    const { waitlistEntries } = await started()
    const invalid = refusal(422, 'form_param_format_invalid')
    await expect(waitlistEntries.create({ emailAddress: 'erin' })).rejects.toMatchObject(invalid)
  })
})

test('the waitlist can be searched, filtered and sorted', async () => {
  const { waitlistEntries } = await started()
  const entries = [
    await waitlistEntries.create({ emailAddress: 'b@acme.example' }),
    await waitlistEntries.create({ emailAddress: 'c@acme.example' }),
    await waitlistEntries.create({ emailAddress: 'a@globex.example' }),
  ]
  await waitlistEntries.invite(entries[1]!.id)
  await waitlistEntries.invite(entries[0]!.id)
  const letters = async (input: Parameters<typeof waitlistEntries.list>[0]) => {
    const { data } = await waitlistEntries.list(input)
    return data.map((entry) => entry.emailAddress[0]).join('')
  }
  expect(await letters({})).toBe('acb')
  expect(await letters({ orderBy: 'email_address' })).toBe('abc')
  expect(await letters({ orderBy: '-invited_at' })).toBe('bca')
  expect(await letters({ query: 'acme' })).toBe('cb')
  expect(await letters({ query: entries[2]!.id })).toBe('a')
  expect(await letters({ status: 'invited' })).toBe('cb')
  expect(await letters({ limit: 1, offset: 1 })).toBe('c')
})
