import { describe, expect, test } from 'vitest'
import { assertRefused, authorization, defaultSeed, startLocalClerk } from '../src/index.js'
import { list } from '../src/support/list.js'
import { start } from './start.js'

describe('errors for common mistakes', () => {
  test.each([
    ['the path of a seed', { seed: 'seed.yaml' }, '"seed" of startLocalClerk() must be an object such as defaultSeed'],
    ['a seed without organizations', { seed: { people: {} } }, 'the seed requires "organizations", which may be {}'],
    ['a string instead of options', 'acme', 'startLocalClerk() takes an object with port, host, algorithm, seed'],
    [
      'a default organization without memberships',
      {
        seed: {
          ...defaultSeed,
          people: { ann: { firstName: 'A', email: 'a@a.example', defaultOrganization: 'acme' } },
        },
      },
      'defaultOrganization "acme" of "ann" must be one of the memberships: none',
    ],
  ])('explain %s', async (_name, options, message) => {
    await expect(startLocalClerk(options as never)).rejects.toThrow(TypeError)
    await expect(startLocalClerk(options as never)).rejects.toThrow(message)
  })

  test('suggest a missing await for a token', async () => {
    const local = await start()
    const token = local.sessionToken()
    for (const wrong of [token, undefined])
      expect(() => authorization(wrong as never)).toThrow(
        new TypeError('authorization() takes a token string: is an await missing?'),
      )
    expect(authorization(await token)).toEqual({ authorization: `Bearer ${await token}` })
  })

  test('suggest a missing await for a response', async () => {
    const { url } = await start()
    const answer = fetch(`${url}/v1/users`)
    await expect(assertRefused(answer as never, 401)).rejects.toThrow('is an await missing?')
    await assertRefused(await answer, 401)
  })

  test('name the options if a string is passed', async () => {
    const local = await start()
    for (const mint of [local.sessionToken, local.cookies])
      await expect(mint('alice' as never)).rejects.toThrow('sessionToken() takes an object with user, org, role')
  })

  test('refuse wrong options of rotateKeys, which leaves the keys alone', async () => {
    const local = await start()
    const { kid } = local
    await expect(local.rotateKeys(false as never)).rejects.toThrow('rotateKeys() takes an object with overlap')
    await expect(local.rotateKeys({ overlap: 'no' as never })).rejects.toThrow(
      new TypeError('"overlap" of rotateKeys() must be true or false'),
    )
    await expect(local.rotateKeys({ keep: false } as never)).rejects.toThrow('rotateKeys() has no "keep", only overlap')
    expect(local.kid).toBe(kid)
  })

  test('list at most a hundred valid names', async () => {
    const numbers = Array.from({ length: 101 }, (_, i) => String(i))
    expect(list(numbers.slice(1))).toBe(numbers.slice(1).join(', '))
    expect(list(numbers)).toBe(`${numbers.slice(0, 100).join(', ')}, and 1 more`)
    expect(list([])).toBe('none')
  })
})
