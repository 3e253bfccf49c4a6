import { constants, generateKeyPairSync, sign, type KeyObject, type SignKeyObjectInput } from 'node:crypto'

export type Jwk = Readonly<Record<string, unknown>>

export interface KeyPair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
  readonly jwk: Jwk
}

function pairOf(pair: { publicKey: KeyObject; privateKey: KeyObject }): KeyPair {
  return { ...pair, jwk: pair.publicKey.export({ format: 'jwk' }) }
}

const rsa = () => pairOf(generateKeyPairSync('rsa', { modulusLength: 2048 }))
const ec = (namedCurve: string) => pairOf(generateKeyPairSync('ec', { namedCurve }))

/** The issuer's keys. */
export const RSA = rsa()
export const P256 = ec('P-256')
export const P384 = ec('P-384')
export const P521 = ec('P-521')
export const ED25519 = pairOf(generateKeyPairSync('ed25519'))
const SECP256K1 = ec('secp256k1')
export const ED448 = pairOf(generateKeyPairSync('ed448'))
const X25519 = pairOf(generateKeyPairSync('x25519'))

/** An attacker's key, which the issuer does not publish. */
export const ATTACKER = rsa()

/** Key ids in the key set. */
export const KID = {
  rsa: 'ins_hostile_rsa',
  rs512: 'ins_hostile_rs512_alone',
  ps256: 'ins_hostile_ps256_alone',
  p256: 'ins_hostile_p256',
  p384: 'ins_hostile_p384',
  p521: 'ins_hostile_p521',
  ed25519: 'ins_hostile_ed25519',
  secp256k1: 'ins_hostile_secp256k1',
  ed448: 'ins_hostile_ed448',
  x25519: 'ins_hostile_x25519',
  smallOrder: 'ins_hostile_small_order',
} as const

/** One modulus under three kids, so that the keys differ only in `alg`. */
export const KEY_SET: readonly Jwk[] = [
  { ...RSA.jwk, kid: KID.rsa, use: 'sig' },
  { ...RSA.jwk, kid: KID.rs512, alg: 'RS512' },
  { ...RSA.jwk, kid: KID.ps256, alg: 'PS256' },
  { ...P256.jwk, kid: KID.p256 },
  { ...P384.jwk, kid: KID.p384 },
  { ...P521.jwk, kid: KID.p521 },
  { ...ED25519.jwk, kid: KID.ed25519 },
  { ...SECP256K1.jwk, kid: KID.secp256k1 },
  { ...ED448.jwk, kid: KID.ed448 },
  { ...X25519.jwk, kid: KID.x25519 },
  // The neutral element, with which one signature is valid for every message.
  {
    kty: 'OKP',
    crv: 'Ed25519',
    x: Buffer.from([1, ...Array<number>(31).fill(0)]).toString('base64url'),
    kid: KID.smallOrder,
  },
]

/** The key set of another instance, whose key has the same kid. */
export const OTHER_KEY_SET: readonly Jwk[] = [{ ...ATTACKER.jwk, kid: KID.rsa, use: 'sig' }]

export type Signer = (signingInput: Buffer) => Buffer

export function signer(
  digest: string | null,
  { privateKey }: KeyPair,
  options: Omit<SignKeyObjectInput, 'key'> = {},
): Signer {
  return (signingInput) => sign(digest, signingInput, { key: privateKey, ...options })
}

const { RSA_PKCS1_PSS_PADDING: padding } = constants
const dsaEncoding = 'ieee-p1363'

export const rs256 = signer('sha256', RSA)
export const rs512 = signer('sha512', RSA)
export const ps256 = signer('sha256', RSA, { padding, saltLength: 32 })
export const es256 = signer('sha256', P256, { dsaEncoding })
export const es384 = signer('sha384', P384, { dsaEncoding })
export const es512 = signer('sha512', P521, { dsaEncoding })
export const eddsa = signer(null, ED25519)
export const byAttacker = signer('sha256', ATTACKER)
