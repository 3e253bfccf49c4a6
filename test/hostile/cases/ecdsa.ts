import type { Table } from '../attacks.js'
import { accepted, refused, type Case } from '../case.js'
import { CURVES, edges, integer, raw, readRaw, sequence, encodings } from '../ecdsa.js'
import { es256, es384, es512, KID, type Signer } from '../keys.js'
import { session, USER } from '../token.js'

const EC = {
  'P-256': { alg: 'ES256', kid: KID.p256, sign: es256 },
  'P-384': { alg: 'ES384', kid: KID.p384, sign: es384 },
  'P-521': { alg: 'ES512', kid: KID.p521, sign: es512 },
} as const

type Curve = keyof typeof EC

const by =
  (alg: string, kid: string) =>
  (sign: Signer): string =>
    session({}, { alg, kid }, sign)

const byEc = (curve: Curve, sign: Signer) => by(EC[curve].alg, EC[curve].kid)(sign)

/** Creates a token for each named value. */
function tokens<T>(values: Readonly<Record<string, T>>, tokenOf: (value: T) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, tokenOf(value)]))
}

function edgePairs(curve: Curve): Record<string, string> {
  const { length } = CURVES[curve]
  const pairs = Object.entries(edges(curve)).flatMap(([rName, r]) =>
    Object.entries(edges(curve)).map(
      ([sName, s]) => [`${EC[curve].alg}, r ${rName} and s ${sName}`, { r, s }] as const,
    ),
  )
  return tokens(Object.fromEntries(pairs), (pair) => byEc(curve, () => raw(pair, length)))
}

/** One value of a valid signature, with the other replaced. */
function halfValid(curve: Curve): Record<string, string> {
  const { length, order } = CURVES[curve]
  const change = (make: (pair: ReturnType<typeof readRaw>) => ReturnType<typeof readRaw>) =>
    byEc(curve, (input) => raw(make(readRaw(EC[curve].sign(input))), length))
  const { alg } = EC[curve]
  return {
    [`${alg}, r 0`]: change(({ s }) => ({ r: 0n, s })),
    [`${alg}, s 0`]: change(({ r }) => ({ r, s: 0n })),
    [`${alg}, s n`]: change(({ r }) => ({ r, s: order })),
    [`${alg}, r negated`]: change(({ r, s }) => ({ r: order - r, s })),
    [`${alg}, r and s swapped`]: change(({ r, s }) => ({ r: s, s: r })),
  }
}

/** Only for P-521 does a value plus the group order still fit into the signature. */
const notReduced = {
  'ES512, r not reduced': byEc('P-521', (input) => raw(above(es512(input), 'r'), 66)),
  'ES512, s not reduced': byEc('P-521', (input) => raw(above(es512(input), 's'), 66)),
}

function above(signature: Buffer, which: 'r' | 's') {
  const pair = readRaw(signature)
  return { ...pair, [which]: pair[which] + CURVES['P-521'].order }
}

const derTokens = tokens(
  Object.fromEntries(Object.keys(encodings({ r: 1n, s: 1n })).map((name) => [name, name])),
  (name) => byEc('P-256', (input) => encodings(readRaw(es256(input)))[name]!),
)

/** DER of exactly the length of a valid signature, so that the length check does not catch it. */
const derOf64 = {
  'of small integers, padded with zeros to 64 bytes': Buffer.concat([
    sequence([integer(1n), integer(1n)]),
    Buffer.alloc(56),
  ]),
  'of integers of 29 bytes': sequence([integer(2n ** 230n + 1n), integer(2n ** 230n + 3n)]),
}

const reshaped = (curve: Curve, change: (signature: Buffer) => Buffer) =>
  byEc(curve, (input) => change(EC[curve].sign(input)))

const half = (signature: Buffer, which: 0 | 1) => signature.subarray(which * 32, which * 32 + 32)
const zero = Buffer.of(0)

export const ecdsa = {
  'ECDSA values at the edge of their range': [
    ...refused('token-invalid-signature', edgePairs('P-256')),
    ...(['P-256', 'P-384', 'P-521'] as const).flatMap((curve) => refused('token-invalid-signature', halfValid(curve))),
    ...refused('token-invalid-signature', notReduced),
    ...fewEdges('P-384'),
    ...fewEdges('P-521'),
  ],

  'an ECDSA signature in DER': refused('token-invalid-signature', {
    ...derTokens,
    ...tokens(derOf64, (signature) => byEc('P-256', () => signature)),
    'ES384, as it should be': reshaped('P-384', (signature) => encodings(readRaw(signature))['valid']!),
    'ES512, as it should be': reshaped('P-521', (signature) => encodings(readRaw(signature))['valid']!),
  }),

  'an ECDSA signature of the wrong length': refused('token-invalid-signature', {
    '63 bytes': reshaped('P-256', (signature) => signature.subarray(0, 63)),
    '65 bytes': reshaped('P-256', (signature) => Buffer.concat([signature, zero])),
    '65 bytes, with a leading zero': reshaped('P-256', (signature) => Buffer.concat([zero, signature])),
    '128 bytes': reshaped('P-256', (signature) => Buffer.concat([signature, signature])),
    '32 bytes': reshaped('P-256', (signature) => half(signature, 0)),
    '1 byte': byEc('P-256', () => zero),
    'a zero before each value': reshaped('P-256', (signature) =>
      Buffer.concat([zero, half(signature, 0), zero, half(signature, 1)]),
    ),
    '16 zeros before each value': reshaped('P-256', (signature) =>
      Buffer.concat([Buffer.alloc(16), half(signature, 0), Buffer.alloc(16), half(signature, 1)]),
    ),
    'the IEEE P1363 format after a length': reshaped('P-256', (signature) =>
      Buffer.concat([Buffer.of(4, 64), signature]),
    ),
    'ES384, 95 bytes': reshaped('P-384', (signature) => signature.subarray(1)),
    'ES384, 132 bytes': reshaped('P-384', (signature) => Buffer.concat([signature, Buffer.alloc(36)])),
    'ES512, 131 bytes': reshaped('P-521', (signature) => signature.subarray(1)),
    'ES512, 130 bytes, without the leading zeros': reshaped('P-521', (signature) =>
      Buffer.concat([signature.subarray(1, 66), signature.subarray(67)]),
    ),
  }),

  'an ECDSA signature with s negated': (['P-256', 'P-384', 'P-521'] as const).flatMap((curve) =>
    accepted({ userId: USER }, { [`${EC[curve].alg}, which is also valid`]: twin(curve) }),
  ),
} satisfies Partial<Table<'signatures'>>

function fewEdges(curve: Curve): Case[] {
  const all = Object.entries(edgePairs(curve))
  const few = all.filter(([name]) => /r (0|1|n|all ones) and s (0|1|n|all ones)$/.test(name))
  return refused('token-invalid-signature', Object.fromEntries(few))
}

function twin(curve: Curve): string {
  const { length, order } = CURVES[curve]
  return byEc(curve, (input) => {
    const { r, s } = readRaw(EC[curve].sign(input))
    return raw({ r, s: order - s }, length)
  })
}
