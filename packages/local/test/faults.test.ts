import { describe, expect, test } from 'vitest'
import type { Fault } from '../src/index.js'
import { errorCode, getBackendJwks, getPublicJwks, start } from './start.js'
import { call } from './tokens.js'

describe('a fault', () => {
  test('with a status affects all paths of the operation until it is cleared', async () => {
    const local = await start()
    const clear = local.fault('GetJWKS', { status: 503 })
    for (const response of [await getPublicJwks(local), await getBackendJwks(local)]) {
      expect(response.status).toBe(503)
      expect(await errorCode(response)).toBe('service_unavailable')
    }
    clear()
    expect((await getPublicJwks(local)).status).toBe(200)
  })

  test.each([
    [401, 'clerk_key_invalid'],
    [402, 'unsupported_subscription_plan_features'],
    [403, 'authorization_invalid'],
    [410, 'operation_deprecated'],
    [500, 'internal_clerk_error'],
    [429, 'too_many_requests'],
    [418, 'unexpected_error'],
  ])('with status %i sends the body of Clerk’s %s', async (status, code) => {
    const local = await start()
    local.fault('GetJWKS', { status })
    const response = await getPublicJwks(local)
    expect(response.status).toBe(status)
    expect(await errorCode(response)).toBe(code)
  })

  test.each([
    ['garbage', '<html>', '<html>'],
    ['an empty answer', '', ''],
    ['JSON of the wrong shape', { keys: 5 }, '{"keys":5}'],
    ['null', null, 'null'],
  ])('with a body sends %s as JSON with status 200', async (_, body, sent) => {
    const local = await start()
    local.fault('GetJWKS', { body })
    const response = await getPublicJwks(local)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.text()).toBe(sent)
  })

  test('with only headers changes nothing else', async () => {
    const local = await start()
    local.fault('GetJWKS', { headers: { 'cache-control': 'max-age=60', 'content-type': 'text/plain' } })
    const response = await getPublicJwks(local)
    expect(response.headers.get('cache-control')).toBe('max-age=60')
    expect(response.headers.get('content-type')).toBe('text/plain')
    expect(await response.text()).toContain(local.kid)
  })

  test('with a redirect sends its location and an empty body', async () => {
    const local = await start()
    local.fault('GetJWKS', { status: 302, headers: { location: '/elsewhere' } })
    const response = await fetch(`${local.url}/.well-known/jwks.json`, { redirect: 'manual' })
    expect([response.status, response.headers.get('location'), await response.text()]).toEqual([302, '/elsewhere', ''])
  })

  test('with retryAfter answers 429, or the status that is set', async () => {
    const local = await start()
    local.fault('GetJWKS', { retryAfter: 7 })
    const limited = await getPublicJwks(local)
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7'])

    local.fault('GetJWKS', { retryAfter: 7, status: 503 })
    expect((await getPublicJwks(local)).status).toBe(503)
  })

  test('with a delay sends the real answer late', async () => {
    const local = await start()
    local.fault('GetJWKS', { delayInMs: 60 })
    const before = performance.now()
    const response = await getPublicJwks(local)
    expect(performance.now() - before).toBeGreaterThan(50)
    expect(response.status).toBe(200)
  })

  test('lasts for the given number of calls', async () => {
    const local = await start()
    local.fault('GetJWKS', { status: 500, times: 2 })
    const statuses = [await getPublicJwks(local), await getPublicJwks(local), await getPublicJwks(local)]
    expect(statuses.map(({ status }) => status)).toEqual([500, 500, 200])
    expect(local.calls('GetJWKS')).toBe(3)
  })

  test('is replaced by the next one, which clearing the first one does not affect', async () => {
    const local = await start()
    const clearFirst = local.fault('GetJWKS', { status: 500 })
    local.fault('GetJWKS', { status: 502 })
    clearFirst()
    expect((await getPublicJwks(local)).status).toBe(502)
  })

  test.each([null, undefined])('is cleared by %s', async (absent) => {
    const local = await start()
    local.fault('GetJWKS', { status: 500 })
    local.fault('GetJWKS', absent)
    expect((await getPublicJwks(local)).status).toBe(200)
  })

  test('that hangs never answers, and does not block close()', async () => {
    const local = await start()
    local.fault('GetJWKS', { hang: true })
    const timedOut = fetch(`${local.url}/.well-known/jwks.json`, { signal: AbortSignal.timeout(50) })
    await expect(timedOut).rejects.toThrow('timeout')

    const outcome = getPublicJwks(local).catch((error: Error) => error.message)
    while (local.calls('GetJWKS') < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    await local.close()
    expect(await outcome).toBe('fetch failed')
  })

  test.each<[string, object, string]>([
    ['an unknown field', { code: 500 }, 'a fault has no "code", only status, body'],
    ['a status below 200', { status: 101 }, '"status" of a fault must be'],
    ['a status that is a string', { status: '500' }, '"status" of a fault must be'],
    ['a delay too long for a timer', { delayInMs: 2 ** 31 }, '"delayInMs" of a fault must be milliseconds from 0 to'],
    ['a negative delay', { delayInMs: -1 }, '"delayInMs" of a fault must be'],
    ['zero times', { times: 0 }, '"times" of a fault must be'],
    ['no effect', { times: 2 }, 'a fault requires at least one of status, body'],
    ['a body that is not JSON', { body: () => {} }, '"body" of a fault must be'],
    ['an invalid header value', { headers: { 'x-bad': 'a\nb' } }, 'Invalid character in header content'],
  ])('with %s throws a TypeError', async (_, fault, message) => {
    const local = await start()
    expect(() => local.fault('GetJWKS', fault as Fault)).toThrow(TypeError)
    expect(() => local.fault('GetJWKS', fault as Fault)).toThrow(message)
  })

  test('of an unknown operation throws a TypeError that names the known ones, as does calls()', async () => {
    const local = await start()
    for (const wrong of [() => local.fault('Jwks', { status: 500 }), () => local.calls('Jwks')]) {
      expect(wrong).toThrow(/no operation "Jwks", only .*, GetJWKS, /)
      expect(wrong).toThrow(TypeError)
    }
    expect(() => local.calls('GetJwks')).toThrow('no operation "GetJwks": did you mean GetJWKS?')
  })

  test('does not affect calls(), which counts one operation or all called operations', async () => {
    const local = await start()
    expect(local.calls()).toEqual({})
    await getPublicJwks(local)
    await getPublicJwks(local)
    await call(local, 'GET', '/v1/users')
    expect(local.calls()).toEqual({ GetJWKS: 2, GetUserList: 1 })
    expect(local.calls('GetJWKS')).toBe(2)
    expect(local.calls('GetUser')).toBe(0)
  })
})
