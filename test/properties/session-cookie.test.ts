import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { readSessionCookie } from '../../packages/core/src/request/session-cookie.js'
import { codeOf } from '../../packages/core/test/fixtures-tokens.js'
import { runs } from './runs.js'

const NAMES = ['__session_l2OS3d9k', '__session']

/** The rules in their simplest form, and slow: split at each semicolon, then look for each name. */
function model(headers: readonly string[]): string | undefined {
  const pairs = headers.flatMap((header) => header.split(';')).map((pair) => pair.replace(/^[ \t]+/, ''))
  for (const name of NAMES) {
    const values = pairs
      .filter((pair) => pair.startsWith(`${name}=`))
      .map((pair) => pair.slice(name.length + 1).replace(/^"(.*)"$/s, '$1'))
    if (new Set(values).size > 1) return 'credentials-ambiguous'
    if (values[0]) return values[0]
  }
  return undefined
}

const piece = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...NAMES, ...NAMES.map((name) => `${name}=`)) },
  { weight: 3, arbitrary: fc.constantFrom(';', '; ', ';\t', ';;', '; __session=', '=', ' ', '\t', '"', ',') },
  { weight: 1, arbitrary: fc.constantFrom('a', 'b', 'x', '_', '__session_', 'é', '\u00a0', '__SESSION=', '__Host-') },
)
const header = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''))

test('the session cookie is the one found by splitting at semicolons, for any cookies', () => {
  const property = fc.property(fc.array(header, { minLength: 1, maxLength: 3 }), (headers) => {
    let read: string | undefined
    const code = codeOf(() => (read = readSessionCookie({ headers: { cookie: headers } }, NAMES)))
    expect(code ?? read).toBe(model(headers))
  })
  fc.assert(property, runs(5000))
})
