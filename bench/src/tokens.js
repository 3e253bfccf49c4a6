import { startLocalClerk } from '@clerk-auth/local'
import { SignJWT, decodeJwt, exportSPKI, generateKeyPair } from 'jose'
import { progress } from './report.js'
import { headerOf, ISSUER } from './token-parts.js'

const HOUR_IN_SECONDS = 3600

/**
 * Distinct session tokens of an admin, with issuer and key id as in a real instance, and the PEM of the key
 * that signed them. Those of a local instance are known by their form, which would save the verifier a look.
 *
 * @param {'RS256' | 'ES256' | 'EdDSA'} algorithm
 * @param {number} count
 * @returns {Promise<{ readonly jwtKey: string, readonly tokens: readonly string[] }>}
 */
export async function mintTokens(algorithm, count) {
  progress(`minting ${count} tokens`)
  const local = await startLocalClerk({ algorithm: 'ES256' })
  const { privateKey, publicKey } = await generateKeyPair(algorithm)
  const mint = async () => {
    const claims = decodeJwt(await local.sessionToken({ ttlInSeconds: HOUR_IN_SECONDS }))
    return new SignJWT({ ...claims, iss: ISSUER }).setProtectedHeader(headerOf(algorithm)).sign(privateKey)
  }
  const tokens = await Promise.all(Array.from({ length: count }, mint))
  await local.close()
  return { jwtKey: await exportSPKI(publicKey), tokens }
}
