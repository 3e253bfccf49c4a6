import { afterAll, describe, expect, it } from 'vitest'
import { stopIssuers } from './issuer.js'
import { good, key, startApiOf, startKeyIssuer, UNAVAILABLE } from './key-set-outage.js'
import { signer } from './signer.js'
import { watchTheProcess } from './watch.js'

watchTheProcess()
afterAll(stopIssuers)

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const UNSAID = 5 * MINUTE

type Headers = Readonly<Record<string, string | string[]>>
const caching = (value: string): Headers => ({ 'Cache-Control': value })

describe('a key set is fresh', () => {
  const rows: [says: string, ms: number, headers: Headers][] = [
    ['nothing', UNSAID, {}],
    ['an empty Cache-Control', UNSAID, caching('')],
    ['max-age=600', 10 * MINUTE, caching('max-age=600')],
    ['max-age among others, in upper case', 10 * MINUTE, caching('public,MAX-AGE=600,must-revalidate')],
    ['max-age in a separate header', 10 * MINUTE, { 'Cache-Control': ['public', 'max-age=600'] }],
    ['two max-age: the first one', 10 * MINUTE, caching('max-age=600, max-age=1200')],
    ['0 seconds', MINUTE, caching('max-age=0')],
    ['1 second', MINUTE, caching('max-age=1')],
    ['an hour', HOUR, caching('max-age=3600')],
    ['a year', HOUR, caching('max-age=31536000, immutable')],
    ['more than a lifetime', HOUR, caching('max-age=999999999')],
    ['more than a double can hold', UNSAID, caching(`max-age=${'9'.repeat(400)}`)],
    ['a negative number', UNSAID, caching('max-age=-600')],
    ['a fraction', UNSAID, caching('max-age=600.5')],
    ['an exponent', UNSAID, caching('max-age=6e2')],
    ['a hexadecimal number', UNSAID, caching('max-age=0x258')],
    ['a quoted number', UNSAID, caching('max-age="600"')],
    ['not a number', UNSAID, caching('max-age')],
    ['infinity', UNSAID, caching('max-age=Infinity')],
    ['an age for shared caches', UNSAID, caching('s-maxage=600')],
    ['an age in the name of another directive', UNSAID, caching('x-max-age=600')],
    ['an age in a string', UNSAID, caching('private="max-age=600"')],
    ['no-store', UNSAID, caching('no-store')],
    ['no-cache', UNSAID, caching('no-cache, no-store, must-revalidate')],
    ['an invalid directive', UNSAID, caching('\xff\x80, ;;==,,')],
    ['8,000 commas', UNSAID, caching(','.repeat(8000))],
    ['the same directive 900 times without a number', UNSAID, caching('max-age='.repeat(900))],
    ['an Expires header in the past', UNSAID, { Expires: 'Thu, 01 Jan 1970 00:00:00 GMT', Age: '999999999' }],
    ['a Date header in the future', UNSAID, { Date: 'Fri, 31 Dec 9999 23:59:59 GMT', Expires: '0', Vary: '*' }],
  ]

  it.each(rows)('with %s: for %i ms', async (_says, ms, headers) => {
    const issuer = await startKeyIssuer()
    const api = startApiOf(issuer, 60_000)
    issuer.answer(({ response, good: body }) => void response.writeHead(200, headers).end(body))
    expect(await api.ask(good)).toEqual([200])
    // The refresh begins after 80 to 90 %, and later callers wait for it.
    for (const [share, asked] of [
      [0.79, 1],
      [0.22, 2],
    ] as const) {
      api.advance(share * ms)
      expect(await api.ask(good)).toEqual([200])
      expect(issuer.asked).toHaveLength(asked)
    }
  })
})

describe('an issuer that fails is fetched again', () => {
  const SOON = 'in about a second'
  const rows: [says: string, header: string | string[] | undefined, seconds: number | typeof SOON][] = [
    ['none', undefined, SOON],
    ['an empty one', '', SOON],
    ['0', '0', SOON],
    ['1', '1', SOON],
    ['a negative one', '-30', SOON],
    ['a fraction', '30.5', SOON],
    ['an exponent', '3e1', SOON],
    ['words', 'soon', SOON],
    ['a unit', '30 seconds', SOON],
    ['infinity', 'Infinity', SOON],
    ['400 digits', '9'.repeat(400), SOON],
    ['a date', 'Fri, 31 Dec 2099 23:59:59 GMT', SOON],
    ['a date in the past', 'Thu, 01 Jan 1970 00:00:00 GMT', SOON],
    ['two', ['30', '40'], SOON],
    ['a non-ASCII value', '\xff', SOON],
    ['30', '30', 30],
    ['30 and a space', '30 ', 30],
    ['0030', '0030', 30],
    ['a minute', '60', 60],
    ['more than a minute', '61', 60],
    ['an hour', '3600', 60],
    ['more than a lifetime', '999999999', 60],
  ]
  const cases = [429, 503].flatMap((status) => rows.map(([says, ...row]) => [says, status, ...row] as const))

  it.each(cases)('with Retry-After: %s and status %i', async (_says, status, header, seconds) => {
    const issuer = await startKeyIssuer()
    const withKeys = startApiOf(issuer, 60_000)
    const without = startApiOf(issuer, 60_000)
    expect(await withKeys.ask(good)).toEqual([200])
    issuer.answer(({ response, good: body }) => {
      response.writeHead(status, header === undefined ? {} : { 'Retry-After': header }).end(body)
    })
    withKeys.advance(6 * MINUTE)
    expect(await withKeys.ask(good)).toEqual([200])
    expect(await without.ask(good)).toEqual(UNAVAILABLE)
    expect(issuer.asked).toHaveLength(3)

    for (const [api, most] of [
      [withKeys, 60],
      [without, 5],
    ] as const) {
      const failed = api.events.find((event) => event.type === 'keys-failed')
      const wait = seconds === SOON ? 1250 : Math.min(most, seconds) * SECOND
      expect(failed?.retryInMs).toBeLessThanOrEqual(wait)
      if (seconds === SOON) continue
      expect(failed?.retryInMs).toBeGreaterThan(wait - SECOND)
      const [status503, code, retryAfter] = await api.ask(signer('made_up').token())
      expect([status503, code]).toEqual([503, 'keys-unavailable'])
      // The monotonic clock is real, so a moment has passed.
      expect(retryAfter).toBeLessThanOrEqual(wait / SECOND)
      expect(retryAfter).toBeGreaterThan(wait / SECOND - 4)
    }
    expect(issuer.asked).toHaveLength(3)

    issuer.heal()
    for (const api of [withKeys, without]) {
      api.advance(61 * SECOND)
      expect(await api.ask(key.token())).toEqual([200])
    }
    expect(issuer.asked).toHaveLength(5)
  })
})
