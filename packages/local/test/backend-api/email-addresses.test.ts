import { describe, expect, test } from 'vitest'
import { errorCode, start } from '../start.js'
import { startReceiver } from '../webhook-receiver.js'
import { clientOf, refusal, send } from './client.js'

async function startWithClient(now?: () => number) {
  const local = await start({ ...(now && { now }) })
  const client = clientOf(local)
  const call = (method: string, path: string, body?: object) => send(local, method, `/v1${path}`, body)
  return { local, client, call, alice: local.people.alice, ...client }
}

describe('an email address', () => {
  test('is added unverified and not as the primary one, in lower case', async () => {
    const { emailAddresses, users, alice } = await startWithClient()
    const before = await users.getUser(alice.id)
    const added = await emailAddresses.createEmailAddress({ userId: alice.id, emailAddress: 'Alice@Home.Example' })
    expect(added).toMatchObject({ emailAddress: 'alice@home.example', verification: null })
    const after = await users.getUser(alice.id)
    expect(after.emailAddresses.map(({ id }) => id)).toEqual([before.primaryEmailAddressId, added.id])
    expect(after.primaryEmailAddressId).toBe(before.primaryEmailAddressId)
    expect(await emailAddresses.getEmailAddress(added.id)).toEqual(added)
  })

  test('can be added verified and as the primary one', async () => {
    const { emailAddresses, users, alice, local } = await startWithClient()
    const added = await emailAddresses.createEmailAddress({
      userId: alice.id,
      emailAddress: 'alice@home.example',
      verified: true,
      primary: true,
    })
    expect(added.verification?.status).toBe('verified')
    expect((await users.getUser(alice.id)).primaryEmailAddressId).toBe(added.id)
    expect(local.people.alice.email).toBe('alice@home.example')
  })

  test('is the primary one if it is the first', async () => {
    const { client, alice, call } = await startWithClient()
    const { emailAddresses, phoneNumbers, users } = client
    await phoneNumbers.createPhoneNumber({ userId: alice.id, phoneNumber: '+12025550100', verified: true })
    const { primaryEmailAddressId } = await users.getUser(alice.id)
    expect((await call('DELETE', `/email_addresses/${primaryEmailAddressId}`)).status).toBe(200)
    expect((await users.getUser(alice.id)).primaryEmailAddressId).toBeNull()
    const added = await emailAddresses.createEmailAddress({ userId: alice.id, emailAddress: 'alice@home.example' })
    expect((await users.getUser(alice.id)).primaryEmailAddressId).toBe(added.id)
  })

  test('becomes verified and the primary one by an update, which leaves the other flags as they are', async () => {
    const { emailAddresses, users, alice } = await startWithClient()
    const { id } = await emailAddresses.createEmailAddress({ userId: alice.id, emailAddress: 'alice@home.example' })
    expect((await emailAddresses.updateEmailAddress(id, { verified: true })).verification?.status).toBe('verified')
    expect((await users.getUser(alice.id)).primaryEmailAddressId).not.toBe(id)
    expect((await emailAddresses.updateEmailAddress(id, { primary: true })).verification?.status).toBe('verified')
    expect((await users.getUser(alice.id)).primaryEmailAddressId).toBe(id)
  })

  test('that is deleted as the primary one is replaced by a verified one', async () => {
    const { emailAddresses, users, alice } = await startWithClient()
    const { primaryEmailAddressId } = await users.getUser(alice.id)
    const add = (emailAddress: string, verified: boolean) =>
      emailAddresses.createEmailAddress({ userId: alice.id, emailAddress, verified })
    await add('alice@first.example', false)
    const { id: next } = await add('alice@second.example', true)
    const deleted = await emailAddresses.deleteEmailAddress(primaryEmailAddressId ?? '')
    expect(deleted).toMatchObject({ object: 'email_address', id: primaryEmailAddressId, deleted: true })
    expect((await users.getUser(alice.id)).primaryEmailAddressId).toBe(next)
    await expect(emailAddresses.getEmailAddress(primaryEmailAddressId ?? '')).rejects.toMatchObject(
      refusal(404, 'resource_not_found'),
    )
  })

  test('is not deleted if it is the last identification', async () => {
    const { emailAddresses, phoneNumbers, users, alice } = await startWithClient()
    const { primaryEmailAddressId } = await users.getUser(alice.id)
    const remove = () => emailAddresses.deleteEmailAddress(primaryEmailAddressId ?? '')
    await expect(remove()).rejects.toMatchObject(refusal(400, 'identification_deletion_failed'))
    const second = { verified: true, reservedForSecondFactor: true }
    const { id } = await phoneNumbers.createPhoneNumber({ userId: alice.id, phoneNumber: '+12025550100', ...second })
    await expect(remove()).rejects.toMatchObject(refusal(400, 'identification_deletion_failed'))
    await phoneNumbers.updatePhoneNumber(id, { reservedForSecondFactor: false })
    expect(await remove()).toMatchObject({ deleted: true })
  })

  test('belongs to one user only, in any case', async () => {
    const { emailAddresses, alice, local } = await startWithClient()
    for (const userId of [alice.id, local.people.bob.id])
      await expect(
        emailAddresses.createEmailAddress({ userId, emailAddress: 'ALICE@acme.example' }),
      ).rejects.toMatchObject(refusal(422, 'form_identifier_exists'))
  })

  test.each([
    ['without a user', { email_address: 'a@b.example' }, 422, 'form_param_missing'],
    ['of an unknown user', { user_id: 'user_x', email_address: 'a@b.example' }, 404, 'resource_not_found'],
    ['without a domain', { user_id: 'user_x', email_address: 'a@' }, 422, 'form_param_format_invalid'],
    ['that is null', { user_id: 'user_x', email_address: null }, 422, 'form_param_nil'],
  ])('%s is refused', async (_, body, status, code) => {
    const { call } = await startWithClient()
    const response = await call('POST', '/email_addresses', body)
    expect([response.status, await errorCode(response)]).toEqual([status, code])
  })

  test.each(['GET', 'PATCH', 'DELETE'])('that does not exist is 404 for %s', async (method) => {
    const { call } = await startWithClient()
    const response = await call(method, '/email_addresses/idn_x')
    expect([response.status, await errorCode(response)]).toEqual([404, 'resource_not_found'])
  })

  test('is deleted with its user', async () => {
    const { emailAddresses, users, alice } = await startWithClient()
    const { primaryEmailAddressId } = await users.getUser(alice.id)
    await users.deleteUser(alice.id)
    await expect(emailAddresses.getEmailAddress(primaryEmailAddressId ?? '')).rejects.toMatchObject({ status: 404 })
  })

  test('that becomes the primary one is announced to the one before, if asked for', async () => {
    const { local, call, alice, users } = await startWithClient()
    const add = async (email_address: string) =>
      ((await (await call('POST', '/email_addresses', { user_id: alice.id, email_address })).json()) as { id: string })
        .id
    const first = await add('alice@first.example')
    await call('PATCH', `/email_addresses/${first}`, { primary: true })
    const notified = { primary: true, notify_primary_email_address_changed: true }
    await call('PATCH', `/email_addresses/${await add('alice@second.example')}`, notified)
    await call('POST', '/email_addresses', { user_id: alice.id, email_address: 'alice@third.example', ...notified })
    await call('PATCH', `/email_addresses/${(await users.getUser(alice.id)).primaryEmailAddressId}`, notified)
    const outbox = (await (await fetch(`${local.url}/_local/records/emails`)).json()) as { readonly records: unknown }
    expect(outbox.records).toMatchObject([
      {
        to_email_address: 'alice@second.example',
        body_plain: expect.stringContaining('alice@third.example') as string,
      },
      { slug: 'primary_email_address_changed', user_id: alice.id, email_address_id: first },
    ])
  })
})

test('a change of an email address is one change of its user', async () => {
  let now = Date.UTC(2030, 0)
  const { local, emailAddresses, users, alice } = await startWithClient(() => now)
  const receiver = await startReceiver()
  local.webhooks.add({ url: receiver.url })
  now += 1000
  const { id } = await emailAddresses.createEmailAddress({
    userId: alice.id,
    emailAddress: 'alice@home.example',
    primary: true,
  })
  expect((await users.getUser(alice.id)).updatedAt).toBe(now)
  now += 1000
  await emailAddresses.updateEmailAddress(id, { verified: true })
  expect((await users.getUser(alice.id)).updatedAt).toBe(now)
  now += 1000
  await emailAddresses.deleteEmailAddress(id)
  expect((await users.getUser(alice.id)).updatedAt).toBe(now)
  await receiver.waitFor(3)
  expect(receiver.types()).toEqual(['user.updated', 'user.updated', 'user.updated'])
  const emails = (i: number) => receiver.received[i]?.event.data.email_addresses
  expect(emails(0)).toMatchObject([{}, { id, verification: null }])
  expect(emails(1)).toMatchObject([{}, { id, verification: { status: 'verified' } }])
  expect(emails(2)).toHaveLength(1)
})
