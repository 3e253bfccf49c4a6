import { generateKeyPairSync } from 'node:crypto'
import { calculateJwkThumbprint } from 'jose'
import { describe, expect, test } from 'vitest'
import { importJwk, type VerificationKey } from '../src/keys/jwk.js'
import { keyPair } from './fixtures.js'

const RSA = keyPair(2048).publicJwk
const P256 = keyPair('P-256').publicJwk
const P384 = keyPair('P-384').publicJwk
const P521 = keyPair('P-521').publicJwk
const ED = keyPair('Ed25519').publicJwk

async function algorithmsOf(jwk: unknown): Promise<string[] | undefined> {
  const key = await importJwk(jwk)
  return key && [...key.verifiers.keys()]
}

/** A number of this many bits, by default with the highest and the lowest set. */
function modulus(bits: number, last = 0xd5): string {
  const bytes = Buffer.alloc(Math.ceil(bits / 8), 0xd5)
  bytes[0] = 0xff >> (8 * bytes.length - bits)
  bytes[bytes.length - 1] = last
  return bytes.toString('base64url')
}

const rsa = (n: string, e = 'AQAB') => ({ kty: 'RSA', n, e })
const point = (hex: string) => ({ kty: 'OKP', crv: 'Ed25519', x: Buffer.from(hex, 'hex').toString('base64url') })

/** The same y, with the other sign of x. */
function signTurned(hex: string): string {
  const bytes = Buffer.from(hex, 'hex')
  bytes[31]! ^= 0x80
  return bytes.toString('hex')
}

describe('importJwk › what a key may verify', () => {
  test.each<[string, object, string[]]>([
    ['an RSA key verifies RS*, and PS* only if its alg says so', RSA, ['RS256', 'RS384', 'RS512']],
    ['an RSA key with alg RS256', { ...RSA, alg: 'RS256' }, ['RS256']],
    ['an RSA key with alg RS512', { ...RSA, alg: 'RS512' }, ['RS512']],
    ['an RSA key with alg PS256', { ...RSA, alg: 'PS256' }, ['PS256']],
    ['an RSA key with alg PS384', { ...RSA, alg: 'PS384' }, ['PS384']],
    ['a P-256 key', P256, ['ES256']],
    ['a P-384 key', P384, ['ES384']],
    ['a P-521 key', P521, ['ES512']],
    ['a P-521 key with alg ES512', { ...P521, alg: 'ES512' }, ['ES512']],
    ['an Ed25519 key, under both names of its algorithm', ED, ['EdDSA', 'Ed25519']],
    ['an Ed25519 key with alg EdDSA', { ...ED, alg: 'EdDSA' }, ['EdDSA', 'Ed25519']],
    ['an Ed25519 key with alg Ed25519', { ...ED, alg: 'Ed25519' }, ['EdDSA', 'Ed25519']],
    ['a key with use sig', { ...P256, use: 'sig' }, ['ES256']],
    ['a key to verify with', { ...P256, key_ops: ['verify'] }, ['ES256']],
    ['a key to sign and to verify with', { ...P256, key_ops: ['sign', 'verify'] }, ['ES256']],
    ['a key with unknown members', { ...P256, x5c: ['x'], 'x5t#S256': 'x', ext: 1, foo: {} }, ['ES256']],
  ])('%s', async (_name, jwk, algorithms) => {
    expect(await algorithmsOf(jwk)).toEqual(algorithms)
  })
})

describe('importJwk › keys that cannot verify', () => {
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a number', 1],
    ['a string', 'x'],
    ['a list', [P256]],
    ['an empty object', {}],
    ['an unknown type', { ...P256, kty: 'AKP' }],
    ['a type in lower case', { ...P256, kty: 'ec' }],
    ['a type that is the name of an inherited property', { ...P256, kty: '__proto__' }],
    ['a symmetric key', { kty: 'oct', k: 'c2VjcmV0' }],
    ['a symmetric key with alg RS256', { kty: 'oct', k: 'c2VjcmV0', alg: 'RS256' }],

    ['use enc', { ...P256, use: 'enc' }],
    ['use null', { ...P256, use: null }],
    ['use as a list', { ...P256, use: ['sig'] }],
    ['key_ops without verify', { ...P256, key_ops: ['sign'] }],
    ['key_ops to encrypt', { ...RSA, key_ops: ['encrypt'] }],
    ['key_ops as a string', { ...P256, key_ops: 'verify' }],
    ['empty key_ops', { ...P256, key_ops: [] }],
    ['key_ops null', { ...P256, key_ops: null }],

    ['an RSA key for HMAC', { ...RSA, alg: 'HS256' }],
    ['an RSA key for none', { ...RSA, alg: 'none' }],
    ['an RSA key for encryption', { ...RSA, alg: 'RSA-OAEP' }],
    ['an RSA key for ES256', { ...RSA, alg: 'ES256' }],
    ['an RSA key with an alg that is the name of an inherited property', { ...RSA, alg: 'constructor' }],
    ['an RSA key whose alg is null', { ...RSA, alg: null }],
    ['an RSA key whose alg is empty', { ...RSA, alg: '' }],
    ['an RSA key whose alg is a list', { ...RSA, alg: ['RS256'] }],
    ['a P-256 key for ES384', { ...P256, alg: 'ES384' }],
    ['a P-521 key for ES256', { ...P521, alg: 'ES256' }],
    ['a P-256 key for EdDSA', { ...P256, alg: 'EdDSA' }],
    ['an Ed25519 key for ES256', { ...ED, alg: 'ES256' }],

    ['RSA of 1024 bits', rsa(modulus(1024))],
    ['RSA of 2047 bits', rsa(modulus(2047))],
    ['RSA of 8193 bits', rsa(modulus(8193))],
    ['RSA of 65536 bits', rsa(modulus(65536))],
    ['RSA with an even modulus', rsa(modulus(2048, 0xd4))],
    [
      'RSA with a leading zero in the modulus',
      rsa(Buffer.concat([Buffer.alloc(1), Buffer.from(modulus(2048), 'base64url')]).toString('base64url')),
    ],
    ['RSA with e = 0', rsa(modulus(2048), 'AA')],
    ['RSA with e = 1', rsa(modulus(2048), 'AQ')],
    ['RSA with e = 2', rsa(modulus(2048), 'Ag')],
    ['RSA with e = 65536', rsa(modulus(2048), 'AQAA')],
    ['RSA with e of 34 bits', rsa(modulus(2048), Buffer.from('0200000001', 'hex').toString('base64url'))],
    ['RSA with e as long as the modulus', rsa(modulus(2048), modulus(2048))],
    ['RSA with an empty e', rsa(modulus(2048), '')],
    ['RSA without e', { kty: 'RSA', n: RSA['n'] }],
    ['RSA without n', { kty: 'RSA', e: 'AQAB' }],
    ['RSA whose n is a number', { kty: 'RSA', n: 5, e: 'AQAB' }],
    ['RSA whose n is padded', rsa(`${RSA['n'] as string}==`)],
    ['RSA whose n is base64, not base64url', rsa(`+${(RSA['n'] as string).slice(1)}`)],

    ['secp256k1', generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey.export({ format: 'jwk' })],
    ['a P-256 point labelled P-384', { ...P256, crv: 'P-384' }],
    ['a point that is not on its curve', { ...P256, y: P256['x'] }],
    ['a point of zeros', { ...P256, x: 'A'.repeat(43), y: 'A'.repeat(43) }],
    ['a point without y', { kty: 'EC', crv: 'P-256', x: P256['x'] }],
    ['an x of 31 bytes', { ...P256, x: (P256['x'] as string).slice(0, -2) }],
    [
      'an x of 33 bytes',
      {
        ...P256,
        x: Buffer.concat([Buffer.alloc(1), Buffer.from(P256['x'] as string, 'base64url')]).toString('base64url'),
      },
    ],
    ['a y of 31 bytes', { ...P256, y: (P256['y'] as string).slice(0, -2) }],
    [
      'a y of 33 bytes',
      {
        ...P256,
        y: Buffer.concat([Buffer.alloc(1), Buffer.from(P256['y'] as string, 'base64url')]).toString('base64url'),
      },
    ],
    ['an x that is not base64url', { ...P256, x: `*${(P256['x'] as string).slice(1)}` }],
    ['a curve that is the name of an inherited property', { ...P256, crv: 'constructor' }],

    ['Ed448', generateKeyPairSync('ed448').publicKey.export({ format: 'jwk' })],
    ['X25519', generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' })],
    ['an Ed25519 point of 31 bytes', point('09'.repeat(31))],
    ['an Ed25519 point of 33 bytes', point('09'.repeat(33))],
    ['an Ed25519 key without x', { kty: 'OKP', crv: 'Ed25519' }],
  ])('%s', async (_name, jwk) => {
    expect(await algorithmsOf(jwk)).toBeUndefined()
  })

  // RFC 8032 section 5.1.2: the highest bit of the last byte is the sign of x.
  const SMALL = [
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ]
  // p and above, where 0 and 1 have a second encoding: RFC 8032 section 5.1.3.
  const UNREDUCED = ['ed', 'ee', 'ef', 'ff'].map((first) => `${first}${'ff'.repeat(30)}7f`)
  test.each(UNREDUCED.flatMap((hex) => [hex, signTurned(hex)]))(
    'an Ed25519 point that is not reduced: %s',
    async (hex) => {
      expect(await algorithmsOf(point(hex))).toBeUndefined()
    },
  )

  test.each(['01', 'ec'].flatMap((first) => [`${first}${'ff'.repeat(29)}fe7f`, `${first}${'ff'.repeat(30)}7e`]))(
    'but accepts an Ed25519 point just below: %s',
    async (hex) => {
      expect(await algorithmsOf(point(hex))).toEqual(['EdDSA', 'Ed25519'])
    },
  )

  test.each(SMALL.flatMap((hex) => [hex, signTurned(hex)]))('an Ed25519 point of small order: %s', async (hex) => {
    expect(await algorithmsOf(point(hex))).toBeUndefined()
  })
})

describe('importJwk › keys at the limits', () => {
  test.each<[string, object, number]>([
    ['RSA of 2048 bits', rsa(modulus(2048)), 256],
    ['RSA of 2049 bits', rsa(modulus(2049)), 257],
    ['RSA of 3072 bits', rsa(modulus(3072)), 384],
    ['RSA of 8192 bits', rsa(modulus(8192)), 1024],
    ['RSA with e = 3', rsa(modulus(2048), 'Aw'), 256],
    ['RSA with e of 33 bits', rsa(modulus(2048), Buffer.from('0100000001', 'hex').toString('base64url')), 256],
    ['P-256', P256, 64],
    ['P-384', P384, 96],
    ['P-521', P521, 132],
    ['Ed25519', ED, 64],
  ])('accepts %s, with the correct signature length: %#', async (_name, jwk, length) => {
    expect((await importJwk(jwk))?.signatureLength).toBe(length)
  })

  // A point off the curve is only noticed on verification, and then no signature is valid.
  const BELOW_P = [
    `eb${'ff'.repeat(30)}7f`,
    `edfe${'ff'.repeat(29)}7f`,
    `${'ff'.repeat(30)}fe7f`,
    `${'ff'.repeat(31)}7e`,
  ]
  test.each(BELOW_P.flatMap((hex) => [hex, signTurned(hex)]))(
    'accepts an Ed25519 point that is reduced: %s',
    async (hex) => {
      expect(await algorithmsOf(point(hex))).toEqual(['EdDSA', 'Ed25519'])
    },
  )
})

describe('importJwk › the thumbprint', () => {
  const thumbprint = async (jwk: object) => ((await importJwk(jwk)) as VerificationKey).thumbprint

  test.each([
    ['RSA', RSA],
    ['P-256', P256],
    ['P-521', P521],
    ['Ed25519', ED],
  ])('of an %s key is computed as in RFC 7638', async (_name, jwk) => {
    const base64url = await calculateJwkThumbprint(jwk, 'sha256')
    expect(await thumbprint(jwk)).toBe(Buffer.from(base64url, 'base64url').toString('hex'))
  })

  test('does not depend on the kid of a key, or on the order of its members', async () => {
    const { kty, crv, x, y } = P256
    expect(await thumbprint({ kid: 'other', use: 'sig', y, x, crv, kty })).toBe(await thumbprint(P256))
  })

  test('differs between keys', async () => {
    expect(await thumbprint(keyPair('P-256').publicJwk)).not.toBe(await thumbprint(P256))
  })
})

test('importJwk › does not use the private members of a key', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const publicJwk = publicKey.export({ format: 'jwk' })
  const withPrivate = await importJwk(privateKey.export({ format: 'jwk' }))
  expect(withPrivate?.thumbprint).toBe((await importJwk(publicJwk))?.thumbprint)
  expect(await algorithmsOf({ ...publicJwk, d: 'broken', k: 'broken' })).toEqual(['ES256'])
})
