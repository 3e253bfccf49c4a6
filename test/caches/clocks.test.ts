import { describe, expect, test } from 'vitest'
import { HOUR, MINUTE, NOW, SECOND } from '../../packages/core/test/fixtures.js'
import { good, opaque, unknownToken } from '../../packages/core/test/fixtures-machines.js'
import { CALLERS, OPAQUE } from './callers.js'
import { KEY, startInstance, type Instance } from './instance.js'

const YEAR = 365 * 24 * HOUR
const SESSION = KEY.token({ exp: (NOW + 2 * MINUTE) / SECOND })

/** Changes of the wall clock while the monotonic clock runs on. */
const WALLS: [what: string, wall: (elapsed: number) => number][] = [
  ['is set back by an hour', (elapsed) => NOW - HOUR + elapsed],
  ['is set back by a year', (elapsed) => NOW - YEAR + elapsed],
  ['does not move', () => NOW],
  ['runs backwards', (elapsed) => NOW - elapsed],
  ['restarts at 1970', (elapsed) => elapsed],
]

/** Lets time pass on both clocks. */
function pass({ advanceMonotonic, setWall }: Instance, ms: number, wall: (elapsed: number) => number): void {
  advanceMonotonic(ms)
  setWall(wall(ms))
}

describe.each(WALLS)('while the wall clock %s', (_what, wall) => {
  test('the cached result for a JWT lives no longer than the token', async () => {
    const instance = startInstance()
    const { clerk } = instance
    const auth = await clerk.verifyToken(SESSION)
    pass(instance, 2 * MINUTE + 5 * SECOND - 1, wall)
    expect(await clerk.verifyToken(SESSION)).toBe(auth)
    pass(instance, 1, () => wall(2 * MINUTE + 5 * SECOND))
    await instance.outcomeOf(SESSION)
    // Whether the token itself has expired depends on the wall clock, but the cached result is gone.
    expect(clerk.stats().verified).toMatchObject({ hits: 1, misses: 2 })
  })

  test.each(OPAQUE)('the result for %s is cached for 30 seconds', async (_name, { token }) => {
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

  test.each(OPAQUE)('the refusal of %s as unknown is cached for 5 seconds', async (_name, { token }) => {
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

  test('a revoked key is detected after five minutes', async () => {
    const instance = startInstance()
    const { issuer, outcomeOf } = instance
    const token = KEY.token({ exp: (NOW + HOUR) / SECOND })
    expect(await outcomeOf(token)).toBe('passed')
    issuer.publish([{ ...KEY.jwk, kid: 'another' }])
    pass(instance, 5 * MINUTE, wall)
    expect(await outcomeOf(token)).toBe('jwk-kid-mismatch')
  })
})

test('a clock that was set back refuses a session once its cached result has expired: the token is from the future', async () => {
  const instance = startInstance()
  expect(await instance.outcomeOf(SESSION)).toBe('passed')
  pass(instance, 2 * MINUTE + 5 * SECOND, (elapsed) => NOW - HOUR + elapsed)
  expect(await instance.outcomeOf(SESSION)).toBe('token-not-active-yet')
})

/** For how long a refusal that only the clock caused may be cached. */
const MOMENT = 5 * SECOND

test.each(CALLERS)('a clock that is briefly ahead only ends the cached result for %s', async (_name, { token }) => {
  const { setWall, advanceMonotonic, outcomeOf } = startInstance()
  expect(await outcomeOf(token)).toBe('passed')
  setWall(NOW + 10 * YEAR)
  expect(await outcomeOf(token)).toBe('token-expired')
  setWall(NOW)
  advanceMonotonic(MOMENT)
  expect(await outcomeOf(token)).toBe('passed')
})

describe('a clock that returns NaN', () => {
  test.each(CALLERS)('causes %s to be refused, and accepted again once it is correct', async (_name, { token }) => {
    const { setWall, advanceMonotonic, network, outcomeOf } = startInstance()
    network.answer(({ tokenType }) => good(tokenType, { expiration: NOW + HOUR }))
    expect(await outcomeOf(token)).toBe('passed')
    setWall(Number.NaN)
    expect(await outcomeOf(token)).toBe('token-expired')
    setWall(NOW)
    advanceMonotonic(MOMENT)
    expect(await outcomeOf(token)).toBe('passed')
  })

  test('does not remove a limit on calls to Clerk', async () => {
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

  test('does not remove a limit on requests to the issuer', async () => {
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

  test('during an outage of the issuer does not stop fetches forever', async () => {
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

  test('during a rate limit by Clerk neither ends nor extends the pause', async () => {
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
