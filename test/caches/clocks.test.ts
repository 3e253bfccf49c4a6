import { describe, expect, test } from 'vitest'
import { HOUR, MINUTE, NOW, SECOND } from '../../packages/core/test/fixtures.js'
import { good, opaque, unknownToken } from '../../packages/core/test/fixtures-machines.js'
import { CALLERS, OPAQUE } from './callers.js'
import { KEY, startInstance, type Instance } from './instance.js'

const YEAR = 365 * 24 * HOUR
const SESSION = KEY.token({ exp: (NOW + 2 * MINUTE) / SECOND })

/** What can happen to the clock on the wall, while the monotonic one goes on. */
const WALLS: [what: string, wall: (elapsed: number) => number][] = [
  ['is set back by an hour', (elapsed) => NOW - HOUR + elapsed],
  ['is set back by a year', (elapsed) => NOW - YEAR + elapsed],
  ['stands still', () => NOW],
  ['runs backwards', (elapsed) => NOW - elapsed],
  ['begins again with 1970', (elapsed) => elapsed],
]

/** Lets time pass, by what each clock says of it. */
function pass({ advanceMonotonic, setWall }: Instance, ms: number, wall: (elapsed: number) => number): void {
  advanceMonotonic(ms)
  setWall(wall(ms))
}

describe.each(WALLS)('while the clock on the wall %s', (_what, wall) => {
  test('what is remembered of a JWT lives no longer than the token', async () => {
    const instance = startInstance()
    const { clerk } = instance
    const auth = await clerk.verifyToken(SESSION)
    pass(instance, 2 * MINUTE + 5 * SECOND - 1, wall)
    expect(await clerk.verifyToken(SESSION)).toBe(auth)
    pass(instance, 1, () => wall(2 * MINUTE + 5 * SECOND))
    await instance.outcomeOf(SESSION)
    // Whether the token itself has expired is for the clock on the wall to say, but nothing is left of the verdict.
    expect(clerk.stats().verified).toMatchObject({ hits: 1, misses: 2 })
  })

  test.each(OPAQUE)('Clerk’s word on %s counts for 30 seconds', async (_name, { token }) => {
    const instance = startInstance()
    const { network, outcomeOf } = instance
    expect(await outcomeOf(token)).toBe('passed')
    pass(instance, 30 * SECOND - 1, wall)
    expect(await outcomeOf(token)).toBe('passed')
    expect(network.calls).toBe(1)
    pass(instance, 1, () => wall(30 * SECOND))
    network.answer(unknownToken)
    expect(await outcomeOf(token)).toBe('token-not-found')
  })

  test.each(OPAQUE)('the word that %s is unknown counts for 5 seconds', async (_name, { token }) => {
    const instance = startInstance()
    const { network, outcomeOf } = instance
    network.answer(unknownToken)
    expect(await outcomeOf(token)).toBe('token-not-found')
    network.answer(({ tokenType }) => good(tokenType, { expiration: null }))
    pass(instance, 5 * SECOND - 1, wall)
    expect(await outcomeOf(token)).toBe('token-not-found')
    pass(instance, 1, () => wall(5 * SECOND))
    expect(await outcomeOf(token)).toBe('passed')
  })

  test('a key that the issuer took back is noticed after five minutes', async () => {
    const instance = startInstance()
    const { issuer, outcomeOf } = instance
    const token = KEY.token({ exp: (NOW + HOUR) / SECOND })
    expect(await outcomeOf(token)).toBe('passed')
    issuer.publish([{ ...KEY.jwk, kid: 'another' }])
    pass(instance, 5 * MINUTE, wall)
    expect(await outcomeOf(token)).toBe('jwk-kid-mismatch')
  })
})

test('a clock that was set back lets a session pass no more once its verdict is over: the token is from the future', async () => {
  const instance = startInstance()
  expect(await instance.outcomeOf(SESSION)).toBe('passed')
  pass(instance, 2 * MINUTE + 5 * SECOND, (elapsed) => NOW - HOUR + elapsed)
  expect(await instance.outcomeOf(SESSION)).toBe('token-not-active-yet')
})

/** For how long a refusal may be remembered that was nobody's but a clock's. */
const MOMENT = 5 * SECOND

test.each(CALLERS)(
  'a clock that is ahead for a moment ends what is known of %s, and no more',
  async (_name, { token }) => {
    const { setWall, advanceMonotonic, outcomeOf } = startInstance()
    expect(await outcomeOf(token)).toBe('passed')
    setWall(NOW + 10 * YEAR)
    expect(await outcomeOf(token)).toBe('token-expired')
    setWall(NOW)
    advanceMonotonic(MOMENT)
    expect(await outcomeOf(token)).toBe('passed')
  },
)

describe('a clock that gives NaN', () => {
  test.each(CALLERS)('lets %s pass no longer, and again when it tells the time', async (_name, { token }) => {
    const { setWall, advanceMonotonic, network, outcomeOf } = startInstance()
    network.answer(({ tokenType }) => good(tokenType, { expiration: NOW + HOUR }))
    expect(await outcomeOf(token)).toBe('passed')
    setWall(Number.NaN)
    expect(await outcomeOf(token)).toBe('token-expired')
    setWall(NOW)
    advanceMonotonic(MOMENT)
    expect(await outcomeOf(token)).toBe('passed')
  })

  test('once takes away no limit of what Clerk is asked', async () => {
    const { setWall, network, outcomeOf, advance } = startInstance()
    network.answer(unknownToken)
    const flood = async (name: string) => {
      for (let i = 0; i < 500; i++) await outcomeOf(opaque('oauth_token', `${name}${i}`))
    }
    setWall(Number.NaN)
    await flood('during')
    setWall(NOW)
    await flood('after')
    expect(network.calls).toBe(100)
    advance(SECOND)
    await flood('later')
    expect(network.calls).toBe(120)
  })

  test('once takes away no limit of what the issuer is asked', async () => {
    const { setWall, issuer, outcomeOf, advance } = startInstance()
    expect(await outcomeOf(SESSION)).toBe('passed')
    const flood = async (name: string) => {
      for (let i = 0; i < 50; i++)
        expect(await outcomeOf(KEY.token({}, { kid: `${name}${i}` }))).toMatch(/^(jwk-kid-mismatch|keys-unavailable)$/)
    }
    setWall(Number.NaN)
    await flood('during')
    setWall(NOW)
    await flood('after')
    expect(issuer.calls).toBe(2)
    advance(10 * SECOND)
    await flood('later')
    expect(issuer.calls).toBe(3)
  })

  test('while the issuer is down does not leave it alone for ever', async () => {
    const { setWall, issuer, outcomeOf, advance } = startInstance()
    issuer.fail(500)
    setWall(Number.NaN)
    expect(await outcomeOf(SESSION)).toBe('keys-unavailable')
    setWall(NOW)
    issuer.publish([KEY.jwk])
    expect(await outcomeOf(SESSION)).toBe('keys-unavailable')
    advance(5 * SECOND)
    expect(await outcomeOf(SESSION)).toBe('passed')
  })

  test('while Clerk asks to be left alone does not end that, nor make it last', async () => {
    const { setWall, network, outcomeOf, advance } = startInstance()
    setWall(Number.NaN)
    network.answer(() => new Response('', { status: 429, headers: { 'Retry-After': '7' } }))
    expect(await outcomeOf(opaque('api_key'))).toBe('verification-rate-limited')
    setWall(NOW)
    network.answer(() => good('api_key'))
    advance(7 * SECOND - 1)
    expect(await outcomeOf(opaque('api_key'))).toBe('verification-rate-limited')
    advance(1)
    expect(await outcomeOf(opaque('api_key'))).toBe('passed')
    expect(network.calls).toBe(2)
  })
})
