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

  /** An instance other than `index`. */
  const next = (index: number) => instances[(index + 1) % COUNT]!

  test('have unique addresses, keys and secrets', () => {
    const values = instances.flatMap(({ url, kid, env, machines }) => [
      url,
      kid,
      env.CLERK_SECRET_KEY,
      machines.worker.secretKey,
    ])
    expect(new Set(values).size).toBe(4 * COUNT)
  })

  test('verify only their own JWTs', async () => {
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

  test('verify only their own opaque tokens', async () => {
    const statuses = await Promise.all(
      instances.map(async (local, index) => {
        const [own, foreign] = [await local.m2mToken(), await next(index).m2mToken()]
        const verify = (token: string) => call(local, 'POST', '/v1/m2m_tokens/verify', { body: { token } })
        return [(await verify(own)).status, (await verify(foreign)).status]
      }),
    )
    expect(statuses).toEqual(Array.from({ length: COUNT }, () => [200, 404]))
  })

  test('have independent clocks, faults and call counts', async () => {
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

  test('keep running when one of them is closed', async () => {
    const [closed, ...others] = instances as [LocalClerk, ...LocalClerk[]]
    await closed.close()
    const statuses = await Promise.all(others.map(async (local) => (await fetch(keysOf(local))).status))
    expect(statuses).toEqual(others.map(() => 200))
    await expect(fetch(keysOf(closed))).rejects.toThrow('fetch failed')
  })
})
