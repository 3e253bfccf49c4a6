import type { Table } from '../attacks.js'
import { accepted, refused, type Case } from '../case.js'
import { joined, L, SMALL_POINTS, split, withNonceZero } from '../ed25519.js'
import { ED25519, eddsa, KID, rs256, type Signer } from '../keys.js'
import { toBigInt, toBytes } from '../numbers.js'
import { K, MODULUS, PKCS1_SIGNERS, pss } from '../rsa.js'
import { partsOf, replaced, session, USER } from '../token.js'

const by =
  (alg: string, kid: string) =>
  (sign: Signer): string =>
    session({}, { alg, kid }, sign)

const byEd25519 = by('EdDSA', KID.ed25519)
const byRsa = by('RS256', KID.rsa)

/** Creates a token for each named value. */
function tokens<T>(values: Readonly<Record<string, T>>, tokenOf: (value: T) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, tokenOf(value)]))
}

const zero = Buffer.of(0)

const ED = {
  's + L': (signature: Buffer) => joined(split(signature).r, split(signature).s + L),
  's + 7 L': (signature: Buffer) => joined(split(signature).r, split(signature).s + 7n * L),
  's = L': (signature: Buffer) => joined(split(signature).r, L),
  's = 0': (signature: Buffer) => joined(split(signature).r, 0n),
  's negated': (signature: Buffer) => joined(split(signature).r, L - split(signature).s),
  's with its highest bit set': (signature: Buffer) => joined(split(signature).r, split(signature).s + 2n ** 255n),
  'R with the other sign': (signature: Buffer) =>
    Buffer.from(signature.map((byte, i) => (i === 31 ? byte ^ 0x80 : byte))),
  'R and s swapped': (signature: Buffer) => Buffer.concat([signature.subarray(32), signature.subarray(0, 32)]),
  'R of all ones': (signature: Buffer) => joined(Buffer.alloc(32, 0xff), split(signature).s),
  'all ones': () => Buffer.alloc(64, 0xff),
  '63 bytes': (signature: Buffer) => signature.subarray(0, 63),
  '65 bytes': (signature: Buffer) => Buffer.concat([signature, zero]),
  '128 bytes': (signature: Buffer) => Buffer.concat([signature, signature]),
  '32 bytes': (signature: Buffer) => signature.subarray(0, 32),
} as const

const rsaValue = (value: bigint, length = K) => byRsa(() => toBytes(value, length))

/** The same value plus n, if it still fits into the length of a signature. */
function notReducedRsa(): string {
  for (let i = 0; i < 10_000; i++) {
    const token = session({ jti: `${i}` })
    const value = toBigInt(Buffer.from(partsOf(token).signature, 'base64url')) + MODULUS
    if (value < 2n ** BigInt(8 * K)) return replaced(token, { signature: toBytes(value, K).toString('base64url') })
  }
  throw new Error('no signature is small enough')
}

export const eddsaRsa = {
  'a non-canonical Ed25519 signature': refused('token-invalid-signature', {
    ...tokens(ED, (change) => byEd25519((input) => change(eddsa(input)))),
    ...(Object.fromEntries(
      Object.entries(SMALL_POINTS).flatMap(([name, r]) => [
        [`R ${name} and s 0`, byEd25519(() => joined(r, 0n))],
        ...(name === 'the neutral element'
          ? []
          : [[`R ${name}, by the nonce 0`, byEd25519(withNonceZero(ED25519, r))]]),
      ]),
    ) as Record<string, string>),
  }),

  'an RSA signature of the wrong length or value': [
    ...refused('token-invalid-signature', {
      '255 bytes': byRsa((input) => rs256(input).subarray(0, K - 1)),
      '255 bytes, without the first': byRsa((input) => rs256(input).subarray(1)),
      '257 bytes, with a leading zero': byRsa((input) => Buffer.concat([zero, rs256(input)])),
      '257 bytes, with a trailing zero': byRsa((input) => Buffer.concat([rs256(input), zero])),
      '512 bytes': byRsa((input) => Buffer.concat([rs256(input), rs256(input)])),
      '1 byte': byRsa(() => zero),
      '0': rsaValue(0n),
      '1': rsaValue(1n),
      n: rsaValue(MODULUS),
      'n - 1': rsaValue(MODULUS - 1n),
      'n + 1': rsaValue(MODULUS + 1n),
      'all ones': rsaValue(2n ** BigInt(8 * K) - 1n),
      'not reduced': notReducedRsa(),
      negated: byRsa((input) => toBytes(MODULUS - toBigInt(rs256(input)), K)),
      'the bytes in reverse order': byRsa((input) => Buffer.from(rs256(input).toReversed())),
      'the signing input instead of a signature': byRsa((input) =>
        Buffer.concat([Buffer.alloc(1), input]).subarray(0, K),
      ),
    }),
  ],

  'RSA padding that is almost PKCS #1': refusedExceptValid(tokens(PKCS1_SIGNERS, byRsa)),

  'PSS with other parameters': refusedExceptValid(
    tokens(
      {
        'not: valid': pss({}),
        'no salt': pss({ saltLength: 0 }),
        'a salt of 20 bytes': pss({ saltLength: 20 }),
        'a salt of 31 bytes': pss({ saltLength: 31 }),
        'a salt of 33 bytes': pss({ saltLength: 33 }),
        'the longest possible salt': pss({ saltLength: 222 }),
        'a SHA-1 mask': pss({ mask: 'sha1' }),
        'a SHA-512 mask': pss({ mask: 'sha512' }),
        'a SHA-1 digest': pss({ digest: 'sha1', saltLength: 20, mask: 'sha1' }),
        'a SHA-512 digest': pss({ digest: 'sha512', saltLength: 64, mask: 'sha512' }),
        'a SHA-384 digest and a SHA-256 mask': pss({ digest: 'sha384' }),
        'another trailer byte': pss({ trailer: 0xcc }),
        'a filler that is not zero': pss({ filler: 1 }),
      },
      by('PS256', KID.ps256),
    ),
  ),
} satisfies Partial<Table<'signatures'>>

/** The value named `not:` is valid and made by the same code, which shows that the others fail for the right reason. */
function refusedExceptValid(all: Record<string, string>): Case[] {
  const isGood = ([name]: readonly [string, string]) => name.startsWith('not:')
  const entries = Object.entries(all)
  return [
    ...accepted({ userId: USER }, Object.fromEntries(entries.filter(isGood))),
    ...refused('token-invalid-signature', Object.fromEntries(entries.filter((entry) => !isGood(entry)))),
  ]
}
