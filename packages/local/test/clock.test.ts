import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import { start } from './start.js'

describe('the clock', () => {
  test('is the system clock by default', async () => {
    const local = await start()
    expect(Math.abs(local.clock.now() - Date.now())).toBeLessThan(1000)
  })

  test('keeps running after it was advanced', async () => {
    let time = 1_000_000
    const local = await start({ now: () => time })
    local.clock.advance(60_000)
    time += 5
    expect(local.clock.now()).toBe(1_060_005)
    local.clock.advance(-60_000)
    expect(local.clock.now()).toBe(1_000_005)
  })

  test('stops once set, and can be advanced from there', async () => {
    let time = 1_000_000
    const local = await start({ now: () => time })
    local.clock.set(5_000)
    time += 5
    expect(local.clock.now()).toBe(5_000)
    local.clock.advance(1_000)
    expect(local.clock.now()).toBe(6_000)
  })

  test('sets the times of tokens, in whole seconds', async () => {
    const local = await start()
    local.clock.set(1_700_000_000_999)
    expect(decodeJwt(await local.sessionToken())).toMatchObject({ iat: 1_700_000_000, exp: 1_700_000_060 })
  })

  test.each([NaN, Infinity, '5'])('refuses to move by %j', async (ms) => {
    const local = await start()
    expect(() => local.clock.advance(ms as number)).toThrow(
      new TypeError('clock.advance() takes milliseconds, such as 60_000'),
    )
    expect(() => local.clock.set(ms as number)).toThrow(
      new TypeError('clock.set() takes milliseconds since the epoch, such as Date.UTC(2030, 0)'),
    )
  })

  test('refuses times that a Date cannot represent', async () => {
    const local = await start()
    expect(() => local.clock.set(8.64e15)).toThrow('the clock cannot be set beyond the range of a Date')
    expect(() => local.clock.advance(8.64e15)).toThrow('the clock cannot be set beyond the range of a Date')
    expect(Math.abs(local.clock.now() - Date.now())).toBeLessThan(1000)
  })
})
