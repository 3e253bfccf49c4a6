import { expect, test } from 'vitest'
import { isBase32Secret, isTotpCode } from '../src/credentials/totp.js'
import { totpCode } from './authenticator-app.js'

// RFC 6238, appendix B: the secret "12345678901234567890" in base32, and the last six digits for SHA-1.
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const VECTORS = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [20_000_000_000, '353130'],
] as const

test.each(VECTORS)('the code at %d seconds is that of RFC 6238', (seconds, code) => {
  expect(isTotpCode(SECRET, code, seconds * 1000)).toBe(true)
})

test('a code is accepted in its period, the one before and the one after', () => {
  const code = totpCode(SECRET, 600_000)
  const accepted = [540, 570, 600, 629, 659, 660].filter((seconds) => isTotpCode(SECRET, code, seconds * 1000))
  expect(accepted).toEqual([570, 600, 629, 659])
})

test.each(['', '28708', '2870820', ' 287082', '28708a', '٢٨٧٠٨٢'])('%j is not a code', (code) => {
  expect(isTotpCode(SECRET, code, 59_000)).toBe(false)
})

test.each([
  ['GEZDGNBVGY3TQOJQ', true],
  ['gezdgnbvgy3tqojq', true],
  ['GEZDG===', true],
  ['', false],
  ['GEZDGNBVGY3TQOJ1', false],
  ['GEZDGN', false],
  ['GEZD GNBV', false],
  ['A'.repeat(264), false],
])('%j is a base32 secret: %s', (secret, isSecret) => {
  expect(isBase32Secret(secret)).toBe(isSecret)
})
