import { SIGNING_PARAMETERS } from './algorithms.js'
import type { SigningKey } from './keys.js'

/**
 * Signs whatever header and payload it is given.
 *
 * Not left to jose, which rightly refuses what tests of a verifier need: a true signature under a wrong header.
 */
export async function signJws(header: object, payload: object, key: SigningKey): Promise<string> {
  const signingInput = `${base64url(header)}.${base64url(payload)}`
  const parameters = SIGNING_PARAMETERS[key.algorithm]
  const signature = await crypto.subtle.sign(parameters, key.privateKey, Buffer.from(signingInput))
  return `${signingInput}.${Buffer.from(signature).toString('base64url')}`
}

function base64url(json: object): string {
  return Buffer.from(JSON.stringify(json)).toString('base64url')
}
