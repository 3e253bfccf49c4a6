import { SIGNING_PARAMETERS } from './algorithms.js'
import type { SigningKey } from './keys.js'

/**
 * Signs whatever header and payload it is given.
 *
 * Not left to jose, which rightly refuses what tests of a verifier need: a true signature under a wrong header.
 */
export async function signJws(header: object, payload: object, key: SigningKey): Promise<string> {
  return signInput(`${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(payload))}`, key)
}

/** Signs a header and a payload that are encoded already, or are nothing of the kind. */
export async function signInput(signingInput: string, key: SigningKey): Promise<string> {
  const parameters = SIGNING_PARAMETERS[key.algorithm]
  const signature = await crypto.subtle.sign(parameters, key.privateKey, Buffer.from(signingInput))
  return `${signingInput}.${base64url(new Uint8Array(signature))}`
}

export function base64url(octets: string | Uint8Array): string {
  return Buffer.from(octets).toString('base64url')
}
