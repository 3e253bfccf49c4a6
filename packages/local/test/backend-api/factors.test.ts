import { bcrypt } from 'hash-wasm'
import { describe, expect, test } from 'vitest'
import type { Seed, SeedPerson } from '../../src/index.js'
import { totpCode } from '../authenticator-app.js'
import { errorCode, start } from '../start.js'
import { startReceiver } from '../webhook-receiver.js'
import { clientOf, refusal, send } from './client.js'

const NOW = Date.UTC(2030, 0)
const TOTP_SECRET = 'JBSWY3DPEHPK3PXP'
const TWO_FACTORS = { totpSecret: TOTP_SECRET, backupCodes: ['abcd2345', 'efgh6789'] }
const WALLET = `0x${'a1'.repeat(20)}`

/** Starts an instance whose users are Ann, who has the given accounts, and Ben, who has none. */
async function startWith(accounts: Partial<SeedPerson>) {
  const people = {
    ann: { firstName: 'Ann', email: 'ann@example.com', ...accounts },
    ben: { firstName: 'Ben', email: 'ben@example.com' },
  }
  const local = await start({ seed: { organizations: {}, people } satisfies Seed, now: () => NOW })
  const { users } = clientOf(local)
  const [userId, otherId] = [local.people.ann.id, local.people.ben.id]
  return {
    local,
    users,
    userId,
    otherId,
    ann: () => users.getUser(userId),
    call: (method: string, path: string, body?: object) => send(local, method, `/v1/users${path}`, body),
  }
}

/** The client's type of a user has no passkeys. */
function firstPasskeyId(user: object | null): string {
  const { passkeys } = user as { readonly passkeys: readonly { readonly id: string }[] }
  return passkeys[0]?.id ?? ''
}

describe('VerifyPassword', () => {
  test('accepts the password of the user and no other', async () => {
    const { users, userId } = await startWith({})
    await users.updateUser(userId, { password: 'correct horse' })
    expect(await users.verifyPassword({ userId, password: 'correct horse' })).toEqual({ verified: true })
    await expect(users.verifyPassword({ userId, password: 'wrong horse' })).rejects.toMatchObject(
      refusal(422, 'incorrect_password'),
    )
  })

  test('accepts a password that was imported as a digest', async () => {
    const { users, userId } = await startWith({})
    const salt = new Uint8Array(16).fill(7)
    const passwordDigest = await bcrypt({ password: 'correct horse', salt, costFactor: 4, outputType: 'encoded' })
    await users.updateUser(userId, { passwordDigest, passwordHasher: 'bcrypt' })
    expect(await users.verifyPassword({ userId, password: 'correct horse' })).toEqual({ verified: true })
  })

  test('refuses a user without a password', async () => {
    const { users, userId } = await startWith({})
    await expect(users.verifyPassword({ userId, password: 'correct horse' })).rejects.toMatchObject(
      refusal(400, 'no_password_set'),
    )
  })
})

describe('VerifyTOTP', () => {
  test('accepts the code of the authenticator app at this time', async () => {
    const { local, users, userId } = await startWith(TWO_FACTORS)
    const code = totpCode(TOTP_SECRET, NOW)
    expect(await users.verifyTOTP({ userId, code })).toEqual({ verified: true, code_type: 'totp' })
    local.clock.advance(120_000)
    await expect(users.verifyTOTP({ userId, code })).rejects.toMatchObject(refusal(422, 'totp_incorrect_code'))
  })

  test('accepts each backup code once', async () => {
    const { users, userId, ann } = await startWith(TWO_FACTORS)
    const verify = (code: string) => users.verifyTOTP({ userId, code })
    expect(await verify('abcd2345')).toEqual({ verified: true, code_type: 'backup_code' })
    await expect(verify('abcd2345')).rejects.toMatchObject(refusal(422, 'totp_incorrect_code'))
    expect((await ann()).backupCodeEnabled).toBe(true)
    await verify('efgh6789')
    expect((await ann()).backupCodeEnabled).toBe(false)
  })

  test('accepts a hashed backup code once when several requests have it', async () => {
    const salt = new Uint8Array(16).fill(7)
    const hash = (password: string) => bcrypt({ password, salt, costFactor: 4, outputType: 'encoded' })
    // The others take time to compare, so that the requests overlap.
    const backupCodes = [...Array<string>(20).fill(await hash('other')), await hash('abcd2345'), 'efgh6789']
    const { call, userId } = await startWith({ totpSecret: TOTP_SECRET, backupCodes })
    const verify = (code: string) => call('POST', `/${userId}/verify_totp`, { code })
    const answers = await Promise.all(['abcd2345', 'abcd2345', 'efgh6789', 'abcd2345'].map(verify))
    expect(answers.filter(({ ok }) => ok)).toHaveLength(2)
  })

  test('refuses a user without an authenticator app', async () => {
    const { users, userId } = await startWith({ backupCodes: ['abcd2345'] })
    await expect(users.verifyTOTP({ userId, code: 'abcd2345' })).rejects.toMatchObject(refusal(400, 'totp_disabled'))
  })
})

describe('two-factor authentication', () => {
  test('is shown of a user with an authenticator app', async () => {
    const { ann } = await startWith(TWO_FACTORS)
    expect(await ann()).toMatchObject({
      twoFactorEnabled: true,
      totpEnabled: true,
      backupCodeEnabled: true,
      raw: { mfa_enabled_at: NOW, mfa_disabled_at: null },
    })
  })

  test('is disabled as a whole, in one change of the user', async () => {
    const { local, users, userId, ann, call } = await startWith(TWO_FACTORS)
    const receiver = await startReceiver()
    const phone = { user_id: userId, phone_number: '+12025550100', verified: true, reserved_for_second_factor: true }
    await call('POST', '/../phone_numbers', phone)
    local.webhooks.add({ url: receiver.url })
    local.clock.advance(1000)
    expect(await users.disableUserMFA(userId)).toEqual({ user_id: userId })
    expect(await ann()).toMatchObject({
      twoFactorEnabled: false,
      totpEnabled: false,
      backupCodeEnabled: false,
      phoneNumbers: [{ reservedForSecondFactor: false, defaultSecondFactor: false }],
      updatedAt: NOW + 1000,
      raw: { mfa_enabled_at: NOW, mfa_disabled_at: NOW + 1000 },
    })
    await users.updateUser(userId, { firstName: 'Anna' })
    await receiver.waitFor(2)
    expect(receiver.received.map(({ event }) => [event.type, event.data.first_name])).toEqual([
      ['user.updated', 'Ann'],
      ['user.updated', 'Anna'],
    ])
  })

  test('ends with the authenticator app, unless there is another second factor', async () => {
    const { users, userId, ann } = await startWith(TWO_FACTORS)
    expect(await users.deleteUserTOTP(userId)).toEqual({ user_id: userId })
    expect(await ann()).toMatchObject({ twoFactorEnabled: false, totpEnabled: false, backupCodeEnabled: true })
  })

  test('continues without backup codes', async () => {
    const { users, userId, ann } = await startWith(TWO_FACTORS)
    expect(await users.deleteUserBackupCodes(userId)).toEqual({ user_id: userId })
    expect(await ann()).toMatchObject({ twoFactorEnabled: true, totpEnabled: true, backupCodeEnabled: false })
    await expect(users.verifyTOTP({ userId, code: 'abcd2345' })).rejects.toMatchObject({ status: 422 })
  })
})

describe('what a user has added to their account', () => {
  const ACCOUNTS = {
    passkeys: ['Laptop'],
    wallets: [WALLET],
    externalAccounts: [{ provider: 'oauth_google', token: 'ya29.x', scopes: ['email', 'calendar'] }],
  }

  test('is shown with the user', async () => {
    const { ann } = await startWith(ACCOUNTS)
    expect(await ann()).toMatchObject({
      web3Wallets: [{ web3Wallet: WALLET }],
      externalAccounts: [
        { provider: 'oauth_google', emailAddress: 'ann@example.com', approvedScopes: 'email calendar' },
      ],
      raw: { passkeys: [{ object: 'passkey', name: 'Laptop' }] },
    })
  })

  test('can be deleted', async () => {
    const { local, users, userId, ann } = await startWith(ACCOUNTS)
    const { primaryWeb3WalletId, externalAccounts, raw } = await ann()
    const passkeyIdentificationId = firstPasskeyId(raw)
    const [account] = externalAccounts
    const deleted = await Promise.all([
      users.deleteUserPasskey({ userId, passkeyIdentificationId }),
      users.deleteUserWeb3Wallet({ userId, web3WalletIdentificationId: primaryWeb3WalletId ?? '' }),
      users.deleteUserExternalAccount({ userId, externalAccountId: account?.id ?? '' }),
    ])
    expect(deleted.map(({ object, id, deleted: isDeleted }) => [object, id, isDeleted])).toEqual([
      ['passkey', passkeyIdentificationId, true],
      ['web3_wallet', primaryWeb3WalletId, true],
      ['external_account', account?.id, true],
    ])
    expect(await ann()).toMatchObject({
      primaryWeb3WalletId: null,
      web3Wallets: [],
      externalAccounts: [],
      raw: { passkeys: [] },
    })
    const outbox = (await (await fetch(`${local.url}/_local/records/emails`)).json()) as { readonly records: unknown }
    expect(outbox.records).toMatchObject([{ slug: 'passkey_removed', to_email_address: 'ann@example.com' }])
  })

  test('is not deleted as that of another user', async () => {
    const { users, otherId: userId, ann } = await startWith(ACCOUNTS)
    const { web3Wallets, externalAccounts, raw } = await ann()
    const requests = [
      () => users.deleteUserPasskey({ userId, passkeyIdentificationId: firstPasskeyId(raw) }),
      () => users.deleteUserWeb3Wallet({ userId, web3WalletIdentificationId: web3Wallets[0]?.id ?? '' }),
      () => users.deleteUserExternalAccount({ userId, externalAccountId: externalAccounts[0]?.id ?? '' }),
    ]
    for (const request of requests) await expect(request()).rejects.toMatchObject(refusal(404, 'resource_not_found'))
    expect(await ann()).toMatchObject({ web3Wallets: [{}], externalAccounts: [{}], raw: { passkeys: [{}] } })
  })

  test.each(['wallets', 'externalAccounts'] as const)('is not deleted as the last identification: %s', async (kind) => {
    const { local, users, userId, ann } = await startWith({ [kind]: ACCOUNTS[kind] })
    const { emailAddresses } = clientOf(local)
    const { web3Wallets, externalAccounts, primaryEmailAddressId } = await ann()
    await emailAddresses.deleteEmailAddress(primaryEmailAddressId ?? '')
    const deletion =
      kind === 'wallets'
        ? users.deleteUserWeb3Wallet({ userId, web3WalletIdentificationId: web3Wallets[0]?.id ?? '' })
        : users.deleteUserExternalAccount({ userId, externalAccountId: externalAccounts[0]?.id ?? '' })
    await expect(deletion).rejects.toMatchObject(refusal(400, 'identification_deletion_failed'))
  })
})

describe('the access tokens of external accounts', () => {
  const google = (more: object) => ({ provider: 'oauth_google', providerUserId: '1234', ...more })

  test('are those of one provider', async () => {
    const token = { token: 'ya29.x', tokenExpiresAt: NOW + 1000, scopes: ['email'] }
    const externalAccounts = [google(token), { provider: 'oauth_github', token: 'gho_x' }]
    const { users, userId } = await startWith({ externalAccounts })
    const { data, totalCount } = await users.getUserOauthAccessToken(userId, 'google')
    expect(totalCount).toBe(1)
    expect(data).toMatchObject([
      { provider: 'oauth_google', token: 'ya29.x', expiresAt: NOW + 1000, scopes: ['email'] },
    ])
    expect(await users.getUserOauthAccessToken(userId, 'slack')).toMatchObject({ data: [], totalCount: 0 })
  })

  test('are an array without paginated=true, whose pages follow limit and offset', async () => {
    const externalAccounts = ['one', 'two', 'three'].map((token) => ({ provider: 'oauth_google', token }))
    const { call, userId } = await startWith({ externalAccounts })
    const tokens = async (query: string) => {
      const all = (await (await call('GET', `/${userId}/oauth_access_tokens/oauth_google${query}`)).json()) as unknown
      return (all as readonly { readonly token: string }[]).map(({ token }) => token)
    }
    expect(await tokens('')).toEqual(['three', 'two', 'one'])
    expect(await tokens('?limit=1&offset=1')).toEqual(['two'])
  })

  test.each([
    ['that has expired', { token: 'ya29.x', tokenExpiresAt: NOW }, 'oauth_missing_refresh_token'],
    ['that the provider did not issue', {}, 'oauth_missing_access_token'],
  ])('do not include one %s', async (_, account, code) => {
    const { users, userId } = await startWith({ externalAccounts: [google(account)] })
    await expect(users.getUserOauthAccessToken(userId, 'google')).rejects.toMatchObject(refusal(422, code))
  })
})

test.each([
  ['POST', 'verify_password', { password: 'x' }],
  ['POST', 'verify_totp', { code: 'x' }],
  ['DELETE', 'mfa'],
  ['DELETE', 'backup_code'],
  ['DELETE', 'totp'],
  ['DELETE', 'passkeys/idn_x'],
  ['DELETE', 'web3_wallets/idn_x'],
  ['DELETE', 'external_accounts/eac_x'],
  ['GET', 'oauth_access_tokens/oauth_google'],
  ['DELETE', 'profile_image'],
])('%s %s of an unknown user is 404', async (method, path, body?: object) => {
  const { call } = await startWith({})
  const response = await call(method, `/user_x/${path}`, body)
  expect([response.status, await errorCode(response)]).toEqual([404, 'resource_not_found'])
})

test.each<[string, object, string]>([
  ['a TOTP secret that is not base32', { totpSecret: '0189' }, '"totpSecret" of "ann" in the seed must be'],
  ['a wallet without an address', { wallets: ['0x12'] }, '"wallets[0]" of "ann" in the seed must be'],
  [
    'an empty backup code',
    { backupCodes: [''] },
    '"backupCodes" of "ann" in the seed must be a list of at most 50 plain codes',
  ],
  ['an external account without a provider', { externalAccounts: [{}] }, 'in the seed requires a "provider"'],
  [
    'an unknown field of an external account',
    { externalAccounts: [{ provider: 'oauth_google', tokens: [] }] },
    '"externalAccounts[0]" of "ann" in the seed has no "tokens"',
  ],
  [
    'an unknown kind of provider',
    { externalAccounts: [{ provider: 'google' }] },
    '"externalAccounts[0].provider" of "ann" in the seed must be an OAuth provider',
  ],
])('a seed with %s is refused', async (_, accounts, message) => {
  await expect(startWith(accounts)).rejects.toThrow(message)
})
