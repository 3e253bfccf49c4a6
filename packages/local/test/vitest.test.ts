import { readFileSync } from 'node:fs'
import { decodeJwt } from 'jose'
import { describe } from 'vitest'
import { expect, it, localTest, test } from '../src/vitest.js'
import { getPublicJwks } from './start.js'

const seen: { url?: string; inHook?: string } = {}

test.beforeAll(({ local }) => {
  seen.inHook = local.url
})

test('the fixture is a running instance', async ({ local }) => {
  seen.url = local.url
  local.clock.set(0)
  local.fault('GetJWKS', { status: 500 })
  expect((await getPublicJwks(local)).status).toBe(500)
  expect(local).toHaveAnswered('GetJWKS', 1)
})

it('the fixture is the same instance in all tests and hooks of a file, reset between tests', async ({ local }) => {
  expect([local.url, local.url]).toEqual([seen.url, seen.inHook])
  expect(local.clock.now()).toBeGreaterThan(0)
  expect(local).not.toHaveAnswered('GetJWKS')
  expect((await getPublicJwks(local)).status).toBe(200)
})

const people = { erin: { firstName: 'Erin', email: 'erin@example.com', memberships: {} } }
const customTest = localTest({ seed: { organizations: {}, people }, algorithm: 'ES256' })

customTest('the fixture may have a custom seed and options', async ({ local }) => {
  expect(local.url).not.toBe(seen.url)
  const { sub } = decodeJwt((await local.as('erin')).authorization.replace('Bearer ', ''))
  expect(sub).toBe(local.people.erin.id)
  // @ts-expect-error the name is not in the seed
  expect(local.people.alice).toBeUndefined()
})

describe('toHaveAnswered', () => {
  test('compares the number of calls, or expects any call', async ({ local }) => {
    await getPublicJwks(local)
    await getPublicJwks(local)
    expect(local).toHaveAnswered('GetJWKS')
    expect(local).toHaveAnswered('GetJWKS', 2)
    expect(local).not.toHaveAnswered('GetJWKS', 1)
    expect(local).toHaveAnswered('verifyM2MToken', 0)
  })

  test('reports the number of calls', async ({ local }) => {
    await getPublicJwks(local)
    expect(() => expect(local).toHaveAnswered('GetJWKS', 2)).toThrow('expected 2 calls of GetJWKS, but there were 1')
    expect(() => expect(local).toHaveAnswered('verifyApiKey')).toThrow(
      'expected a call of verifyApiKey, but there were 0',
    )
    expect(() => expect(local).not.toHaveAnswered('GetJWKS')).toThrow(
      'expected anything but a call of GetJWKS, but there were 1',
    )
  })

  test('reports a single call in the singular, and refuses a value that is not an instance', async ({ local }) => {
    expect(() => expect(local).toHaveAnswered('GetJWKS', 1)).toThrow('expected 1 call of GetJWKS, but there were 0')
    const answer = await getPublicJwks(local)
    for (const wrong of [answer, undefined])
      expect(() => expect(wrong).toHaveAnswered('GetJWKS')).toThrow('toHaveAnswered() requires a local instance')
  })

  test('refuses an unknown operation', ({ local }) => {
    expect(() => expect(local).toHaveAnswered('GetKeys')).toThrow('no operation "GetKeys"')
    // @ts-expect-error the name is required
    expect(() => expect(local).not.toHaveAnswered()).toThrow('toHaveAnswered() takes the name of an operation')
  })
})

describe('toBeRefusedWith', () => {
  const expired = () => Response.json({ code: 'token-expired' }, { status: 401 })

  test('accepts a code, a status, or both', async () => {
    await expect(expired()).toBeRefusedWith('token-expired')
    await expect(expired()).toBeRefusedWith(401)
    await expect(expired()).toBeRefusedWith({ status: 401, code: 'token-expired' })
    await expect(expired()).not.toBeRefusedWith('token-revoked')
    await expect(expired()).not.toBeRefusedWith({ status: 403, code: 'token-expired' })
  })

  test('checks a response with a string body synchronously', () => {
    const response = { status: 401, text: '{"code":"token-expired"}' }
    expect(response).toBeRefusedWith('token-expired')
    expect(() => expect(response).toBeRefusedWith('token-revoked')).toThrow(
      'expected the request to be refused with token-revoked, but the response was 401 token-expired',
    )
  })

  test('reports the actual response', async () => {
    await expect(() => expect(expired()).toBeRefusedWith({ status: 403, code: 'role-missing' })).rejects.toThrow(
      'expected the request to be refused with 403 role-missing, but the response was 401 token-expired',
    )
    await expect(() => expect(Response.json({ userId: 'u' })).toBeRefusedWith('token-expired')).rejects.toThrow(
      'expected the request to be refused with token-expired, but the response was 200 {"userId":"u"}',
    )
    await expect(() => expect(expired()).not.toBeRefusedWith('token-expired')).rejects.toThrow(
      'expected the request not to be refused with token-expired',
    )
  })

  test('names the bad token', async ({ local }) => {
    const [bad] = await local.badTokens()
    await expect(() => expect(Response.json({}), bad!.name).toBeRefusedWith(bad!)).rejects.toThrow(
      'expired: expected the request to be refused with 401 token-expired, but the response was 200 {}',
    )
  })
})

test('the README contains the tested example', () => {
  const [readme, example] = ['../README.md', 'vitest-example.test.ts'].map((path) =>
    readFileSync(new URL(path, import.meta.url), 'utf8'),
  )
  expect(readme).toContain(`\`\`\`typescript\n${example}\`\`\``)
})
