import { createHmac, createPublicKey, type KeyObject } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { keyPair, type KeyPair } from '../../packages/core/test/fixtures.js'
import { both } from './implementations.js'
import { KID, signatureOf, signingInput, withSignature } from './tokens.js'
import { apiWith, FORGED, judgeOf, outcomesOf, VALID, verdictsOn } from './verdicts.js'

// RFC 8725 section 2.1: a public value used as an HMAC secret.
const KEYS = {
  RSA: { pair: keyPair(2048), alg: 'RS256' },
  'P-256': { pair: keyPair('P-256'), alg: 'ES256' },
  'P-384': { pair: keyPair('P-384'), alg: 'ES384' },
  'P-521': { pair: keyPair('P-521'), alg: 'ES512' },
  Ed25519: { pair: keyPair('Ed25519'), alg: 'EdDSA' },
} as const

const HMACS = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' } as const

/** Every encoding of a public key, and so every secret that could be made of it. */
function encodingsOf({ publicJwk: jwk, privateKey }: KeyPair): Record<string, string | Buffer> {
  const key = createPublicKey(privateKey)
  const pem = key.export({ type: 'spki', format: 'pem' }) as string
  const der = key.export({ type: 'spki', format: 'der' })
  return {
    PEM: pem,
    'PEM without its last line end': pem.trimEnd(),
    'PEM with CRLF': pem.replaceAll('\n', '\r\n'),
    'PEM with escaped line ends': pem.replaceAll('\n', '\\n'),
    'the base64 of PEM': pem.replaceAll(/-----[^-]+-----|\n/g, ''),
    DER: der,
    'the JWK': JSON.stringify(jwk),
    'the JWK as published': JSON.stringify({ ...jwk, kid: KID }),
    'the JWK, set out': JSON.stringify(jwk, null, 2),
    'the members of the JWK, as for its thumbprint': JSON.stringify(jwk, Object.keys(jwk).sort()),
    'the JWK Set': JSON.stringify({ keys: [{ ...jwk, kid: KID }] }),
    'its kid': KID,
    'the algorithm': 'HS256',
    nothing: '',
    ...numbersOf(jwk),
    ...(key.asymmetricKeyType === 'rsa' && pkcs1Of(key)),
  }
}

function numbersOf(jwk: KeyPair['publicJwk']): Record<string, string | Buffer> {
  const strings = ['n', 'e', 'x', 'y'].flatMap((name) => (typeof jwk[name] === 'string' ? [[name, jwk[name]]] : []))
  const bytes = strings.map(
    ([name = '', value = '']) => [`the bytes of ${name}`, Buffer.from(value, 'base64url')] as const,
  )
  const together = Buffer.concat(bytes.map(([, value]) => value))
  return {
    ...Object.fromEntries(strings.map(([name = '', value = '']) => [`the string of ${name}`, value])),
    ...Object.fromEntries(bytes),
    'all bytes concatenated': together,
    'all bytes concatenated, as an uncompressed point': Buffer.concat([Buffer.from([4]), together]),
  }
}

function pkcs1Of(key: KeyObject): Record<string, string | Buffer> {
  return {
    'PKCS #1 PEM': key.export({ type: 'pkcs1', format: 'pem' }),
    'PKCS #1 DER': key.export({ type: 'pkcs1', format: 'der' }),
  }
}

describe.each(Object.entries(KEYS))('the public %s key as an HMAC secret', (_name, { pair, alg }) => {
  const { publicJwk, privateKey } = pair
  const apis = {
    'an inline set': apiWith({ jwks: { keys: [{ ...publicJwk, kid: KID }] } }),
    PEM: apiWith({ jwtKey: createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }) as string }),
    'a JWK': apiWith({ jwtKey: JSON.stringify(publicJwk) }),
  }
  const judge = judgeOf(publicJwk)
  const spellings = Object.entries(encodingsOf(pair))

  test('a token signed with the key itself is accepted, however the key is configured', async () => {
    const input = signingInput(alg)
    const token = withSignature(input, signatureOf(alg, privateKey, input))
    for (const [way, api] of Object.entries(apis))
      expect(await outcomesOf(token, api), `key from ${way}`).toEqual(both('passed'))
  })

  test.each(spellings)('%s', async (_spelling, secret) => {
    for (const [hmac, digest] of Object.entries(HMACS)) {
      const input = signingInput(hmac)
      const token = withSignature(input, createHmac(digest, secret).update(input).digest())
      for (const [way, api] of Object.entries(apis))
        expect(await outcomesOf(token, api), `${hmac}, key from ${way}`).toEqual(both('token-invalid-algorithm'))
    }
  })

  test.each(spellings)('%s, under the algorithm of the key', async (_spelling, secret) => {
    const input = signingInput(alg)
    for (const digest of Object.values(HMACS)) {
      const token = withSignature(input, createHmac(digest, secret).update(input).digest())
      expect(await judge(token), `by ${digest}`).toEqual(FORGED)
    }
  })
})

describe('a symmetric key in the key set of an issuer', () => {
  const secret = Buffer.alloc(32, 7)
  const oct = { kty: 'oct', k: secret.toString('base64url') }
  const { pair } = KEYS.RSA

  test.each(Object.entries(HMACS))('verifies no %s token, even if it declares that algorithm', async (hmac, digest) => {
    const input = signingInput(hmac)
    const token = withSignature(input, createHmac(digest, secret).update(input).digest())
    for (const jwk of [oct, { ...oct, alg: hmac }, { ...oct, alg: hmac, use: 'sig', key_ops: ['sign', 'verify'] }])
      expect(await verdictsOn(jwk, token)).toEqual(both({ token: 'token-invalid-algorithm', signature: undefined }))
  })

  test('does not replace an RSA key with the same kid', async () => {
    const input = signingInput('RS256')
    const token = withSignature(input, signatureOf('RS256', pair.privateKey, input))
    expect(await verdictsOn(pair.publicJwk, token)).toEqual(VALID)
    const keys = [
      { ...pair.publicJwk, kid: KID },
      { ...pair.publicJwk, kid: 'other' },
    ]
    expect(await outcomesOf(token, apiWith({ jwks: { keys } }))).toEqual(both('passed'))
    expect(await outcomesOf(token, apiWith({ jwks: { keys: [...keys, { ...oct, kid: KID }] } }))).toEqual(
      both('jwk-unsuitable'),
    )
  })

  test.each(['HS256', 'none', 'HMAC'])('an RSA key that declares %s verifies nothing', async (alg) => {
    const jwk = { ...pair.publicJwk, alg }
    const rs256 = signingInput('RS256')
    expect(await verdictsOn(jwk, withSignature(rs256, signatureOf('RS256', pair.privateKey, rs256)))).toEqual(
      both({ token: 'jwk-unsuitable', signature: undefined }),
    )
    const hs256 = signingInput('HS256')
    const digest = createHmac('sha256', JSON.stringify(jwk)).update(hs256).digest()
    expect(await verdictsOn(jwk, withSignature(hs256, digest))).toEqual(
      both({ token: 'token-invalid-algorithm', signature: undefined }),
    )
  })
})
