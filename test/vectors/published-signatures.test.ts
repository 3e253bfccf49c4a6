import { describe, expect, test } from 'vitest'
import type { Algorithm } from '../../packages/core/src/crypto/algorithms.js'
import { codeOf } from '../../packages/core/test/fixtures-tokens.js'
import { both, onBoth } from './implementations.js'
import { A2, A3, A4, JOE_CLAIMS } from './rfc7515.js'
import { BILBO_EC, BILBO_RSA, ECDSA, FRODO, RSA_PSS, RSA_V15, THREE_SIGNATURES } from './rfc7520.js'
import { ED25519 } from './rfc8037.js'
import { compact, type SignatureVector } from './signature-vector.js'
import { apiWith, outcomesOf, signs } from './verdicts.js'

const VECTORS: readonly SignatureVector[] = [A2, A3, A4, RSA_V15, RSA_PSS, ECDSA, ED25519]

/** What the key of a vector, after our own import, returns for a signature over a message. */
function says({ jwk, alg }: { jwk: object; alg: Algorithm }, message: string, signature: string) {
  return onBoth(async ({ importJwk }) => signs(await importJwk(jwk), alg, message, signature))
}

describe.each(VECTORS)('$source › $alg', (vector) => {
  const { alg, header, payload, signature } = vector
  const message = `${header}.${payload}`

  test('the signature is valid', async () => {
    expect(await says(vector, message, signature)).toEqual(both(true))
  })

  test('the signature has the length of the key', async () => {
    const length = Buffer.from(signature, 'base64url').length
    expect(await onBoth(async ({ importJwk }) => (await importJwk(vector.jwk))?.signatureLength)).toEqual(both(length))
  })

  test('the signature is invalid with any bit of its first and last bytes changed', async () => {
    const bytes = Buffer.from(signature, 'base64url')
    for (const place of [0, bytes.length >> 1, bytes.length - 1]) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = Buffer.from(bytes)
        changed[place]! ^= 1 << bit
        const said = await says(vector, message, changed.toString('base64url'))
        expect(said, `bit ${bit} of byte ${place}`).toEqual(both(false))
      }
    }
  })

  test.each(VECTORS.filter((other) => other !== vector))(
    'the signature is invalid over the message of $source',
    async (other) => {
      expect(await says(vector, `${other.header}.${other.payload}`, signature)).toEqual(both(false))
    },
  )

  const others = VECTORS.filter(({ jwk: { kty, n, x } }) => {
    const isSame = n === vector.jwk['n'] && x === vector.jwk['x']
    return kty === vector.jwk['kty'] && !isSame
  })
  test.each(others)('the signature is invalid with the key of $source', async ({ jwk }) => {
    // A key of another curve is not even tried.
    const verdict = jwk['crv'] === vector.jwk['crv'] ? false : undefined
    expect(await says({ alg, jwk: { ...jwk, alg } }, message, signature)).toEqual(both(verdict))
  })
})

describe('RFC 7520 section 4.8 › a message with three signatures', () => {
  const [first, second] = THREE_SIGNATURES.signatures

  test('the first is valid, over another header than in section 4.1', async () => {
    expect(await says({ alg: 'RS256', jwk: BILBO_RSA }, `${first.protected}.${FRODO}`, first.signature)).toEqual(
      both(true),
    )
  })

  test('the second is valid, with an empty header', async () => {
    expect(await says({ alg: 'ES512', jwk: BILBO_EC }, `.${FRODO}`, second.signature)).toEqual(both(true))
  })
})

describe('RFC 7520 section 4.2 › an RSA key verifies PSS only if it declares it', () => {
  const message = `${RSA_PSS.header}.${RSA_PSS.payload}`

  test.each([
    ['declares nothing, as published', {}, undefined],
    ['says PS384', { alg: 'PS384' }, true],
    ['says PS256', { alg: 'PS256' }, undefined],
    ['says RS256', { alg: 'RS256' }, undefined],
  ] as const)('one that %s', async (_name, said, verdict) => {
    const jwk = { ...BILBO_RSA, ...said }
    expect(await says({ alg: 'PS384', jwk }, message, RSA_PSS.signature)).toEqual(both(verdict))
  })

  test('one for PS384 verifies nothing else', async () => {
    const jwk = { ...BILBO_RSA, alg: 'PS384' }
    const algorithms = onBoth(async ({ importJwk }) => [...((await importJwk(jwk))?.verifiers.keys() ?? [])])
    expect(await algorithms).toEqual(both(['PS384']))
  })
})

describe('the compact serialization of the published signatures', () => {
  test.each([A2, A3])('$source is split into the published parts', async (vector) => {
    const { alg, header, payload, signature } = vector
    const parts = await onBoth(({ splitJws, decodePayload }) => {
      const jws = splitJws(compact(vector))
      return { jws, claims: decodePayload(jws.encodedPayload) }
    })
    for (const { jws, claims } of Object.values(parts)) {
      expect(jws.header).toEqual({ alg, kid: undefined, typ: undefined, cat: undefined })
      expect(claims).toEqual(JOE_CLAIMS)
      expect(jws.signingInput).toBe(`${header}.${payload}`)
      expect(Buffer.from(jws.signature).toString('base64url')).toBe(signature)
    }
  })

  // Its claims are checked after its signature, and do not have the required fields.
  test.each([A2, A3])('$source is refused for its claims, or for its signature if that was changed', async (v) => {
    const api = apiWith({
      jwtKey: JSON.stringify(v.jwk),
      acceptsToken: 'jwt_template',
      now: () => JOE_CLAIMS.exp * 1000 - 1,
    })
    const other = v.signature.startsWith('A') ? 'B' : 'A'
    expect(await outcomesOf(compact(v), api)).toEqual(both('token-claim-invalid'))
    expect(await outcomesOf(compact({ ...v, signature: other + v.signature.slice(1) }), api)).toEqual(
      both('token-invalid-signature'),
    )
  })

  test.each([A4, RSA_V15, RSA_PSS, ECDSA, ED25519])(
    '$source is refused: its payload is not a claims set',
    async (v) => {
      expect(await refusalsOf(compact(v))).toEqual(both('token-malformed'))
      // That is the only reason to refuse it.
      expect(await refusalsOf(compact({ ...v, payload: A2.payload }))).toEqual(both(undefined))
    },
  )

  function refusalsOf(token: string) {
    return onBoth(({ splitJws, decodePayload }) => codeOf(() => decodePayload(splitJws(token).encodedPayload)))
  }
})
