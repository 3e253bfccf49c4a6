import { createPrivateKey, createSecretKey } from 'node:crypto'
import { CompactSign } from 'jose'
import type { JwtTemplate } from '../model/jwt-template.js'
import { signJwt, type JwtParts } from './issuer.js'
import type { SigningKey } from './keys.js'

export type TemplateSigner = NonNullable<JwtTemplate['signer']>

/**
 * An application's own key, checked to work with the algorithm.
 *
 * @throws if it does not
 */
export async function templateSigner(algorithm: string, key: string): Promise<TemplateSigner> {
  const signer = { algorithm, key }
  await signByTemplate({ header: {}, claims: {} }, signer)
  return signer
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
