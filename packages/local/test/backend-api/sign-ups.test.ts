import { describe, expect, test } from 'vitest'
import { start } from '../start.js'
import { clientOf } from './client.js'

const DAY_IN_MS = 86_400_000

async function started() {
  const local = await start()
  const client = clientOf(local)
  return { local, client, signUps: client.signUps }
}

describe('a sign-up', () => {
  test('waits for the verification of its email address, whose code is in the outbox', async () => {
    const { local, signUps } = await started()
    const { id } = local.signUp({ emailAddress: 'Erin+clerk_test@acme.example' })
    expect(await signUps.get(id)).toMatchObject({
      id,
      status: 'missing_requirements',
      emailAddress: 'erin+clerk_test@acme.example',
      phoneNumber: null,
      unverifiedFields: ['email_address'],
      verifications: { emailAddress: { nextAction: 'needs_attempt', supportedStrategies: ['email_code'] } },
      createdUserId: null,
    })
    const [email] = local.outbox.emails()
    expect(email).toMatchObject({ slug: 'verification_code', to: 'erin+clerk_test@acme.example' })
    expect(email?.subject).toBe('424242 is your code for Local application')
  })

  test('has a random code if its address is not for tests', async () => {
    const { local } = await started()
    for (let i = 0; i < 3; i++) local.signUp({ emailAddress: `person${i}@acme.example` })
    const codes = local.outbox.emails().map(({ subject }) => /^\d{6}\b/.exec(subject)?.[0])
    expect(codes).not.toContain(undefined)
    expect(new Set(codes).size).toBeGreaterThan(1)
  })

  test('with a phone number sends a text message', async () => {
    const { local, signUps } = await started()
    const { id } = local.signUp({ phoneNumber: '+12025550123' })
    expect(await signUps.get(id)).toMatchObject({ phoneNumber: '+12025550123', unverifiedFields: ['phone_number'] })
    expect(local.outbox.emails()).toEqual([])
    const [sms] = local.outbox.smsMessages()
    expect(sms).toMatchObject({ to: '+12025550123', slug: 'verification_code' })
    expect(sms?.body).toMatch(/^424242 /)
  })

  test('can be changed until it is abandoned after a day', async () => {
    const { local, signUps } = await started()
    const { id } = local.signUp({ emailAddress: 'erin@acme.example' })
    const changed = await signUps.update({ signUpAttemptId: id, externalId: 'ext_1', customAction: true })
    expect(changed).toMatchObject({ externalId: 'ext_1', customAction: true })
    const cleared = await signUps.update({ signUpAttemptId: id, externalId: null, customAction: null })
    expect(cleared).toMatchObject({ externalId: null, customAction: true })
    local.clock.advance(DAY_IN_MS)
    expect(await signUps.get(id)).toMatchObject({ status: 'abandoned' })
    await expect(signUps.update({ signUpAttemptId: id, externalId: 'ext_2' })).rejects.toMatchObject({
      status: 403,
      errors: [{ code: 'sign_up_cannot_be_updated' }],
    })
  })

  test('is not found by an unknown id', async () => {
    const { signUps } = await started()
    await expect(signUps.get('sua_unknown')).rejects.toMatchObject({
      status: 404,
      errors: [{ code: 'resource_not_found' }],
    })
  })

  test('requires an address or number that is valid, free and not blocked', async () => {
    const { local, client } = await started()
    await client.blocklistIdentifiers.createBlocklistIdentifier({ identifier: '*@blocked.example' })
    expect(() => local.signUp({})).toThrow('signUp() requires an "emailAddress" or a "phoneNumber"')
    expect(() => local.signUp({ emailAddress: 'erin' })).toThrow('must be an email address')
    expect(() => local.signUp({ phoneNumber: '123' })).toThrow('must be a phone number')
    expect(() => local.signUp({ emailAddress: local.people.alice.email })).toThrow('a user already has')
    await client.phoneNumbers.createPhoneNumber({ userId: local.people.alice.id, phoneNumber: '+12025550123' })
    expect(() => local.signUp({ phoneNumber: '+12025550123' })).toThrow('a user already has')
    expect(() => local.signUp({ emailAddress: 'erin@blocked.example' })).toThrow('it is on the blocklist')
    expect(() => local.signUp({ mail: 'erin@acme.example' } as object)).toThrow('signUp() has no "mail"')
    expect(local.outbox.emails()).toEqual([])
  })
})
