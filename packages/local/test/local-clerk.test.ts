import { createServer } from 'node:http'
import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import { startLocalClerk, type LocalClerkOptions } from '../src/index.js'
import { getPublicJwks, publishedKids, start } from './start.js'

describe('startLocalClerk', () => {
  test('listens on a free loopback port, and uses its URL as issuer', async () => {
    const [one, other] = [await start(), await start()]
    expect(one.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(one.url).not.toBe(other.url)
    expect(decodeJwt(await one.sessionToken()).iss).toBe(one.url)
  })

  test('returns the environment variables that point an API at it', async () => {
    const { env, url, machines } = await start()
    expect(env).toEqual({
      CLERK_SECRET_KEY: expect.stringMatching(/^sk_test_\w{42}$/),
      CLERK_PUBLISHABLE_KEY: `pk_test_${btoa(`${new URL(url).host}$`)}`,
      CLERK_FAPI: url,
      CLERK_API_URL: url,
      CLERK_MACHINE_SECRET_KEY: machines.api.secretKey,
      CLERK_MACHINE_ID: machines.api.id,
      CLERK_WEBHOOK_SIGNING_SECRET: expect.stringMatching(/^whsec_[\w+/]{32}$/),
    })
  })

  test.each(['localhost', '127.0.0.2', '::1', '[::1]'])('listens on host %s', async (host) => {
    const local = await start({ host })
    expect(new URL(local.url).hostname).toBe(host.includes('::1') ? '[::1]' : host)
    expect((await getPublicJwks(local)).status).toBe(200)
  })

  test('listens beyond loopback with insecureListenBeyondLoopback', async () => {
    const local = await start({ host: '0.0.0.0', insecureListenBeyondLoopback: true })
    expect(local.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect((await getPublicJwks(local)).status).toBe(200)
  })

  test.each<[object, string]>([
    [{ host: '0.0.0.0' }, 'host "0.0.0.0" is not loopback'],
    [{ host: '' }, 'host "" is not loopback'],
    [{ host: '127.0.0.1.example.com' }, 'host "127.0.0.1.example.com" is not loopback'],
    [{ port: 70_000 }, '"port" of startLocalClerk() must be an integer from 0 to 65535'],
    [{ port: '4010' }, '"port" of startLocalClerk() must be an integer from 0 to 65535'],
    [{ algorithm: 'HS256' }, '"algorithm" of startLocalClerk() must be one of RS256, RS384'],
    [{ now: 5 }, '"now" of startLocalClerk() must be a function'],
    [{ settings: { outOfScope: 404 } }, '"outOfScope" of settings must be "404" or "403"'],
    [{ settings: { scope: '404' } }, 'settings has no "scope", only invalidOpaqueTokens'],
    [{ seeds: {} }, 'startLocalClerk() has no "seeds", only port, host'],
  ])('refuses %j with a TypeError', async (options, message) => {
    const starting = startLocalClerk(options as LocalClerkOptions)
    await expect(starting).rejects.toThrow(message)
    await expect(starting).rejects.toBeInstanceOf(TypeError)
  })

  test('rejects when the port is in use', async () => {
    const { url } = await start()
    await expect(startLocalClerk({ port: Number(new URL(url).port) })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})

describe('reset', () => {
  test('restores faults, call counts, the clock and rotated keys', async () => {
    const local = await start({ now: () => 1_000_000 })
    const { kid, jwtKey } = local
    local.clock.advance(5_000)
    await local.rotateKeys({ overlap: false })
    await getPublicJwks(local)
    local.fault('GetJWKS', { status: 500 })

    local.reset()
    expect(local.calls('GetJWKS')).toBe(0)
    expect(local.clock.now()).toBe(1_000_000)
    expect([local.kid, local.jwtKey]).toEqual([kid, jwtKey])
    expect(await publishedKids(local)).toEqual([kid])
  })

  test('restarts a stopped clock', async () => {
    const local = await start()
    local.clock.set(0)
    local.reset()
    expect(local.clock.now()).toBeGreaterThan(0)
  })

  test('publishes a removed initial key again', async () => {
    const local = await start()
    local.removeKey(local.kid)
    local.reset()
    expect(await publishedKids(local)).toEqual([local.kid])
  })
})

describe('close', () => {
  test('closes keep-alive connections and frees the port, and may be called again', async () => {
    const local = await start()
    await (await getPublicJwks(local)).text()
    await Promise.all([local.close(), local.close()])
    await local.close()
    await expect(getPublicJwks(local)).rejects.toThrow('fetch failed')

    const next = createServer().listen(Number(new URL(local.url).port), '127.0.0.1')
    await new Promise((resolve) => next.once('listening', resolve))
    next.close()
  })

  test('does not prevent minting', async () => {
    const local = await start()
    await local.close()
    expect(decodeJwt(await local.sessionToken()).iss).toBe(local.url)
  })
})
