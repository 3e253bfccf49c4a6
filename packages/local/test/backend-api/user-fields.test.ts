import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import type { LocalClerk } from '../../src/index.js'
import { start } from '../start.js'
import { call } from '../tokens.js'
import { clientOf } from './client.js'

const START = Date.UTC(2030, 0, 15, 13, 45)
const SECRET = 'JBSWY3DPEHPK3PXP'
const WALLET = `0x${'Ab'.repeat(20)}`
// bcrypt of "correct horse" with the lowest cost
const DIGEST = '$2b$04$abcdefghijklmnopqrstuuAQkzyTnJpX4cWvSOnAcJjJXdIWnDBTi'

async function startWithClient() {
  const local = await start({ now: () => START })
  return { local, clerk: clientOf(local) }
}

const sessionIdOf = async (local: LocalClerk) => decodeJwt(await local.sessionToken({ user: 'bob' }))['sid']

describe('a user', () => {
  test('is created with wallets, the first of which is the primary one', async () => {
    const { local, clerk } = await startWithClient()
    const solana = '7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU'
    const body = { web3_wallet: [WALLET, solana] }
    const { body: created } = await call(local, 'POST', '/v1/users', { body })
    expect(created.web3_wallets).toMatchObject([
      { id: created.primary_web3_wallet_id, web3_wallet: WALLET.toLowerCase(), verification: { status: 'verified' } },
      { web3_wallet: solana },
    ])
    const found = await clerk.users.getUserList({ web3Wallet: [WALLET] })
    expect(found.data.map(({ id }) => id)).toEqual([created.id])
    expect(await call(local, 'POST', '/v1/users', { body: { web3_wallet: [WALLET.toLowerCase()] } })).toMatchObject({
      status: 422,
      code: 'form_identifier_exists',
    })
  })

  test('needs an identifier, unless the requirement is skipped', async () => {
    const { local } = await startWithClient()
    const create = (skip: boolean) => call(local, 'POST', '/v1/users', { body: { skip_user_requirement: skip } })
    expect(await create(false)).toMatchObject({ status: 422, code: 'form_data_missing' })
    const { body } = await create(true)
    expect(body).toMatchObject({ object: 'user', username: null, email_addresses: [], primary_email_address_id: null })
    expect(decodeJwt(await local.sessionToken({ user: body.id })).sub).toBe(body.id)
  })

  test.each([
    ['emailAddress', 'eve@spam.example', '*@spam.example'],
    ['phoneNumber', '+12025550100', '+12025550100'],
  ])('cannot be created with a blocked %s', async (field, identifier, entry) => {
    const { clerk } = await startWithClient()
    const create = () => clerk.users.createUser({ username: 'evelyn', [field]: [identifier] })
    const blocked = await clerk.blocklistIdentifiers.createBlocklistIdentifier({ identifier: entry })
    await expect(create()).rejects.toMatchObject({ status: 403, errors: [{ code: 'not_allowed_access' }] })
    expect(await clerk.users.getCount({ username: ['evelyn'] })).toBe(0)
    await clerk.blocklistIdentifiers.deleteBlocklistIdentifier(blocked.id)
    expect((await create()).username).toBe('evelyn')
  })

  test.each(['creation', 'update'])('gets a second factor on %s', async (on) => {
    const { local, clerk } = await startWithClient()
    const factors = { totpSecret: SECRET, backupCodes: ['code-1', 'code-2'] }
    const user =
      on === 'creation'
        ? await clerk.users.createUser({ username: 'evelyn', ...factors })
        : await clerk.users.updateUser(local.people.bob.id, factors)
    expect(user).toMatchObject({ totpEnabled: true, backupCodeEnabled: true, twoFactorEnabled: true })
    expect(user.raw).toMatchObject({ mfa_enabled_at: START, mfa_disabled_at: null })
    expect(JSON.stringify(user.raw)).not.toMatch(/JBSWY3|code-1/)
  })

  test('gets a password, or the digest of one', async () => {
    const { local, clerk } = await startWithClient()
    expect((await clerk.users.getUser(local.people.bob.id)).passwordEnabled).toBe(false)
    const { raw } = await clerk.users.updateUser(local.people.bob.id, { password: 'correct horse' })
    expect(raw).toMatchObject({ password_enabled: true, password_last_updated_at: START })
    const imported = await clerk.users.createUser({
      username: 'evelyn',
      passwordDigest: DIGEST,
      passwordHasher: 'bcrypt',
    })
    expect(imported.passwordEnabled).toBe(true)
    const short = { username: 'frank', password: 'short', skipPasswordChecks: true }
    expect((await clerk.users.createUser(short)).passwordEnabled).toBe(true)
  })

  test('is signed out by a new password only if asked', async () => {
    const { local, clerk } = await startWithClient()
    const { id } = local.people.bob
    const before = await sessionIdOf(local)
    await clerk.users.updateUser(id, { password: 'correct horse' })
    await clerk.users.updateUser(id, { firstName: 'Bobby', signOutOfOtherSessions: true })
    expect(await sessionIdOf(local)).toBe(before)
    await clerk.users.updateUser(id, { password: 'correct horse 2', signOutOfOtherSessions: true })
    expect(await sessionIdOf(local)).not.toBe(before)
  })

  test('gets another primary address if it is verified, and the former address is notified if asked', async () => {
    const { local, clerk } = await startWithClient()
    const emailAddress = ['eve@acme.example', 'eve@home.example', 'eve@work.example']
    const { id, emailAddresses } = await clerk.users.createUser({
      emailAddress,
      emailAddressIdentificationStatus: ['verified', 'reserved', 'verified'],
    })
    const [, reserved, verified] = emailAddresses.map((address) => address.id)
    const emails = async () => {
      const { body } = await call(local, 'GET', '/_local/records/emails', { key: null })
      return body.records.map((it: any) => [it.slug, it.to_email_address])
    }
    await expect(clerk.users.updateUser(id, { primaryEmailAddressID: reserved! })).rejects.toMatchObject({
      status: 422,
      errors: [{ code: 'form_param_value_invalid', meta: { paramName: 'primary_email_address_id' } }],
    })
    const ofOther = local.people.bob.id
    await expect(clerk.users.updateUser(ofOther, { primaryEmailAddressID: verified! })).rejects.toMatchObject({
      status: 422,
      errors: [{ code: 'form_resource_not_found' }],
    })
    const changed = await clerk.users.updateUser(id, {
      primaryEmailAddressID: verified!,
      notifyPrimaryEmailAddressChanged: true,
    })
    expect(changed.primaryEmailAddress?.emailAddress).toBe('eve@work.example')
    expect(await emails()).toEqual([['primary_email_address_changed', 'eve@acme.example']])
    await clerk.users.updateUser(id, { primaryEmailAddressID: emailAddresses[0]!.id })
    expect(await emails()).toHaveLength(1)
  })

  test.each([null, ''])('loses the username with %j unless it is the last identifier', async (username) => {
    const { local } = await startWithClient()
    const { body } = await call(local, 'POST', '/v1/users', { body: { username: 'evelyn' } })
    const path = `/v1/users/${body.id}`
    expect(await call(local, 'PATCH', path, { body: { username } })).toMatchObject({
      status: 400,
      code: 'identification_deletion_failed',
    })
    const { body: other } = await call(local, 'POST', '/v1/users', {
      body: { username: 'frank', phone_number: ['+12025550100'] },
    })
    expect(await call(local, 'PATCH', `/v1/users/${other.id}`, { body: { username } })).toMatchObject({
      status: 200,
      body: { username: null },
    })
  })

  test('loses with null what null can clear, and keeps the rest', async () => {
    const { local } = await startWithClient()
    const set = {
      first_name: 'Eve',
      external_id: 'crm-7',
      locale: 'nl-NL',
      create_organizations_limit: 3,
      legal_accepted_at: '2012-10-20T07:15:20.902Z',
      delete_self_enabled: false,
      create_organization_enabled: false,
      bypass_client_trust: true,
    }
    const { body: created } = await call(local, 'POST', '/v1/users', { body: { username: 'evelyn', ...set } })
    const { legal_accepted_at: _, ...rest } = set
    expect(created).toMatchObject({ ...rest, legal_accepted_at: Date.UTC(2012, 9, 20, 7, 15, 20, 902) })
    const nothing = Object.fromEntries(Object.keys(set).map((name) => [name, null]))
    const { body: cleared } = await call(local, 'PATCH', `/v1/users/${created.id}`, { body: nothing })
    expect(cleared).toMatchObject({
      ...nothing,
      delete_self_enabled: false,
      create_organization_enabled: false,
      bypass_client_trust: true,
    })
  })

  test('frees their identifiers when deleted', async () => {
    const { local, clerk } = await startWithClient()
    const identifiers = { emailAddress: ['eve@acme.example'], phoneNumber: ['+12025550100'], username: 'evelyn' }
    const { id } = await clerk.users.createUser(identifiers)
    await clerk.users.deleteUser(id)
    const again = await clerk.users.createUser(identifiers)
    expect(again.id).not.toBe(id)
    const { body } = await call(local, 'GET', '/_local/records/email_addresses?q=eve', { key: null })
    expect(body.total).toBe(1)
  })

  test('was last active on a day, not at a time', async () => {
    const { local, clerk } = await startWithClient()
    await sessionIdOf(local)
    expect(await clerk.users.getUser(local.people.bob.id)).toMatchObject({
      lastSignInAt: START,
      lastActiveAt: Date.UTC(2030, 0, 15),
    })
  })
})
