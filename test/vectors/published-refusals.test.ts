import { createHmac, generateKeyPairSync } from 'node:crypto'
import type { ClerkAuthOptions } from '@clerk-auth/core'
import { describe, expect, test } from 'vitest'
import { both, onBoth } from './implementations.js'
import * as rfc7515 from './rfc7515.js'
import * as rfc7520 from './rfc7520.js'
import * as rfc7797 from './rfc7797.js'
import { compact } from './signature-vector.js'
import { KID, signatureOf, signingInput, withSignature } from './tokens.js'
import { apiWith, outcomesOf, signs, verdictsOn } from './verdicts.js'

const { A1, A2, A3, A5, A6, A7, E, JOE, JOE_CLAIMS } = rfc7515
const { BILBO_EC, BILBO_RSA, BILBO_SECRET, FRODO, HMAC, THREE_SIGNATURES } = rfc7520

/** An API that has every key of these RFCs, including secrets, and a clock at which the token of RFC 7515 is valid. */
const OPTIONS: ClerkAuthOptions = {
  jwks: {
    keys: [
      { ...A2.jwk, kid: '2010-12-29' },
      { ...A3.jwk, kid: 'e9bc097a-ce51-4036-9562-d2ade882db0d' },
      { ...BILBO_EC },
      { kty: 'oct', k: A1.secret, kid: 'HMAC key used in JWS spec Appendix A.1 example' },
      BILBO_SECRET,
    ],
  },
  acceptsToken: ['session_token', 'jwt_template'],
  now: () => JOE_CLAIMS.exp * 1000 - 1,
}
const API = apiWith(OPTIONS)

const mac = (secret: string, message: string) =>
  createHmac('sha256', Buffer.from(secret, 'base64url')).update(message).digest('base64url')

// The minimal difference between any of these and an accepted token: its header, or its form.
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const OWN_KEY = publicKey.export({ format: 'jwk' })
function verdictOn(header: object) {
  const input = signingInput('ES256', {}, header)
  return verdictsOn(OWN_KEY, withSignature(input, signatureOf('ES256', privateKey, input)))
}

describe('HMAC', () => {
  test.each([
    ['RFC 7515 appendix A.1', A1, A1.secret],
    ['RFC 7520 section 4.4', HMAC, BILBO_SECRET.k],
    ['RFC 7797 section 4.1', rfc7797.ENCODED, A1.secret],
  ] as const)('%s is correct, and refused for its algorithm', async (_source, jws, secret) => {
    expect(mac(secret, `${jws.header}.${jws.payload}`)).toBe(jws.signature)
    expect(await outcomesOf(compact(jws), API)).toEqual(both('token-invalid-algorithm'))
  })

  test('is refused at startup by an API whose only key is the secret', async () => {
    const message = await onBoth(async ({ createClerkAuth }) => {
      try {
        await createClerkAuth({ jwks: { keys: [BILBO_SECRET] } }, {}).warmUp()
      } catch (error) {
        return error instanceof TypeError && error.message
      }
      return 'started'
    })
    expect(message).toEqual(both(expect.stringContaining('option "jwks" has no usable key')))
  })
})

describe('no signature', () => {
  test('RFC 7515 appendix A.5 is refused for its algorithm', async () => {
    expect(JSON.parse(Buffer.from(A5.header, 'base64url').toString())).toEqual({ alg: 'none' })
    expect(A5.payload).toBe(A2.payload)
    expect(await outcomesOf(compact(A5), API)).toEqual(both('token-invalid-algorithm'))
  })

  test('it is refused with the signature of another token, too', async () => {
    const token = compact({ ...A5, signature: A2.signature })
    expect(await outcomesOf(token, API)).toEqual(both('token-invalid-algorithm'))
  })

  test('a token that declares RS256 and has no signature is malformed', async () => {
    expect(await outcomesOf(compact({ ...A2, signature: '' }), API)).toEqual(both('token-malformed'))
  })
})

describe('JSON serialization', () => {
  // Its content is valid: in compact form it is refused only for its claims.
  test.each([
    ['general (RFC 7515 appendix A.6), the first signature', A6, A6.signatures[0], A2.jwk],
    ['general (RFC 7515 appendix A.6), the second signature', A6, A6.signatures[1], A3.jwk],
    ['flattened (RFC 7515 appendix A.7)', A7, A7, A3.jwk],
  ])('%s is malformed, although its signature is valid', async (_name, jws, signature, jwk) => {
    const token = compact({ header: signature.protected, payload: jws.payload, signature: signature.signature })
    expect(await outcomesOf(token, apiWith({ ...OPTIONS, jwtKey: JSON.stringify(jwk) }))).toEqual(
      both('token-claim-invalid'),
    )
    expect(await outcomesOf(JSON.stringify(jws), API)).toEqual(both('token-malformed'))
    expect(await outcomesOf(JSON.stringify(jws, null, 1), API)).toEqual(both('token-malformed'))
  })

  test('is not a credential if it is passed as an object', async () => {
    for (const jws of [A6, A7]) expect(await outcomesOf(jws, API)).toEqual(both('credentials-malformed'))
  })

  const [, unprotected, third] = THREE_SIGNATURES.signatures
  test.each([
    ['RFC 7520 section 4.6: "kid" not protected', rfc7520.SOME_HEADERS_PROTECTED, 'eyJhbGciOiJIUzI1NiJ9'],
    ['RFC 7520 section 4.7: nothing protected', rfc7520.CONTENT_PROTECTED_ALONE, ''],
    ['RFC 7520 section 4.8: the last of three signatures', { payload: FRODO, ...third }, third.protected],
  ])('%s is correct, but malformed', async (_name, jws, header) => {
    expect(mac(BILBO_SECRET.k, `${header}.${FRODO}`)).toBe(jws.signature)
    expect(await outcomesOf(JSON.stringify(jws), API)).toEqual(both('token-malformed'))
  })

  test('RFC 7520 section 4.8 is malformed, regardless of the dots in the names of its keys', async () => {
    const first = { payload: FRODO, signatures: THREE_SIGNATURES.signatures.slice(0, 1) }
    for (const [jws, parts] of [
      [first, 3], // as many as in a token
      [THREE_SIGNATURES, 5], // as many as in an encrypted token
    ] as const) {
      expect(JSON.stringify(jws).split('.')).toHaveLength(parts)
      expect(await outcomesOf(JSON.stringify(jws), API)).toEqual(both('token-malformed'))
    }
  })

  test('a signature that protects no header is valid for its key, but makes no token', async () => {
    const valid = onBoth(async ({ importJwk }) =>
      signs(await importJwk(BILBO_EC), 'ES512', `.${FRODO}`, unprotected.signature),
    )
    expect(await valid).toEqual(both(true))
    const token = compact({ header: '', payload: FRODO, signature: unprotected.signature })
    expect(await outcomesOf(token, API)).toEqual(both('token-malformed'))
  })
})

describe('a detached payload', () => {
  test('RFC 7515 appendix F: a token without its payload is malformed', async () => {
    const api = apiWith({ ...OPTIONS, jwtKey: JSON.stringify(A2.jwk) })
    expect(await outcomesOf(compact({ ...A2, payload: '' }), api)).toEqual(both('token-malformed'))
    expect(await outcomesOf(compact(A2), api)).toEqual(both('token-claim-invalid'))
  })

  test('RFC 7520 section 4.5 is malformed', async () => {
    expect(await outcomesOf(compact({ ...HMAC, payload: '' }), API)).toEqual(both('token-malformed'))
  })

  test('RFC 7797 section 4.2 is malformed, with its payload or without', async () => {
    const { header, payload, signature } = rfc7797.UNENCODED
    expect(mac(A1.secret, `${header}.${payload}`)).toBe(signature)
    expect(await outcomesOf(`${header}..${signature}`, API)).toEqual(both('token-malformed'))
    expect(await outcomesOf(`${header}.${payload}.${signature}`, API)).toEqual(both('token-malformed')) // four parts
  })

  test('its payload in base64url is refused for its critical header parameter', async () => {
    const { header, signature } = rfc7797.UNENCODED
    const token = compact({ header, payload: rfc7797.ENCODED.payload, signature })
    expect(await outcomesOf(token, API)).toEqual(both('token-critical-header'))
  })
})

describe('a critical extension', () => {
  test('RFC 7515 appendix E is refused for it, before its algorithm is checked', async () => {
    expect(JSON.parse(Buffer.from(E.header, 'base64url').toString())).toHaveProperty('crit')
    expect(await outcomesOf(compact(E), API)).toEqual(both('token-critical-header'))
  })

  test('is refused on a signed token, while the same token without "crit" is accepted', async () => {
    const extension = { 'http://example.com/UNDEFINED': true }
    expect(await verdictOn(extension)).toEqual(both({ token: 'passed', signature: true }))
    const crit = ['http://example.com/UNDEFINED']
    expect(await verdictOn({ ...extension, crit })).toEqual(both({ token: 'token-critical-header', signature: true }))
  })

  test.each([
    ['as RFC 7797 section 6 asks', { b64: false, crit: ['b64'] }],
    ['without declaring it critical', { b64: false }],
    ['with the default value, declared critical', { b64: true, crit: ['b64'] }],
    ['with the default value', { b64: true }],
  ])('the unencoded payload option, %s, is refused', async (_name, header) => {
    expect(await verdictOn(header)).toEqual(both({ token: 'token-critical-header', signature: true }))
  })

  test('a token with an unencoded payload without a dot is refused, although its signature is valid', async () => {
    const [header = ''] = signingInput('ES256', {}, { b64: false, crit: ['b64'] }).split('.')
    const input = `${header}.{"sub":"user_alice"}`
    const token = withSignature(input, signatureOf('ES256', privateKey, input))
    expect(await verdictsOn(OWN_KEY, token)).toEqual(both({ token: 'token-critical-header', signature: true }))
  })
})

test('a published token is refused, although it is valid, if it does not name its key', async () => {
  // Neither A.2 nor A.3 has a `kid`, and the set has more than one key.
  for (const { header, signature } of [A2, A3])
    expect(await outcomesOf(compact({ header, payload: JOE, signature }), API)).toEqual(both('jwk-kid-mismatch'))
  expect(await outcomesOf(compact(A2), apiWith({ ...OPTIONS, jwks: { keys: [{ ...A2.jwk, kid: KID }] } }))).toEqual(
    both('token-claim-invalid'),
  )
  expect(await outcomesOf(compact(A2), apiWith({ ...OPTIONS, jwks: { keys: [{ ...BILBO_RSA, kid: KID }] } }))).toEqual(
    both('token-invalid-signature'),
  )
})
