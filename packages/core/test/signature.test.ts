import { constants, createHash, privateEncrypt, sign, type KeyObject } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { describe, expect, test } from 'vitest'
import { ALGORITHMS, type Algorithm, type PublicJwk } from '../src/crypto/algorithms.js'
import * as node from '../src/crypto/signature.node.js'
import * as web from '../src/crypto/signature.web.js'
import { keyPair, ORDERS, toBigInt, toBytes, type Jwk, type KeyPair } from './fixtures.js'

const NAMES = Object.keys(ALGORITHMS) as Algorithm[]
const IMPLEMENTATIONS = { node, web } as const
const RSA_BITS = 2048
const INPUT = 'eyJhbGciOiJ4In0.eyJzdWIiOiJ1c2VyX2FsaWNlIn0'

const PAIRS = {
  RSA: keyPair(RSA_BITS),
  'P-256': keyPair('P-256'),
  'P-384': keyPair('P-384'),
  'P-521': keyPair('P-521'),
  Ed25519: keyPair('Ed25519'),
}

function pairOf(algorithm: Algorithm): KeyPair {
  const rule = ALGORITHMS[algorithm]
  return PAIRS[rule.kty === 'RSA' ? 'RSA' : rule.crv]
}

/** A leading zero does not change the number, and OpenSSL accepts it for PSS. */
function signatureWithoutLeadingZero(algorithm: Algorithm, pair: KeyPair): Buffer {
  const signature = signAs(algorithm, pair)
  return signature[0] === 0 && ALGORITHMS[algorithm].kty === 'RSA' && algorithm.startsWith('PS')
    ? signatureWithoutLeadingZero(algorithm, pair)
    : signature
}

function signAs(algorithm: Algorithm, { privateKey }: KeyPair, input = INPUT): Buffer {
  const rule = ALGORITHMS[algorithm]
  const data = Buffer.from(input)
  switch (rule.kty) {
    case 'RSA':
      return sign(
        `sha${rule.hash}`,
        data,
        rule.padding === 'pss'
          ? { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: rule.hash / 8 }
          : privateKey,
      )
    case 'EC':
      return sign(`sha${rule.hash}`, data, { key: privateKey, dsaEncoding: 'ieee-p1363' })
    case 'OKP':
      return sign(null, data, privateKey)
  }
}

const bytes = (data: string | Uint8Array) => new Uint8Array(typeof data === 'string' ? Buffer.from(data) : data)

/** The result of each of the two implementations. */
async function results(algorithm: Algorithm, jwk: Jwk, signature: Uint8Array, input = INPUT) {
  const publicJwk = jwk as unknown as PublicJwk
  const says = async ({ importKey }: typeof node | typeof web) =>
    (await importKey(publicJwk, [algorithm])).get(algorithm)!(bytes(input), bytes(signature))
  return { node: await says(node), web: await says(web) }
}

const BOTH_ACCEPT = { node: true, web: true }
const BOTH_REFUSE = { node: false, web: false }

describe.each(NAMES)('signature › %s', (algorithm) => {
  const pair = pairOf(algorithm)
  const signature = signatureWithoutLeadingZero(algorithm, pair)

  test('accepts a signature of the key', async () => {
    expect(await results(algorithm, pair.publicJwk, signature)).toEqual(BOTH_ACCEPT)
  })

  test('refuses the signature of another key', async () => {
    const rule = ALGORITHMS[algorithm]
    const other = keyPair(rule.kty === 'RSA' ? RSA_BITS : rule.crv)
    expect(await results(algorithm, pair.publicJwk, signAs(algorithm, other))).toEqual(BOTH_REFUSE)
  })

  test.each([
    ['another payload', INPUT.slice(0, -1) + 'B'],
    ['another header', `f${INPUT.slice(1)}`],
    ['less', INPUT.slice(0, -1)],
    ['more', `${INPUT}A`],
    ['nothing', ''],
  ])('refuses a signature over %s', async (_name, input) => {
    expect(await results(algorithm, pair.publicJwk, signature, input)).toEqual(BOTH_REFUSE)
  })

  test('refuses a signature with one bit changed, wherever it is', async () => {
    const places = [0, 1, 7, 8 * (signature.length >> 1), 8 * signature.length - 1]
    for (const bit of places) {
      const changed = Buffer.from(signature)
      changed[bit >> 3]! ^= 0x80 >> (bit & 7)
      expect(await results(algorithm, pair.publicJwk, changed), `bit ${bit}`).toEqual(BOTH_REFUSE)
    }
  })

  // Lengths are compared before a signature is verified. These tests show that security does not depend on it.
  test.each<[string, (valid: Buffer) => Uint8Array]>([
    ['of no bytes', () => Buffer.alloc(0)],
    ['of one byte', () => Buffer.alloc(1)],
    ['without its last byte', (valid) => valid.subarray(0, -1)],
    ['without its first byte', (valid) => valid.subarray(1)],
    ['with a zero appended', (valid) => Buffer.concat([valid, Buffer.alloc(1)])],
    ['with a zero prepended', (valid) => Buffer.concat([Buffer.alloc(1), valid])],
    ['repeated twice', (valid) => Buffer.concat([valid, valid])],
    ['of zeros', (valid) => Buffer.alloc(valid.length)],
    ['of ones', (valid) => Buffer.alloc(valid.length, 0xff)],
    ['of 128 zeros', () => Buffer.alloc(128)],
    ['reversed', (valid) => Buffer.from(valid).toReversed()],
  ])('refuses a signature %s', async (_name, spoil) => {
    expect(await results(algorithm, pair.publicJwk, spoil(signature))).toEqual(BOTH_REFUSE)
  })
})

describe('signature › mixed-up algorithms', () => {
  const cases = NAMES.flatMap((signed) =>
    NAMES.filter((asked) => {
      const [one, other] = [ALGORITHMS[signed], ALGORITHMS[asked]]
      return one !== other && one.kty === 'RSA' && other.kty === 'RSA'
    }).map((asked) => [signed, asked] as const),
  )
  test.each(cases)('refuses a %s signature as a %s signature', async (signed, asked) => {
    const pair = pairOf(asked)
    expect(await results(asked, pair.publicJwk, signAs(signed, pair))).toEqual(BOTH_REFUSE)
  })

  test.each([
    ['ES256', 'sha384'],
    ['ES256', 'sha512'],
    ['ES384', 'sha256'],
    ['ES512', 'sha256'],
    ['ES512', 'sha384'],
  ] as const)('an %s signature of a %s digest is refused', async (algorithm, digest) => {
    const { privateKey, publicJwk } = pairOf(algorithm)
    const signature = sign(digest, Buffer.from(INPUT), { key: privateKey, dsaEncoding: 'ieee-p1363' })
    expect(await results(algorithm, publicJwk, signature)).toEqual(BOTH_REFUSE)
  })

  test('EdDSA and Ed25519 are two names of one algorithm', async () => {
    const { publicJwk } = PAIRS.Ed25519
    expect(await results('Ed25519', publicJwk, signAs('EdDSA', PAIRS.Ed25519))).toEqual(BOTH_ACCEPT)
    expect(await results('EdDSA', publicJwk, signAs('Ed25519', PAIRS.Ed25519))).toEqual(BOTH_ACCEPT)
  })
})

describe.each(['ES256', 'ES384', 'ES512'] as const)('signature › %s, forged', (algorithm) => {
  const { crv } = ALGORITHMS[algorithm]
  const { publicJwk, privateKey } = PAIRS[crv]
  const n = ORDERS[crv]
  const length = { 'P-256': 32, 'P-384': 48, 'P-521': 66 }[crv]
  const most = (1n << BigInt(8 * length)) - 1n
  const valid = signAs(algorithm, PAIRS[crv])
  const r = toBigInt(valid.subarray(0, length))
  const s = toBigInt(valid.subarray(length))
  const pairOfNumbers = (one: bigint, other: bigint) => Buffer.concat([toBytes(one, length), toBytes(other, length)])

  test('refuses r and s at the limits of their range', async () => {
    const edges = { '0': 0n, '1': 1n, 'n-1': n - 1n, n, 'n+1': n + 1n, '2^k-1': most, r, s }
    for (const [nameOfR, one] of Object.entries(edges)) {
      for (const [nameOfS, other] of Object.entries(edges)) {
        if (nameOfR === 'r' && nameOfS === 's') continue
        const said = await results(algorithm, publicJwk, pairOfNumbers(one, other))
        expect(said, `r = ${nameOfR}, s = ${nameOfS}`).toEqual(BOTH_REFUSE)
      }
    }
  })

  test('refuses the same numbers if they are not reduced', async () => {
    for (const [one, other] of [
      [r + n, s],
      [r, s + n],
      [r + n, s + n],
    ] as const) {
      if (one > most || other > most) continue // does not fit into a signature of this curve
      expect(await results(algorithm, publicJwk, pairOfNumbers(one, other))).toEqual(BOTH_REFUSE)
    }
  })

  test('accepts (r, n-s) too, which is valid by the standard', async () => {
    expect(await results(algorithm, publicJwk, pairOfNumbers(r, n - s))).toEqual(BOTH_ACCEPT)
  })

  test.each<[string, () => Buffer]>([
    ['as DER', () => sign(`sha${ALGORITHMS[algorithm].hash}`, Buffer.from(INPUT), privateKey)],
    ['with r and s swapped', () => pairOfNumbers(s, r)],
    ['with a zero before r and before s', () => Buffer.concat([toBytes(r, length + 1), toBytes(s, length + 1)])],
    ['with only r', () => toBytes(r, length)],
    ['with s negative', () => pairOfNumbers(r, (1n << BigInt(8 * length)) - s)],
  ])('refuses a signature %s', async (_name, make) => {
    expect(await results(algorithm, publicJwk, make())).toEqual(BOTH_REFUSE)
  })
})

describe('signature › EdDSA, forged', () => {
  const { publicJwk } = PAIRS.Ed25519
  const valid = signAs('EdDSA', PAIRS.Ed25519)
  const R = valid.subarray(0, 32)
  const s = toBigInt(Buffer.from(valid.subarray(32)).toReversed())
  const L = ORDERS.Ed25519
  const p = (1n << 255n) - 19n
  const littleEndian = (value: bigint) => toBytes(value, 32).toReversed()
  const withR = (value: bigint, scalar = 0n) => Buffer.concat([littleEndian(value), littleEndian(scalar)])

  test.each<[string, () => Buffer]>([
    ['with S + L', () => Buffer.concat([R, littleEndian(s + L)])],
    ['with S + 2L', () => Buffer.concat([R, littleEndian(s + 2n * L)])],
    ['with S = L', () => Buffer.concat([R, littleEndian(L)])],
    ['with S = 0', () => Buffer.concat([R, littleEndian(0n)])],
    [
      'with the sign of R flipped',
      () => Buffer.concat([littleEndian(toBigInt(Buffer.from(R).toReversed()) ^ (1n << 255n)), valid.subarray(32)]),
    ],
    ['with R the neutral point and S = 0', () => withR(1n)],
    ['with R as the neutral point, not reduced', () => withR(p + 1n)],
    ['with R of order 2', () => withR(p - 1n)],
    ['with R of order 4', () => withR(0n)],
    ['with R = p', () => withR(p)],
    ['with R not on the curve', () => withR(2n)],
    ['with R and S of ones', () => Buffer.alloc(64, 0xff)],
  ])('refuses a signature %s', async (_name, make) => {
    expect(await results('EdDSA', publicJwk, make())).toEqual(BOTH_REFUSE)
  })
})

describe('signature › RSA, forged', () => {
  const { publicJwk, privateKey } = PAIRS.RSA
  const length = RSA_BITS / 8
  const n = toBigInt(Buffer.from(publicJwk['n'] as string, 'base64url'))

  test('refuses a number larger than the modulus', async () => {
    // Adding the modulus does not always fit into the signature, so take the first one where it does.
    let i = 0
    let input: string
    let number: bigint
    do {
      input = `${INPUT}${i++}`
      number = toBigInt(signAs('RS256', PAIRS.RSA, input)) + n
    } while (number >= 1n << BigInt(RSA_BITS))
    expect(await results('RS256', publicJwk, toBytes(number - n, length), input)).toEqual(BOTH_ACCEPT)
    expect(await results('RS256', publicJwk, toBytes(number, length), input)).toEqual(BOTH_REFUSE)
  })

  test.each([
    ['0', 0n],
    ['1', 1n],
    ['the modulus minus one', n - 1n],
    ['the modulus', n],
  ])('refuses %s', async (_name, number) => {
    expect(await results('RS256', publicJwk, toBytes(number, length))).toEqual(BOTH_REFUSE)
    expect(await results('PS256', publicJwk, toBytes(number, length))).toEqual(BOTH_REFUSE)
  })

  const digest = createHash('sha256').update(INPUT).digest()
  const SHA256_INFO = '3031300d060960864801650304020105000420'
  const encoded = ({ block = '0001', fill = 0xff, info = SHA256_INFO, after = '', gap = '00' }): Buffer => {
    const tail = Buffer.concat([Buffer.from(gap + info, 'hex'), digest])
    const behind = Buffer.from(after, 'hex')
    const padding = Buffer.alloc(length - 2 - tail.length - behind.length, fill)
    return Buffer.concat([Buffer.from(block, 'hex'), padding, tail, behind])
  }

  test('accepts the valid encoding that the forged ones derive from', async () => {
    expect(await results('RS256', publicJwk, rawSign(privateKey, encoded({})))).toEqual(BOTH_ACCEPT)
  })

  test.each<[string, () => Buffer]>([
    ['without NULL', () => encoded({ info: '302f300b06096086480165030402010420' })],
    ['with lengths in the long form', () => encoded({ info: '308131300d060960864801650304020105000420' })],
    ['with an indefinite length', () => encoded({ info: '3080300d060960864801650304020105000420' })],
    ['with the identifier of another digest', () => encoded({ info: '3031300d060960864801650304020205000420' })],
    ['with a non-empty NULL', () => encoded({ info: '3033300f06096086480165030402010502aabb0420' })],
    ['with only the digest', () => encoded({ info: '' })],
    ['with bytes after the digest', () => encoded({ after: 'aabbccdd' })],
    ['with almost no padding, and bytes after the digest', () => encoded({ after: '00'.repeat(length - 2 - 52 - 8) })],
    ['with padding of zeros', () => encoded({ fill: 0 })],
    ['with padding for encryption', () => encoded({ block: '0002' })],
    ['with block type 0', () => encoded({ block: '0000' })],
    ['with a first byte of 1', () => encoded({ block: '0101' })],
    ['without a separator', () => encoded({ gap: '' })],
  ])('refuses a signature %s', async (_name, make) => {
    expect(await results('RS256', publicJwk, rawSign(privateKey, make()))).toEqual(BOTH_REFUSE)
  })

  test.each([
    ['PS256', 256],
    ['PS384', 384],
    ['PS512', 512],
  ] as const)('%s has a salt as long as its digest', async (algorithm, hash) => {
    for (const saltLength of [0, 20, hash / 8 - 1, hash / 8 + 1, constants.RSA_PSS_SALTLEN_MAX_SIGN]) {
      const signature = sign(`sha${hash}`, Buffer.from(INPUT), {
        key: privateKey,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength,
      })
      expect(await results(algorithm, publicJwk, signature), `salt of ${saltLength}`).toEqual(BOTH_REFUSE)
    }
  })

  test('PS256 uses one digest throughout', async () => {
    const made = (digest: string, mask: string) => rawSign(privateKey, pssEncode(digest, mask))
    expect(await results('PS256', publicJwk, made('sha256', 'sha256'))).toEqual(BOTH_ACCEPT)
    expect(await results('PS256', publicJwk, made('sha256', 'sha1'))).toEqual(BOTH_REFUSE)
    expect(await results('PS256', publicJwk, made('sha256', 'sha512'))).toEqual(BOTH_REFUSE)
    expect(await results('PS256', publicJwk, made('sha1', 'sha256'))).toEqual(BOTH_REFUSE)
  })

  function rawSign(key: KeyObject, block: Buffer): Buffer {
    return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, block)
  }

  /** EMSA-PSS-ENCODE (RFC 8017 section 9.1.1), with a digest of its own for the mask. */
  function pssEncode(digestName: string, maskDigest: string): Buffer {
    const hash = (name: string, ...parts: Buffer[]) => createHash(name).update(Buffer.concat(parts)).digest()
    const salt = Buffer.alloc(32, 7)
    const h = hash(digestName, Buffer.alloc(8), hash(digestName, Buffer.from(INPUT)), salt)
    const data = Buffer.concat([Buffer.alloc(length - salt.length - h.length - 2), Buffer.from([1]), salt])
    let mask = Buffer.alloc(0)
    for (let i = 0; mask.length < data.length; i++)
      mask = Buffer.concat([mask, hash(maskDigest, h, toBytes(BigInt(i), 4))])
    const masked = data.map((byte, i) => byte ^ mask[i]!)
    masked[0]! &= 0x7f
    return Buffer.concat([masked, h, Buffer.from([0xbc])])
  }
})

describe('signature › keys that are slow to verify with', () => {
  test('are verified off the event loop, but other keys are not', async () => {
    const verifies = (algorithm: Algorithm, { publicJwk }: KeyPair) =>
      node.importKey(publicJwk as unknown as PublicJwk, [algorithm]).get(algorithm)!(
        bytes(INPUT),
        bytes(signAs(algorithm, pairOf(algorithm))),
      )
    const fast = (['RS256', 'PS512', 'ES256', 'EdDSA'] as const).map((name) => verifies(name, pairOf(name)))
    expect(fast).toEqual([true, true, true, true])
    const slow = (['ES384', 'ES512'] as const).map((name) => verifies(name, pairOf(name)))
    expect(slow.every((verdict) => verdict instanceof Promise)).toBe(true)
    for (const verdict of slow) expect(await verdict).toBe(true)
  })

  test.each([
    [4096, false],
    [4097, true],
    [8192, true],
  ])('include RSA keys of more than 4096 bits: with %i it is %s', async (bits, isSlow) => {
    // Any odd number will do as a modulus, because no signature has to be valid.
    const modulus = Buffer.alloc(Math.ceil(bits / 8), 0xd5)
    modulus[0] = 0xff >> (8 * modulus.length - bits)
    const n = modulus.toString('base64url')
    const verify = node.importKey({ kty: 'RSA', n, e: 'AQAB' }, ['RS256']).get('RS256')!
    const verdict = verify(bytes(INPUT), new Uint8Array(modulus.length))
    expect(verdict instanceof Promise).toBe(isSlow)
    expect(await verdict).toBe(false)
  })
})

test.each(['RS256', 'PS256', 'ES256', 'EdDSA'] as const)('signature › malformed %s signatures', (name) => {
  const verify = node.importKey(pairOf(name).publicJwk as unknown as PublicJwk, [name]).get(name)!
  for (const nothing of [undefined, null, 5, 'signature', {}])
    expect(verify(bytes(INPUT), nothing as never)).toBe(false)
})

describe('signature › invalid key members', () => {
  const { x, y } = PAIRS['P-256'].publicJwk as unknown as { x: string; y: string }
  test.each<[string, Algorithm, PublicJwk]>([
    ['a point that is not on its curve', 'ES256', { kty: 'EC', crv: 'P-256', x, y: x }],
    ['swapped coordinates', 'ES256', { kty: 'EC', crv: 'P-256', x: y, y: x }],
    ['coordinates of zero', 'ES256', { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) }],
    ['an unknown curve', 'ES256', { kty: 'EC', crv: 'P-257', x, y }],
    [
      'an Ed25519 point of 31 bytes',
      'EdDSA',
      { kty: 'OKP', crv: 'Ed25519', x: Buffer.alloc(31, 9).toString('base64url') },
    ],
  ])('%s throws', async (_name, algorithm, jwk) => {
    for (const { importKey } of Object.values(IMPLEMENTATIONS))
      await expect((async () => importKey(jwk, [algorithm]))()).rejects.toThrow(/./)
  })
})

describe('signature › sha256', () => {
  test.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ])('of %j is computed as in FIPS 180-4', async (text, digest) => {
    expect(node.sha256(text)).toBe(digest)
    expect(await web.sha256(text)).toBe(digest)
  })
})

describe('signature › published vectors', () => {
  const JOE = 'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ'
  const FRODO =
    'SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5k' +
    'IGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4'
  const BILBO_RSA = {
    kty: 'RSA',
    n:
      'n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2w' +
      'qVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bT' +
      'wJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5' +
      'iaiQkqgc5gHdrNP5zw',
    e: 'AQAB',
  }
  const vectors: readonly [source: string, algorithm: Algorithm, jwk: Jwk, input: string, signature: string][] = [
    [
      'RFC 7515 appendix A.2',
      'RS256',
      {
        kty: 'RSA',
        n:
          'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SF' +
          'd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo' +
          '7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkM' +
          'Ls91kzk2PAcDTW9gb54h4FRWyuXpoQ',
        e: 'AQAB',
      },
      `eyJhbGciOiJSUzI1NiJ9.${JOE}`,
      'cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CU' +
        'Ar7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_d' +
        'O--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0ig' +
        'cN_IoypGlUPQGe77Rw',
    ],
    [
      'RFC 7515 appendix A.3',
      'ES256',
      {
        kty: 'EC',
        crv: 'P-256',
        x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
        y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
      },
      `eyJhbGciOiJFUzI1NiJ9.${JOE}`,
      'DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q',
    ],
    [
      'RFC 7520 section 4.1',
      'RS256',
      BILBO_RSA,
      `eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.${FRODO}`,
      'MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDk' +
        'oBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9Uzp' +
        'ERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogo' +
        'ree7vjbU5y18kDquDg',
    ],
    [
      'RFC 7520 section 4.2',
      'PS384',
      BILBO_RSA,
      `eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.${FRODO}`,
      'cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6O8TTB5dDDItllVo6_1OL' +
        'PpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shn' +
        'r2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6' +
        'oD4ifKo8DYM-X72Eaw',
    ],
    [
      'RFC 7520 section 4.3',
      'ES512',
      {
        kty: 'EC',
        crv: 'P-521',
        x: 'AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRXYgCF5cj0Kt',
        y: 'AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQkAgDPrwQrJmbnX9cwlGfP-HqHZR1',
      },
      `eyJhbGciOiJFUzUxMiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.${FRODO}`,
      'AE_R_YZCChjn4791jSQCrdPZCNYqHXCTZH0-JZGYNlaAjP2kqaluUIIUnC9qvbu9Plon7KRTzoNEuT4Va2cmL1eJAQy3mtPBu_u_sDDyYjnA' +
        'MDxXPn7XrT0lw-kvAD890jl8e2puQens_IEKBpHABlsbEPX6sFY8OcGDqoRuBomu9xQ2',
    ],
    [
      'RFC 8037 appendix A.4',
      'EdDSA',
      { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
      'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc',
      'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
    ],
  ]
  test.each(vectors)('%s: %s is accepted', async (_source, algorithm, jwk, input, signature) => {
    expect(await results(algorithm, jwk, Buffer.from(signature, 'base64url'), input)).toEqual(BOTH_ACCEPT)
  })
})

describe('slow algorithms, in the thread pool of Node', () => {
  const pair = PAIRS['P-521']
  const verify = node.importKey(pair.publicJwk as unknown as PublicJwk, ['ES512']).get('ES512')!
  const signature = bytes(signAs('ES512', pair))
  const once = async () => verify(bytes(INPUT), signature)

  test('have a limit on waiting verifications', async () => {
    const outcomes = await Promise.all(Array.from({ length: 1000 }, once))
    expect(outcomes).toEqual(Array.from({ length: 1000 }, (_, i) => (i < 258 ? true : undefined)))
    expect(await once()).toBe(true)
  })

  test('leave threads for DNS lookups, which fetching keys needs', async () => {
    let done = 0
    const all = Promise.all(Array.from({ length: 200 }, () => once().then(() => done++)))
    await lookup('localhost')
    expect(done).toBeLessThan(150)
    await all
  })
})
