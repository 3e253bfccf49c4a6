import { createHmac, createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { primesOf, rsaByHand } from './custom-rsa-keys.js'
import { p256, signer, signingInput, type Alg, type Jwk, type Pair } from './signer.js'

/** A bad key, and a token that would be accepted if the key were used. */
export type BadKey = readonly [name: string, jwk: Jwk, token: string]

export const BAD = 'bad'

const ec = p256()
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ed = generateKeyPairSync('ed25519')
const ed448 = generateKeyPairSync('ed448')

const symmetric: readonly BadKey[] = [
  ['is symmetric', { kty: 'oct', k: bytes(32).toString('base64url') }, signedBy(ec)],
  ['is symmetric and declares RS256', { kty: 'oct', k: 'AAAA', alg: 'RS256', use: 'sig' }, signedBy(rsa, 'RS256')],
]

const meantForSomethingElse = [
  ...['enc', 'SIG', 'sig ', '', 1, null, ['sig']].map((use) => ({ use })),
  ...[['encrypt'], ['sign'], [], ['VERIFY'], 'verify', { 0: 'verify' }, null, 1].map((key_ops) => ({ key_ops })),
  ...['none', 'HS256', 'ES384', 'RS256', 'es256', '', 1, null, ['ES256']].map((alg) => ({ alg })),
].map((members): BadKey => [`has ${JSON.stringify(members)}`, { ...jwkOf(ec), ...members }, signedBy(ec)])

const SMALL = 3n
const LARGE = 2n ** 64n + 13n
const [p, q] = primesOf(1024, 2, [SMALL, LARGE]) as [bigint, bigint]
/** The same primes make a valid key: so what is wrong with the others is what they declare. */
export const goodByHand = rsaByHand([p, q], SMALL)

const weakOrSlow: readonly BadKey[] = [
  ['is RSA of 1,024 bits', ...rsaOf(1024)],
  ['is RSA of 2,047 bits', ...rsaOf(2047)],
  ['is RSA of more than 8,192 bits', ...byHand(primesOf(516, 16, [65537n]), 65537n)],
  ['is RSA with an exponent of 1, whose signature is the message itself', ...byHand([p, q], 1n)],
  ['is RSA with an exponent of 65 bits', ...byHand([p, q], LARGE)],
  ['is RSA with an even modulus', ...byHand([2n, p, q], SMALL)],
]

const n = String(jwkOf(rsa)['n'])
const brokenRsa = [
  { e: 'Ag' },
  { e: 'AA' },
  { e: '' },
  { e: undefined },
  { e: 65537 },
  { e: 'AAEAAQ' },
  { e: 'AQAB=' },
  { e: n },
  { n: '' },
  { n: undefined },
  { n: [n] },
  { n: `${n}=` },
  { n: Buffer.concat([Buffer.alloc(1), Buffer.from(n, 'base64url')]).toString('base64url') },
  { n: Buffer.from(n, 'base64url').toString('base64') },
  { n: 'A'.repeat(342) },
  { kty: 'rsa' },
  { kty: 'EC' },
  { kty: undefined },
  { kty: ['RSA'] },
].map((members): BadKey => [
  `is RSA with ${JSON.stringify(members, (_, value: unknown) => value ?? null).slice(0, 40)}`,
  { ...jwkOf(rsa), ...members },
  signedBy(rsa, 'RS256'),
])

const zeroed = withLeadingZero()
const x = Buffer.from(String(jwkOf(ec)['x']), 'base64url')
const brokenEc: readonly BadKey[] = [
  ['is EC with a point that is not on the curve', { ...jwkOf(ec), x: bytes(32).toString('base64url') }, signedBy(ec)],
  [
    'is EC with the point at infinity',
    { ...jwkOf(ec), x: base64url(Buffer.alloc(32)), y: base64url(Buffer.alloc(32)) },
    signedBy(ec),
  ],
  ['is EC without y', { ...jwkOf(ec), y: undefined }, signedBy(ec)],
  [
    'is EC with a coordinate of 33 bytes',
    { ...jwkOf(ec), x: base64url(Buffer.concat([Buffer.alloc(1), x])) },
    signedBy(ec),
  ],
  ['is EC with a coordinate of 31 bytes', { ...jwkOf(zeroed), x: shortened(zeroed) }, signedBy(zeroed)],
  ['is EC with another curve', { ...jwkOf(ec), crv: 'P-384' }, signedBy(ec)],
  ['is EC with an unknown curve', { ...jwkOf(ec), crv: undefined }, signedBy(ec)],
  ['is EC with an unsupported curve', ...secp256k1()],
]

const edX = Buffer.from(String(jwkOf(ed)['x']), 'base64url')
const brokenOkp: readonly BadKey[] = [
  ['is Ed25519 of 31 bytes', { ...jwkOf(ed), x: base64url(edX.subarray(1)) }, signedBy(ed, 'EdDSA')],
  [
    'is Ed25519 of 33 bytes',
    { ...jwkOf(ed), x: base64url(Buffer.concat([edX, Buffer.alloc(1)])) },
    signedBy(ed, 'EdDSA'),
  ],
  ['is Ed448', jwkOf(ed448), signedBy(ed448, 'EdDSA')],
  ['is for key agreement', jwkOf(generateKeyPairSync('x25519')), signedBy(ed, 'EdDSA')],
  // RFC 8032 section 5.1: with such a point one signature is valid for many messages, and needs no private key.
  ...['01', 'ec', '00'].map((first): BadKey => [`is Ed25519 of small order, ${first}…`, ...smallOrder(first)]),
]

export const badKeys: readonly BadKey[] = [
  ...symmetric,
  ...meantForSomethingElse,
  ...weakOrSlow,
  ...brokenRsa,
  ...brokenEc,
  ...brokenOkp,
]

/** Signed with the secret that an `oct` key would have. */
export function hmacToken(secret: Buffer): string {
  const input = signingInput({ alg: 'HS256', kid: BAD })
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

export function signedBy(pair: Pair, alg: Alg = 'ES256'): string {
  return signer(BAD, pair, alg).token()
}

function jwkOf({ publicKey }: Pair): Jwk {
  return publicKey.export({ format: 'jwk' })
}

function rsaOf(modulusLength: number): [Jwk, string] {
  const pair = generateKeyPairSync('rsa', { modulusLength })
  return [jwkOf(pair), signedBy(pair, 'RS256')]
}

function byHand(primes: readonly bigint[], e: bigint): [Jwk, string] {
  const key = rsaByHand(primes, e)
  const input = signingInput({ alg: 'RS256', kid: BAD })
  return [key.jwk, `${input}.${base64url(key.sign(input))}`]
}

function secp256k1(): [Jwk, string] {
  const pair = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
  return [jwkOf(pair), signedBy(pair)]
}

function withLeadingZero(): Pair {
  for (;;) {
    const pair = p256()
    if (Buffer.from(String(jwkOf(pair)['x']), 'base64url')[0] === 0) return pair
  }
}

function shortened(pair: Pair): string {
  return base64url(Buffer.from(String(jwkOf(pair)['x']), 'base64url').subarray(1))
}

function smallOrder(first: string): [Jwk, string] {
  const last = first === 'ec' ? '7f' : '00'
  const point = Buffer.from(first + (first === 'ec' ? 'ff' : '00').repeat(30) + last, 'hex')
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: base64url(point) }
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  const signature = Buffer.concat([Buffer.from([1]), Buffer.alloc(63)])
  for (let i = 0; ; i++) {
    const input = signingInput({ alg: 'EdDSA', kid: BAD }, { attempt: i })
    if (verify(null, Buffer.from(input), key, signature)) return [jwk, `${input}.${base64url(signature)}`]
  }
}

function bytes(length: number): Buffer {
  return Buffer.alloc(length, 7)
}

function base64url(bytes: Buffer): string {
  return bytes.toString('base64url')
}
