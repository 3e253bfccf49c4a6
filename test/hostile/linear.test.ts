import { createClerkAuth, type AuthSource } from '@clerk-auth/core'
import { describe, expect, it } from 'vitest'
import { PARTY } from './apis.js'
import { KEY_SET } from './keys.js'
import { base64url, HEADER, NOW } from './token.js'

const clerk = createClerkAuth(
  { jwks: { keys: [...KEY_SET] }, issuer: PARTY, authorizedParties: PARTY, cookies: true, now: () => NOW },
  {},
)

const withHeader = (authorization: string): AuthSource => ({ headers: { authorization } })
const withCookie = (cookie: string): AuthSource => ({ method: 'GET', headers: { cookie } })
const withPayload = (payload: string) =>
  withHeader(`Bearer ${base64url(HEADER)}.${base64url(payload)}.${'A'.repeat(342)}`)
const withJoseHeader = (header: string) => withHeader(`Bearer ${base64url(header)}.e30.${'A'.repeat(342)}`)

/** Requests that grow with `n`, up to the maximum size of a token or a header. */
const GROWING: Record<string, (n: number) => AuthSource> = {
  'dots in a token': (n) => withHeader(`Bearer ${'.'.repeat(8 * n)}`),
  'letters in a token': (n) => withHeader(`Bearer ${'a'.repeat(8 * n)}`),
  'integers as names': (n) => withPayload(`{${Array.from({ length: 0.4 * n }, (_, i) => `"${i * 65_536}":0`).join()}}`),
  'one name, repeated': (n) => withPayload(`{${Array.from({ length: 0.8 * n }, () => '"a":0').join()}}`),
  'nested arrays': (n) => withPayload('['.repeat(5 * n)),
  'nested objects': (n) => withPayload('{"a":'.repeat(n)),
  'nested arrays in the header': (n) => withJoseHeader('['.repeat(5 * n)),
  'backslashes in a string': (n) => withPayload(`{"a":"${String.raw`\\`.repeat(2 * n)}"}`),
  quotes: (n) => withPayload('"'.repeat(5 * n)),
  'spaces before a token': (n) => withHeader(`Bearer ${' '.repeat(16 * n)}\xff`),
  'spaces after a word': (n) => withHeader(`x${' '.repeat(16 * n)}\xff`),
  'spaces in a token': (n) => withHeader(`Bearer a${' '.repeat(16 * n)}b`),
  'spaces after a comma': (n) => withHeader(`Bearer a,${' '.repeat(16 * n)}\xff`),
  'tabs after a comma': (n) => withHeader(`x,${'\t'.repeat(16 * n)}\xff`),
  'commas in the header': (n) => withHeader(`Bearer ${','.repeat(16 * n)}\xff`),
  'words in the header': (n) => withHeader('Bearer a '.repeat(2 * n)),
  'semicolons in a cookie': (n) => withCookie(';'.repeat(16 * n)),
  'spaces in a cookie': (n) => withCookie(`${' '.repeat(16 * n)}__session`),
  'spaces within a cookie': (n) => withCookie(`__session${' '.repeat(16 * n)}=`),
  'quotes in a cookie': (n) => withCookie(`__session=${'"'.repeat(8 * n)}`),
  'cookies of one name': (n) => withCookie('__session=a;'.repeat(2 * n)),
  'cookies of many names': (n) => withCookie(Array.from({ length: 2 * n }, (_, i) => `a${i}=b`).join(';')),
}

/** The fastest of several runs, because slower ones only measure other load on the machine. */
async function fastest(source: AuthSource): Promise<number> {
  let best = Infinity
  for (let i = 0; i < 15; i++) {
    const start = performance.now()
    const auth = await clerk.authenticate(source)
    best = Math.min(best, performance.now() - start)
    // A request refused for its size does no work, so it measures nothing.
    if (auth.isAuthenticated || auth.error.code === 'token-too-large')
      throw new Error('the request must be refused for its content')
  }
  return best
}

describe('work on a hostile request', () => {
  it.each(Object.entries(GROWING))('grows no faster than the request: %s', async (_, grown) => {
    await fastest(grown(1000))
    const small = await fastest(grown(125))
    const large = await fastest(grown(1000))
    // Eight times the input takes about eight times as long if the work is linear, and 64 times if it is quadratic.
    expect(large / small).toBeLessThan(20)
  })
})
