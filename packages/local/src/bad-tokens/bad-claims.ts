import type { BadJwt, Forge } from './forge.js'

const HOUR = 3600
const DAY = 24 * HOUR

/** Correctly signed by the instance, but with claims that none of its tokens should have. */
export const BAD_CLAIMS: readonly BadJwt[] = [
  [
    'expired',
    'token-expired',
    ({ resign, now }) => resign({ claims: { iat: now - 2 * HOUR, nbf: now - 2 * HOUR, exp: now - HOUR } }),
  ],
  [
    'not valid yet',
    'token-not-active-yet',
    ({ resign, now }) => resign({ claims: { iat: now, nbf: now + DAY, exp: now + 2 * DAY } }),
  ],
  [
    'issued in the future',
    'token-iat-in-the-future',
    ({ resign, now }) => resign({ claims: { iat: now + DAY, nbf: now, exp: now + 2 * DAY } }),
  ],
  ['without an expiry', 'token-claim-invalid', ({ resign }) => resign({ claims: { exp: undefined } })],
  [
    'with a string as its expiry',
    'token-claim-invalid',
    ({ resign, claims }) => resign({ claims: { exp: String(claims['exp']) } }),
  ],
  [
    'with a list as its expiry',
    'token-claim-invalid',
    ({ resign, claims }) => resign({ claims: { exp: [claims['exp']] } }),
  ],
  ['that never expires', 'token-claim-invalid', neverExpiring],
  [
    'of another issuer',
    'token-invalid-issuer',
    ({ resign }) => resign({ claims: { iss: 'https://clerk.other.example' } }),
  ],
  [
    'of our issuer and a slash',
    'token-invalid-issuer',
    ({ resign, claims }) => resign({ claims: { iss: `${String(claims['iss'])}/` } }),
  ],
  [
    'of two issuers',
    'token-claim-invalid',
    ({ resign, claims }) => resign({ claims: { iss: [claims['iss'], 'https://clerk.other.example'] } }),
  ],
  [
    'bound to a key of its sender',
    'token-binding-unsupported',
    ({ resign }) => resign({ claims: { cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' } } }),
  ],
  ['without an issuer', 'token-claim-invalid', ({ resign }) => resign({ claims: { iss: undefined } })],
]

/** The number is valid JSON, but infinite after parsing. */
function neverExpiring({ resignRaw, claims }: Forge): Promise<string> {
  const { exp: _, ...rest } = claims
  return resignRaw({ payload: JSON.stringify(rest).replace(/\}$/, ',"exp":1e999}') })
}
