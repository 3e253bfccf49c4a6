import { SIGNING_PARAMETERS } from './algorithms.js'
import type { SigningKey } from './keys.js'

/**
 * Signs any header and payload.
 *
 * Not done with jose, which rightly refuses what tests of a verifier need: a valid signature with a wrong header.
 */
export async function signJws(header: object, payload: object, key: SigningKey): Promise<string> {
  return signInput(`${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(payload))}`, key)
}

/** Signs an encoded header and payload, or any other string. */
export async function signInput(signingInput: string, key: SigningKey): Promise<string> {
  const parameters = SIGNING_PARAMETERS[key.algorithm]
  const signature = await crypto.subtle.sign(parameters, key.privateKey, Buffer.from(signingInput))
  return `${signingInput}.${base64url(new Uint8Array(signature))}`
}

export function base64url(bytes: string | Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}
