import { describe, expect, test } from 'vitest'
import type { Fault } from '../src/index.js'
import { errorCode, getBackendJwks, getPublicJwks, start } from './start.js'
import { call } from './tokens.js'

describe('a fault', () => {
  test('of a status hits both addresses of the operation, until it is cleared', async () => {
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
    [500, 'internal_clerk_error'],
    [429, 'too_many_requests'],
    [418, 'unexpected_error'],
  ])('of status %i has the body of Clerk’s %s', async (status, code) => {
    const local = await start()
    local.fault('GetJWKS', { status })
    const response = await getPublicJwks(local)
    expect(response.status).toBe(status)
    expect(await errorCode(response)).toBe(code)
  })

  test.each([
    ['garbage', '<html>', '<html>'],
    ['an empty answer', '', ''],
    ['JSON of another shape', { keys: 5 }, '{"keys":5}'],
    ['null', null, 'null'],
  ])('of a body sends %s, still as JSON with status 200', async (_, body, sent) => {
    const local = await start()
    local.fault('GetJWKS', { body })
    const response = await getPublicJwks(local)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.text()).toBe(sent)
  })

  test('of headers alone changes nothing else', async () => {
    const local = await start()
    local.fault('GetJWKS', { headers: { 'cache-control': 'max-age=60', 'content-type': 'text/plain' } })
    const response = await getPublicJwks(local)
    expect(response.headers.get('cache-control')).toBe('max-age=60')
    expect(response.headers.get('content-type')).toBe('text/plain')
    expect(await response.text()).toContain(local.kid)
  })

  test('of a redirect sends its location and nothing more', async () => {
    const local = await start()
    local.fault('GetJWKS', { status: 302, headers: { location: '/elsewhere' } })
    const response = await fetch(`${local.url}/.well-known/jwks.json`, { redirect: 'manual' })
    expect([response.status, response.headers.get('location'), await response.text()]).toEqual([302, '/elsewhere', ''])
  })

  test('of retryAfter is 429 with seconds to wait, or the status that is asked for', async () => {
    const local = await start()
    local.fault('GetJWKS', { retryAfter: 7 })
    const limited = await getPublicJwks(local)
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7'])

    local.fault('GetJWKS', { retryAfter: 7, status: 503 })
    expect((await getPublicJwks(local)).status).toBe(503)
  })

  test('of a delay answers rightly, but late', async () => {
    const local = await start()
    local.fault('GetJWKS', { delayInMs: 60 })
    const before = performance.now()
    const response = await getPublicJwks(local)
    expect(performance.now() - before).toBeGreaterThan(50)
    expect(response.status).toBe(200)
  })

  test('lasts for as many calls as it is given', async () => {
    const local = await start()
    local.fault('GetJWKS', { status: 500, times: 2 })
    const statuses = [await getPublicJwks(local), await getPublicJwks(local), await getPublicJwks(local)]
    expect(statuses.map(({ status }) => status)).toEqual([500, 500, 200])
    expect(local.calls('GetJWKS')).toBe(3)
  })

  test('gives way to the next one, which the first one’s clearing leaves alone', async () => {
    const local = await start()
    const clearFirst = local.fault('GetJWKS', { status: 500 })
    local.fault('GetJWKS', { status: 502 })
    clearFirst()
    expect((await getPublicJwks(local)).status).toBe(502)
  })

  test.each([null, undefined])('is cleared by %s', async (nothing) => {
    const local = await start()
    local.fault('GetJWKS', { status: 500 })
    local.fault('GetJWKS', nothing)
    expect((await getPublicJwks(local)).status).toBe(200)
  })

  test('that hangs never answers, and does not keep the instance from closing', async () => {
    const local = await start()
    local.fault('GetJWKS', { hang: true })
    const impatient = fetch(`${local.url}/.well-known/jwks.json`, { signal: AbortSignal.timeout(50) })
    await expect(impatient).rejects.toThrow('timeout')

    const outcome = getPublicJwks(local).catch((error: Error) => error.message)
    while (local.calls('GetJWKS') < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    await local.close()
    expect(await outcome).toBe('fetch failed')
  })

  test.each<[string, object, string]>([
    ['an unknown field', { code: 500 }, 'a fault has no "code", only status, body'],
    ['a status below 200', { status: 101 }, '"status" of a fault must be'],
    ['a status that is text', { status: '500' }, '"status" of a fault must be'],
    ['a delay that no timer can wait', { delayInMs: 2 ** 31 }, '"delayInMs" of a fault must be milliseconds from 0 to'],
    ['a negative delay', { delayInMs: -1 }, '"delayInMs" of a fault must be'],
    ['zero times', { times: 0 }, '"times" of a fault must be'],
    ['nothing that goes wrong', { times: 2 }, 'a fault requires at least one of status, body'],
    ['a body that is no JSON', { body: () => {} }, '"body" of a fault must be'],
    ['a header that cannot be sent', { headers: { 'x-bad': 'a\nb' } }, 'Invalid character in header content'],
  ])('with %s is a TypeError', async (_, fault, message) => {
    const local = await start()
    expect(() => local.fault('GetJWKS', fault as Fault)).toThrow(TypeError)
    expect(() => local.fault('GetJWKS', fault as Fault)).toThrow(message)
  })

  test('of an unknown operation is a TypeError that names the known ones, as are its calls', async () => {
    const local = await start()
    for (const wrong of [() => local.fault('Jwks', { status: 500 }), () => local.calls('Jwks')]) {
      expect(wrong).toThrow('no operation "Jwks", only GetJWKS, ')
      expect(wrong).toThrow(TypeError)
    }
    expect(() => local.calls('GetJwks')).toThrow('no operation "GetJwks": did you mean GetJWKS?')
  })

  test('counts the calls of one operation, or of every operation that was called', async () => {
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
