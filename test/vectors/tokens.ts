import { constants, sign, type KeyObject } from 'node:crypto'
import { ALGORITHMS, type Algorithm } from '../../packages/core/src/crypto/algorithms.js'
import { sessionClaims } from '../../packages/core/test/fixtures.js'

/** The `kid` of every token here. */
export const KID = 'key_1'

/** The signing input of a session token. The same claims give the same string. */
export function signingInput(alg: string, claims: object = {}, header: object = {}): string {
  return `${part({ alg, typ: 'JWT', kid: KID, ...header })}.${part({ ...sessionClaims(), ...claims })}`
}

export function withSignature(input: string, signature: Uint8Array): string {
  return `${input}.${Buffer.from(signature).toString('base64url')}`
}

export function tokenOf(alg: Algorithm, privateKey: KeyObject, claims: object = {}, header: object = {}): string {
  const input = signingInput(alg, claims, header)
  return withSignature(input, signatureOf(alg, privateKey, input))
}

/** A signature as RFC 7518 section 3 specifies, with the salt of PSS or another digest if requested. */
export function signatureOf(
  alg: Algorithm,
  key: KeyObject,
  input: string,
  { digest, saltLength }: { readonly digest?: string; readonly saltLength?: number } = {},
): Buffer {
  const rule = ALGORITHMS[alg]
  const data = Buffer.from(input)
  if (rule.kty === 'OKP') return sign(null, data, key)
  const name = digest ?? `sha${rule.hash}`
  if (rule.kty === 'EC') return sign(name, data, { key, dsaEncoding: 'ieee-p1363' })
  if (rule.padding === 'pkcs1') return sign(name, data, key)
  return sign(name, data, {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: saltLength ?? rule.hash / 8,
  })
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
