import { describe, expect, test } from 'vitest'
import { errorCode, start } from '../start.js'
import { clientOf, refusal, send } from './client.js'

async function startWithClient() {
  const local = await start({ now: () => Date.UTC(2030, 0) })
  const { phoneNumbers, users } = clientOf(local)
  const userId = local.people.alice.id
  return {
    local,
    phoneNumbers,
    userId,
    alice: () => users.getUser(userId),
    add: (phoneNumber: string, more: object = {}) => phoneNumbers.createPhoneNumber({ userId, phoneNumber, ...more }),
    call: (method: string, path: string, body?: object) => send(local, method, `/v1${path}`, body),
  }
}

const SECOND_FACTOR = { verified: true, reservedForSecondFactor: true }

describe('a phone number', () => {
  test('is added unverified and stored in E.164; the first is the primary one', async () => {
    const { phoneNumbers, add, alice } = await startWithClient()
    const first = await add('+1 (202) 555-0100')
    const second = await add('+12025550101', { verified: true })
    expect(first).toMatchObject({ phoneNumber: '+12025550100', verification: null, reservedForSecondFactor: false })
    expect(second.verification?.status).toBe('verified')
    expect(await phoneNumbers.getPhoneNumber(first.id)).toEqual(first)
    expect(await alice()).toMatchObject({ primaryPhoneNumberId: first.id, phoneNumbers: [first, second] })
  })

  test('becomes verified and the primary one by an update', async () => {
    const { phoneNumbers, add, alice } = await startWithClient()
    await add('+12025550100')
    const { id } = await add('+12025550101')
    const updated = await phoneNumbers.updatePhoneNumber(id, { verified: true, primary: true })
    expect(updated.verification?.status).toBe('verified')
    expect((await alice()).primaryPhoneNumberId).toBe(id)
  })

  test('belongs to one user only', async () => {
    const { add } = await startWithClient()
    await add('+12025550100')
    await expect(add('+1 202 555 0100')).rejects.toMatchObject(refusal(422, 'form_identifier_exists'))
  })

  test.each([
    ['without a number', { user_id: 'user_x' }, 422, 'form_param_missing'],
    ['of an unknown user', { user_id: 'user_x', phone_number: '+12025550100' }, 404, 'resource_not_found'],
    ['without a country code', { user_id: 'user_x', phone_number: '2025550100' }, 422, 'form_param_format_invalid'],
  ])('%s is refused', async (_, body, status, code) => {
    const { call } = await startWithClient()
    const response = await call('POST', '/phone_numbers', body)
    expect([response.status, await errorCode(response)]).toEqual([status, code])
  })

  test.each(['GET', 'PATCH', 'DELETE'])('that does not exist is 404 for %s', async (method) => {
    const { call } = await startWithClient()
    const response = await call(method, '/phone_numbers/idn_x')
    expect([response.status, await errorCode(response)]).toEqual([404, 'resource_not_found'])
  })
})

describe('a phone number as a second factor', () => {
  test('enables and disables two-factor authentication of its user', async () => {
    const { local, phoneNumbers, add, alice } = await startWithClient()
    expect(await alice()).toMatchObject({ twoFactorEnabled: false })
    const { id } = await add('+12025550100', SECOND_FACTOR)
    expect(await alice()).toMatchObject({
      twoFactorEnabled: true,
      raw: { mfa_enabled_at: Date.UTC(2030, 0), mfa_disabled_at: null },
    })
    local.clock.advance(5000)
    await phoneNumbers.updatePhoneNumber(id, { reservedForSecondFactor: false })
    expect(await alice()).toMatchObject({
      twoFactorEnabled: false,
      raw: { mfa_enabled_at: Date.UTC(2030, 0), mfa_disabled_at: Date.UTC(2030, 0) + 5000 },
    })
  })

  test('is the default one if it is the first, and until it is removed', async () => {
    const { phoneNumbers, add } = await startWithClient()
    const defaults = async (ids: readonly string[]) =>
      (await Promise.all(ids.map((id) => phoneNumbers.getPhoneNumber(id)))).map((it) => it.defaultSecondFactor)
    const { id: plain } = await add('+12025550100', { verified: true })
    const { id: first } = await add('+12025550101', SECOND_FACTOR)
    const { id: second } = await add('+12025550102', SECOND_FACTOR)
    expect(await defaults([plain, first, second])).toEqual([false, true, false])
    await phoneNumbers.updatePhoneNumber(first, { reservedForSecondFactor: false })
    expect(await defaults([plain, first, second])).toEqual([false, false, true])
    await phoneNumbers.updatePhoneNumber(first, { reservedForSecondFactor: true })
    expect(await defaults([plain, first, second])).toEqual([false, false, true])
    await phoneNumbers.deletePhoneNumber(second)
    expect(await defaults([plain, first])).toEqual([false, true])
  })

  test('must be verified', async () => {
    const { phoneNumbers, add, alice } = await startWithClient()
    await expect(add('+12025550100', { reservedForSecondFactor: true })).rejects.toMatchObject(
      refusal(400, 'identification_create_second_factor_unverified'),
    )
    expect(await alice()).toMatchObject({ phoneNumbers: [] })
    const { id } = await add('+12025550100')
    const update = (changes: object) => phoneNumbers.updatePhoneNumber(id, changes)
    const unverified = refusal(400, 'identification_update_second_factor_unverified')
    await expect(update({ reservedForSecondFactor: true })).rejects.toMatchObject(unverified)
    await update({ reservedForSecondFactor: true, verified: true })
    await expect(update({ verified: false })).rejects.toMatchObject(unverified)
  })

  test('cannot be the only identification', async () => {
    const { phoneNumbers, add, alice, call } = await startWithClient()
    const { id } = await add('+12025550100', { verified: true })
    await call('DELETE', `/email_addresses/${(await alice()).primaryEmailAddressId}`)
    await expect(phoneNumbers.updatePhoneNumber(id, { reservedForSecondFactor: true })).rejects.toMatchObject(
      refusal(400, 'identification_update_failed'),
    )
    await expect(phoneNumbers.deletePhoneNumber(id)).rejects.toMatchObject(
      refusal(400, 'identification_deletion_failed'),
    )
  })
})
