import { createRemoteJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startLocalClerk, type LocalClerk } from '../src/index.js'
import { call, keysOf } from './tokens.js'

const COUNT = 20

describe(`${COUNT} instances at once`, () => {
  let instances: LocalClerk[]
  beforeAll(async () => {
    const starting = Array.from({ length: COUNT }, () => startLocalClerk({ algorithm: 'ES256' }))
    instances = await Promise.all(starting)
  })
  afterAll(() => Promise.all(instances.map((local) => local.close())))

  /** One that is not `index`. */
  const next = (index: number) => instances[(index + 1) % COUNT]!

  test('have an address, a key and secrets of their own', () => {
    const own = instances.flatMap(({ url, kid, env, machines }) => [
      url,
      kid,
      env.CLERK_SECRET_KEY,
      machines.worker.secretKey,
    ])
    expect(new Set(own).size).toBe(4 * COUNT)
  })

  test('verify their own JWTs, and not those of another', async () => {
    const outcomes = await Promise.all(
      instances.map(async (local, index) => {
        const keys = createRemoteJWKSet(keysOf(local))
        const { payload } = await jwtVerify(await local.sessionToken(), keys)
        const foreign = jwtVerify(await next(index).sessionToken(), keys)
        return [payload.iss === local.url, await foreign.catch((error: { code: string }) => error.code)]
      }),
    )
    expect(outcomes).toEqual(Array.from({ length: COUNT }, () => [true, 'ERR_JWKS_NO_MATCHING_KEY']))
  })

  test('know their own opaque tokens, and not those of another', async () => {
    const statuses = await Promise.all(
      instances.map(async (local, index) => {
        const [own, foreign] = [await local.m2mToken(), await next(index).m2mToken()]
        const ask = (token: string) => call(local, 'POST', '/v1/m2m_tokens/verify', { body: { token } })
        return [(await ask(own)).status, (await ask(foreign)).status]
      }),
    )
    expect(statuses).toEqual(Array.from({ length: COUNT }, () => [200, 404]))
  })

  test('have clocks, faults and counts of their own', async () => {
    const [one, ...others] = instances as [LocalClerk, ...LocalClerk[]]
    others.forEach((local) => local.reset())
    one.reset()
    one.clock.set(0)
    one.fault('GetJWKS', { status: 503 })
    const statuses = await Promise.all(instances.map(async (local) => (await fetch(keysOf(local))).status))
    expect(statuses).toEqual([503, ...others.map(() => 200)])
    await fetch(keysOf(one))
    expect(instances.map((local) => local.calls('GetJWKS'))).toEqual([2, ...others.map(() => 1)])
    expect(others.filter((local) => local.clock.now() === 0)).toEqual([])
  })

  test('go on when one of them is closed', async () => {
    const [closed, ...others] = instances as [LocalClerk, ...LocalClerk[]]
    await closed.close()
    const statuses = await Promise.all(others.map(async (local) => (await fetch(keysOf(local))).status))
    expect(statuses).toEqual(others.map(() => 200))
    await expect(fetch(keysOf(closed))).rejects.toThrow('fetch failed')
  })
})
