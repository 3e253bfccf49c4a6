import { describe, expect, test } from 'vitest'
import { start } from '../start.js'
import { clientOf } from './client.js'

async function started() {
  const local = await start()
  return { local, ...clientOf(local) }
}

const IDENTIFIERS = [
  ['erin@acme.example', 'email_address'],
  ['*@acme.example', 'email_address'],
  ['+12025550123', 'phone_number'],
  ['0x71c7656ec7ab88b098defb751b7401b5f6d8976f', 'web3_wallet'],
] as const

describe('the allowlist', () => {
  test.each(IDENTIFIERS)('has the identifier %s as %s', async (identifier, identifierType) => {
    const { allowlistIdentifiers } = await started()
    const created = await allowlistIdentifiers.createAllowlistIdentifier({ identifier, notify: false })
    expect(created).toMatchObject({ identifier, identifierType, instanceId: expect.stringMatching(/^ins_local/) })
    expect(created.invitationId).toBeUndefined()
    const list = await allowlistIdentifiers.getAllowlistIdentifierList()
    expect(list).toMatchObject({ totalCount: 1, data: [{ id: created.id, identifier }] })
  })

  test('invites an email address with notify, but neither a domain nor a phone number', async () => {
    const { local, allowlistIdentifiers, invitations } = await started()
    const { invitationId } = await allowlistIdentifiers.createAllowlistIdentifier({
      identifier: 'Erin@acme.example',
      notify: true,
    })
    for (const identifier of ['*@acme.example', '+12025550123'])
      expect(
        (await allowlistIdentifiers.createAllowlistIdentifier({ identifier, notify: true })).invitationId,
      ).toBeUndefined()
    const { data } = await invitations.getInvitationList()
    expect(data).toMatchObject([{ id: invitationId, emailAddress: 'erin@acme.example' }])
    expect(local.outbox.emails()).toMatchObject([{ to: 'erin@acme.example', slug: 'invitation' }])
  })

  test('does not have an identifier whose invitation is refused', async () => {
    const { local, allowlistIdentifiers } = await started()
    const input = { identifier: local.people.alice.email, notify: true }
    await expect(allowlistIdentifiers.createAllowlistIdentifier(input)).rejects.toMatchObject({
      status: 422,
      errors: [{ code: 'form_identifier_exists' }],
    })
    expect(await allowlistIdentifiers.getAllowlistIdentifierList()).toMatchObject({ totalCount: 0 })
  })

  test('has each identifier once, in any case', async () => {
    const { allowlistIdentifiers } = await started()
    const { id } = await allowlistIdentifiers.createAllowlistIdentifier({
      identifier: 'erin@acme.example',
      notify: false,
    })
    await expect(
      allowlistIdentifiers.createAllowlistIdentifier({ identifier: 'ERIN@acme.example', notify: false }),
    ).rejects.toMatchObject({
      status: 400,
      errors: [{ code: 'duplicate_record' }],
    })
    expect(await allowlistIdentifiers.deleteAllowlistIdentifier(id)).toMatchObject({
      object: 'allowlist_identifier',
      id,
      deleted: true,
    })
    await expect(allowlistIdentifiers.deleteAllowlistIdentifier(id)).rejects.toMatchObject({
      status: 404,
      errors: [{ code: 'resource_not_found' }],
    })
  })
})

describe('the blocklist', () => {
  test('lists all its identifiers, newest first', async () => {
    const { blocklistIdentifiers } = await started()
    for (const [identifier] of IDENTIFIERS) await blocklistIdentifiers.createBlocklistIdentifier({ identifier })
    for (let i = 0; i < 10; i++)
      await blocklistIdentifiers.createBlocklistIdentifier({ identifier: `person${i}@acme.example` })
    const { data, totalCount } = await blocklistIdentifiers.getBlocklistIdentifierList()
    expect([data.length, totalCount]).toEqual([14, 14])
    expect(data[0]).toMatchObject({ identifier: 'person9@acme.example', identifierType: 'email_address' })
  })

  test.each([
    ['erin@acme.example', 'ERIN@acme.example'],
    ['*@acme.example', 'erin@acme.example'],
  ])('with %s refuses an invitation of %s until it is removed', async (identifier, emailAddress) => {
    const { blocklistIdentifiers, invitations } = await started()
    const { id } = await blocklistIdentifiers.createBlocklistIdentifier({ identifier })
    const input = { emailAddress, notify: false }
    await expect(invitations.createInvitation(input)).rejects.toMatchObject({
      status: 403,
      errors: [{ code: 'not_allowed_access' }],
    })
    expect(await invitations.createInvitation({ emailAddress: 'erin@other.example' })).toMatchObject({ revoked: false })
    expect(await blocklistIdentifiers.deleteBlocklistIdentifier(id)).toMatchObject({ id, deleted: true })
    expect(await invitations.createInvitation(input)).toMatchObject({ status: 'pending' })
  })

  test('refuses blocked identifiers of new and existing users', async () => {
    const { local, blocklistIdentifiers, users, emailAddresses, phoneNumbers } = await started()
    for (const identifier of ['*@acme.example', '+12025550123'])
      await blocklistIdentifiers.createBlocklistIdentifier({ identifier })
    const { id: userId } = local.people.dave
    const emailAddress = 'erin@acme.example'
    const phoneNumber = '+12025550123'
    for (const request of [
      users.createUser({ emailAddress: [emailAddress] }),
      users.createUser({ emailAddress: ['erin@other.example'], phoneNumber: [phoneNumber] }),
      emailAddresses.createEmailAddress({ userId, emailAddress }),
      phoneNumbers.createPhoneNumber({ userId, phoneNumber }),
    ])
      await expect(request).rejects.toMatchObject({ status: 403, errors: [{ code: 'not_allowed_access' }] })
    expect(Object.keys(local.people)).toEqual(['alice', 'bob', 'carol', 'dave'])
  })

  test('refuses duplicates, and identifiers that are none', async () => {
    const { blocklistIdentifiers } = await started()
    const identifier = 'erin@acme.example'
    await blocklistIdentifiers.createBlocklistIdentifier({ identifier })
    await expect(blocklistIdentifiers.createBlocklistIdentifier({ identifier })).rejects.toMatchObject({
      status: 400,
      errors: [{ code: 'duplicate_record' }],
    })
    for (const wrong of ['erin', '*@', '2025550123'])
      await expect(blocklistIdentifiers.createBlocklistIdentifier({ identifier: wrong })).rejects.toMatchObject({
        status: 422,
        errors: [{ code: 'form_param_format_invalid', meta: { paramName: 'identifier' } }],
      })
  })
})
