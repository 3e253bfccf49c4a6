import type { Table } from '../attacks.js'
import { accepted, refused, type Case } from '../case.js'
import { joined, L, SMALL_POINTS, split, withNonceZero } from '../ed25519.js'
import { ED25519, eddsa, KID, rs256, type Signer } from '../keys.js'
import { toBigInt, toOctets } from '../numbers.js'
import { K, MODULUS, PKCS1_SIGNERS, pss } from '../rsa.js'
import { partsOf, replaced, session, USER } from '../token.js'

const by =
  (alg: string, kid: string) =>
  (sign: Signer): string =>
    session({}, { alg, kid }, sign)

const byEd25519 = by('EdDSA', KID.ed25519)
const byRsa = by('RS256', KID.rsa)

/** Makes tokens of signatures, by their names. */
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
  'R with another sign': (signature: Buffer) =>
    Buffer.from(signature.map((octet, i) => (i === 31 ? octet ^ 0x80 : octet))),
  'R and s changed about': (signature: Buffer) => Buffer.concat([signature.subarray(32), signature.subarray(0, 32)]),
  'R of all ones': (signature: Buffer) => joined(Buffer.alloc(32, 0xff), split(signature).s),
  'all zeros': () => Buffer.alloc(64),
  'all ones': () => Buffer.alloc(64, 0xff),
  '63 octets': (signature: Buffer) => signature.subarray(0, 63),
  '65 octets': (signature: Buffer) => Buffer.concat([signature, zero]),
  '128 octets': (signature: Buffer) => Buffer.concat([signature, signature]),
  '32 octets': (signature: Buffer) => signature.subarray(0, 32),
} as const

const rsaValue = (value: bigint, length = K) => byRsa(() => toOctets(value, length))

/** The same number modulo n, where it still fits into the length of a signature. */
function notReducedRsa(): string {
  for (let i = 0; i < 10_000; i++) {
    const token = session({ jti: `${i}` })
    const value = toBigInt(Buffer.from(partsOf(token).signature, 'base64url')) + MODULUS
    if (value < 2n ** BigInt(8 * K)) return replaced(token, { signature: toOctets(value, K).toString('base64url') })
  }
  throw new Error('no signature is small enough')
}

export const eddsaRsa = {
  'an Ed25519 signature that is not canonical': refused('token-invalid-signature', {
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

  'an RSA signature of another length or value': [
    ...refused('token-invalid-signature', {
      '255 octets': byRsa((input) => rs256(input).subarray(0, K - 1)),
      '255 octets, without the first': byRsa((input) => rs256(input).subarray(1)),
      '257 octets, with a zero in front': byRsa((input) => Buffer.concat([zero, rs256(input)])),
      '257 octets, with a zero after it': byRsa((input) => Buffer.concat([rs256(input), zero])),
      '512 octets': byRsa((input) => Buffer.concat([rs256(input), rs256(input)])),
      '1 octet': byRsa(() => zero),
      '0': rsaValue(0n),
      '1': rsaValue(1n),
      n: rsaValue(MODULUS),
      'n - 1': rsaValue(MODULUS - 1n),
      'n + 1': rsaValue(MODULUS + 1n),
      'all ones': rsaValue(2n ** BigInt(8 * K) - 1n),
      'not reduced': notReducedRsa(),
      negated: byRsa((input) => toOctets(MODULUS - toBigInt(rs256(input)), K)),
      'the octets the other way round': byRsa((input) => Buffer.from(rs256(input).toReversed())),
      'what is signed, and no signature': byRsa((input) => Buffer.concat([Buffer.alloc(1), input]).subarray(0, K)),
    }),
  ],

  'RSA padding that is almost PKCS #1': asRefusedUnlessNot(tokens(PKCS1_SIGNERS, byRsa)),

  'PSS with other parameters': asRefusedUnlessNot(
    tokens(
      {
        'not: as they should be': pss({}),
        'no salt': pss({ saltLength: 0 }),
        'a salt of 20 octets': pss({ saltLength: 20 }),
        'a salt of 31 octets': pss({ saltLength: 31 }),
        'a salt of 33 octets': pss({ saltLength: 33 }),
        'a salt as long as can be': pss({ saltLength: 222 }),
        'a mask by SHA-1': pss({ mask: 'sha1' }),
        'a mask by SHA-512': pss({ mask: 'sha512' }),
        'a digest by SHA-1': pss({ digest: 'sha1', saltLength: 20, mask: 'sha1' }),
        'a digest by SHA-512': pss({ digest: 'sha512', saltLength: 64, mask: 'sha512' }),
        'a digest by SHA-384, and the mask by SHA-256': pss({ digest: 'sha384' }),
        'another octet at the end': pss({ trailer: 0xcc }),
        'a filler that is not zero': pss({ filler: 1 }),
      },
      by('PS256', KID.ps256),
    ),
  ),
} satisfies Partial<Table<'signatures'>>

/** What begins with `not:` is how it should be, made by the same hand: it shows that the rest fails for its own sake. */
function asRefusedUnlessNot(all: Record<string, string>): Case[] {
  const isGood = ([name]: readonly [string, string]) => name.startsWith('not:')
  const entries = Object.entries(all)
  return [
    ...accepted({ userId: USER }, Object.fromEntries(entries.filter(isGood))),
    ...refused('token-invalid-signature', Object.fromEntries(entries.filter((entry) => !isGood(entry)))),
  ]
}
