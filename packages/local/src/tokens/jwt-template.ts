import { createPrivateKey, createSecretKey, type KeyObject } from 'node:crypto'
import { CompactSign } from 'jose'
import type { JwtTemplate } from '../model/jwt-template.js'
import { ALGORITHMS, isAlgorithm, type Algorithm } from '../model/signing-key.js'
import { signJwt, type JwtParts } from './issuer.js'
import type { SigningKey } from './keys.js'

export type TemplateSigner = NonNullable<JwtTemplate['signer']>

/** What the private key for each algorithm must be, in the words of Node.js. */
const KEYS: Readonly<Record<Algorithm, (key: KeyObject) => boolean>> = {
  RS256: isRsa,
  RS384: isRsa,
  RS512: isRsa,
  PS256: isRsa,
  PS384: isRsa,
  PS512: isRsa,
  ES256: isOnCurve('prime256v1'),
  ES384: isOnCurve('secp384r1'),
  ES512: isOnCurve('secp521r1'),
  EdDSA: ({ asymmetricKeyType }) => asymmetricKeyType === 'ed25519',
}

const HMAC_ALGORITHMS = ['HS256', 'HS384', 'HS512']

export const TEMPLATE_ALGORITHMS: readonly string[] = [...ALGORITHMS, ...HMAC_ALGORITHMS]

/** Whether a secret, or a private key as PEM, can sign with one of {@link TEMPLATE_ALGORITHMS}. */
export function worksWith(algorithm: string, key: string): boolean {
  if (!isAlgorithm(algorithm)) return key !== ''
  try {
    return KEYS[algorithm](createPrivateKey(key))
  } catch {
    return false
  }
}

/** Signatures with shorter keys are refused by verifiers: RFC 7518 section 3.3. */
function isRsa({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  return asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= 2048
}

function isOnCurve(name: string): (key: KeyObject) => boolean {
  return ({ asymmetricKeyDetails }) => asymmetricKeyDetails?.namedCurve === name
}

/** `more` overrides the parts as in `signJwt()`, except for the algorithm of the template's own key. */
export async function signTemplateToken(
  parts: JwtParts,
  { signer }: JwtTemplate,
  instanceKey: SigningKey,
  more: Partial<JwtParts> = {},
): Promise<string> {
  if (!signer) return signJwt(parts, instanceKey, more)
  // No `kid`, because the key is not in the instance's key set.
  const header = { ...parts.header, kid: undefined, ...more.header }
  return signByTemplate({ header, claims: { ...parts.claims, ...more.claims } }, signer)
}

async function signByTemplate({ header, claims }: JwtParts, { algorithm, key }: TemplateSigner): Promise<string> {
  const payload = Buffer.from(JSON.stringify(claims))
  const keyObject = algorithm.startsWith('HS') ? createSecretKey(Buffer.from(key)) : createPrivateKey(key)
  return new CompactSign(payload).setProtectedHeader({ ...header, alg: algorithm }).sign(keyObject)
}
