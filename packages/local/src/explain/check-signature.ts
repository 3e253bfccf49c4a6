import { constants, createPublicKey, verify, type JsonWebKey, type KeyObject } from 'node:crypto'
import { isObject } from '../support/input.js'
import type { Jws } from './dissect-token.js'
import { finding, isFinding, type Finding } from './refusal-codes.js'

/** The keys of an API and their source, or why they are unavailable. */
export type KnownKeys =
  | { readonly from: 'none' }
  | { readonly from: 'key'; readonly key: KeyObject }
  | { readonly from: 'set'; readonly keys: readonly unknown[]; readonly where: string }
  | { readonly from: 'unreachable'; readonly where: string; readonly problem: string }

const MAX_KEYS = 64
const MAX_KID_LENGTH = 128

/** The problem that an API finds with a token's key or signature; `undefined`: none. */
export function signatureFinding(jws: Jws, known: Exclude<KnownKeys, { from: 'none' }>): Finding | undefined {
  const key = known.from === 'key' ? usableKey(known.key, undefined) : keyOf(jws.kid, known)
  if (isFinding(key)) return key
  if (!key?.algorithms.includes(jws.alg))
    return finding('jwk-unsuitable', `its key must not be used to verify ${jws.alg}, or to verify at all`)
  if (jws.signature.length !== key.signatureLength)
    return finding('token-invalid-signature', 'its signature does not have the length of signatures by its key')
  if (isSignedBy(key.key, jws)) return undefined
  return finding('token-invalid-signature', 'its signature does not match its content and its key')
}

interface UsableKey {
  readonly key: KeyObject
  readonly algorithms: readonly string[]
  /** bytes */
  readonly signatureLength: number
}

/** `undefined`: the key exists, but must not be used. */
function keyOf(
  kid: string | undefined,
  known: Extract<KnownKeys, { from: 'set' | 'unreachable' }>,
): UsableKey | undefined | Finding {
  if (known.from === 'unreachable') return finding('keys-unavailable', `no keys from ${known.where}: ${known.problem}`)
  const named = known.keys.filter(isNamed)
  if (named.length === 0) return finding('keys-unavailable', `${known.where} publishes no key`)
  if (known.keys.length > MAX_KEYS)
    return finding('keys-unavailable', `${known.where} publishes more than ${MAX_KEYS} keys`)

  const kids = [...new Set(named.map((jwk) => jwk.kid))]
  const wanted = kid ?? (kids.length === 1 ? kids[0] : undefined)
  if (wanted === undefined)
    return finding('jwk-kid-mismatch', `it has no "kid", and ${known.where} publishes ${kids.length} keys`)
  const found = named.filter((jwk) => jwk.kid === wanted).map(importJwk)
  if (found.length === 0)
    return finding(
      'jwk-kid-mismatch',
      `its key ${JSON.stringify(wanted)} is not among those that ${known.where} publishes`,
    )
  return found.every((key) => key && found[0]?.key.equals(key.key)) ? found[0] : undefined
}

type NamedJwk = JsonWebKey & { readonly kid: string }

function isNamed(jwk: unknown): jwk is NamedJwk {
  const kid = isObject(jwk) ? (jwk as JsonWebKey)['kid'] : undefined
  return typeof kid === 'string' && kid !== '' && kid.length <= MAX_KID_LENGTH
}

function importJwk(jwk: NamedJwk): UsableKey | undefined {
  const { use, key_ops: operations, alg } = jwk
  if (use !== undefined && use !== 'sig') return undefined
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return undefined
  try {
    return usableKey(createPublicKey({ key: jwk, format: 'jwk' }), alg)
  } catch {
    return undefined
  }
}

/** @param alg the only algorithm that the key is for; `undefined`: all of its type, except PS* */
function usableKey(key: KeyObject, alg: unknown): UsableKey | undefined {
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {}
  const fits = (names: readonly string[]) =>
    names.filter((name) => (alg === undefined ? name[0] !== 'P' : name === alg))
  if (key.asymmetricKeyType === 'rsa' && modulusLength >= 2048 && modulusLength <= 8192)
    return { key, algorithms: fits(RSA_ALGORITHMS), signatureLength: Math.ceil(modulusLength / 8) }
  if (key.asymmetricKeyType === 'ed25519')
    return { key, algorithms: fits(ED25519).length > 0 ? ED25519 : [], signatureLength: 64 }
  const curve = key.asymmetricKeyType === 'ec' ? CURVES[namedCurve] : undefined
  return curve && { key, algorithms: fits([curve.algorithm]), signatureLength: curve.signatureLength }
}

const RSA_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']

/** One algorithm under two names: RFC 9864. */
const ED25519 = ['EdDSA', 'Ed25519']

const CURVES: Readonly<Record<string, { readonly algorithm: string; readonly signatureLength: number }>> = {
  prime256v1: { algorithm: 'ES256', signatureLength: 64 },
  secp384r1: { algorithm: 'ES384', signatureLength: 96 },
  secp521r1: { algorithm: 'ES512', signatureLength: 132 },
}

function isSignedBy(key: KeyObject, { alg, signingInput, signature }: Jws): boolean {
  const digest = alg.startsWith('Ed') ? null : `sha${alg.slice(2)}`
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
  const input = {
    key,
    ...(alg.startsWith('PS') && pss),
    ...(alg.startsWith('ES') && { dsaEncoding: 'ieee-p1363' as const }),
  }
  try {
    return verify(digest, Buffer.from(signingInput), input, signature)
  } catch {
    return false
  }
}
