import { describe, expect, test } from 'vitest'
import { fetchKeySet, KeySetRefused, type KeySetAnswer } from '../src/keys/fetch-key-set.js'
import { usableKeys } from '../src/keys/jwks.js'
import { fakeIssuer, HOUR, issuerKey, MINUTE, SECOND, type FakeIssuer } from './fixtures.js'

const KEY = issuerKey().jwk
const URL_OF_KEYS = `https://clerk.example.com/.well-known/jwks.json`

function ask(issuer: FakeIssuer, headers = {}): Promise<KeySetAnswer> {
  return fetchKeySet({ url: URL_OF_KEYS, headers, fetch: issuer.fetch }, 3 * SECOND, new AbortController().signal)
}

async function refusalOf(issuer: FakeIssuer): Promise<KeySetRefused> {
  const error = await ask(issuer).catch((error: unknown) => error)
  expect(error).toBeInstanceOf(KeySetRefused)
  return error as KeySetRefused
}

function answering(body: BodyInit | null, init: ResponseInit = {}): FakeIssuer {
  const issuer = fakeIssuer()
  issuer.answer(() => new Response(body, init))
  return issuer
}

describe('fetchKeySet', () => {
  test('makes one request to the given URL with the given headers, and follows no redirect', async () => {
    const issuer = fakeIssuer(KEY)
    const { set } = await ask(issuer, { Authorization: 'Bearer sk_test_x' })
    expect(usableKeys(set)).toBe(1)
    expect(issuer.requests).toMatchObject([
      { url: URL_OF_KEYS, init: { headers: { Authorization: 'Bearer sk_test_x' }, redirect: 'manual' } },
    ])
    expect(issuer.requests[0]?.init.method ?? 'GET').toBe('GET')
  })

  test.each([
    ['max-age=600', 10 * MINUTE],
    ['public, max-age=600', 10 * MINUTE],
    ['max-age=600, must-revalidate', 10 * MINUTE],
    ['public,max-age=600', 10 * MINUTE],
    ['Max-Age=600', 10 * MINUTE],
    ['max-age=60', MINUTE],
    ['max-age=59', MINUTE],
    ['max-age=0', MINUTE],
    ['max-age=3600', HOUR],
    ['max-age=3601', HOUR],
    ['max-age=999999999', HOUR],
    ['s-maxage=600', undefined],
    ['x-max-age=600', undefined],
    ['max-age=-600', undefined],
    ['max-age=600.5', undefined],
    ['max-age=1e3', undefined],
    ['max-age', undefined],
    ['no-store', undefined],
    ['', undefined],
  ])('keeps a response with Cache-Control: %s for %s ms', async (header, maxAgeInMs) => {
    const issuer = fakeIssuer()
    issuer.publish([KEY], { 'Cache-Control': header })
    expect((await ask(issuer)).maxAgeInMs).toBe(maxAgeInMs)
  })

  test('returns no max-age for a response without Cache-Control', async () => {
    expect(await ask(fakeIssuer(KEY))).toMatchObject({ maxAgeInMs: undefined, retryAfterInMs: undefined })
  })
})

describe('fetchKeySet › a refused response', () => {
  test.each([201, 204, 301, 302, 304, 307, 400, 401, 403, 404, 429, 500, 502, 503])('status %i', async (status) => {
    const body = [204, 304].includes(status) ? null : JSON.stringify({ keys: [KEY] })
    expect((await refusalOf(answering(body, { status }))).message).toBe(`the issuer responded with ${status}`)
  })

  test.each<[string, string, string]>([
    ['nothing', '', 'the response is not a JWK Set'],
    ['HTML', '<html></html>', 'the response is not a JWK Set'],
    ['JSON that is cut off', '{"keys":[{"kty":', 'the response is not a JWK Set'],
    ['a list', '[]', 'the response is not a JWK Set'],
    ['null', 'null', 'the response is not a JWK Set'],
    ['an empty object', '{}', 'the response is not a JWK Set'],
    ['keys that are an object', '{"keys":{}}', 'the response is not a JWK Set'],
    ['no keys', '{"keys":[]}', 'the key set is empty'],
    ['no key with a kid', '{"keys":[null,1,"x",{}]}', 'the key set is empty'],
    [
      '65 keys',
      JSON.stringify({ keys: Array.from({ length: 65 }, (_, i) => ({ ...KEY, kid: `${i}` })) }),
      'the key set has too many keys',
    ],
  ])('%s', async (_name, body, message) => {
    expect((await refusalOf(answering(body))).message).toBe(message)
  })

  test('a set of more than 256 KiB', async () => {
    const padded = (x5c: string) => JSON.stringify({ keys: [{ ...KEY, x5c }] })
    const most = 256 * 1024 - padded('').length
    expect(usableKeys((await ask(answering(padded('x'.repeat(most))))).set)).toBe(1)
    await expect(ask(answering(padded('x'.repeat(most + 1))))).rejects.toThrow('larger than 262144 bytes')
  })

  test.each([
    ['30', 30 * SECOND],
    ['0', 0],
    ['3600', HOUR],
    ['-1', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['9'.repeat(400), undefined],
    ['Wed, 21 Oct 2099 07:28:00 GMT', undefined],
  ])('with Retry-After: %s sets the next attempt: %s ms', async (header, retryAfterInMs) => {
    const refused = await refusalOf(answering('', { status: 503, headers: { 'Retry-After': header } }))
    expect(refused.retryAfterInMs).toBe(retryAfterInMs)
    const empty = await refusalOf(answering('{"keys":[]}', { headers: { 'Retry-After': header } }))
    expect(empty.retryAfterInMs).toBe(retryAfterInMs)
  })

  test('a network failure is not a refusal of the issuer', async () => {
    const issuer = fakeIssuer()
    const broken = new TypeError('fetch failed')
    issuer.answer(() => Promise.reject(broken))
    await expect(ask(issuer)).rejects.toMatchObject({ name: 'Error', message: 'fetch failed' })
  })
})
