import { calculateJwkThumbprint, exportJWK, exportSPKI, generateKeyPair, type JWK } from 'jose'
import type { Algorithm } from './algorithms.js'
import { checkRoom } from './capacity.js'
import { wordOf } from './ids.js'

export interface SigningKey {
  readonly kid: string
  readonly algorithm: Algorithm
  readonly privateKey: CryptoKey
  readonly publicJwk: JWK
  readonly pem: string
}

/** The key that signs, and the public keys that the instance publishes. */
export interface KeyRing {
  readonly current: SigningKey
  readonly published: readonly SigningKey[]
  readonly rotate: (overlap: boolean) => Promise<SigningKey>
  readonly remove: (kid: string) => void
  readonly reset: () => void
}

/** Far more than a key set has that anybody reads. */
const MAX_PUBLISHED = 1000

export async function createKeyRing(algorithm: Algorithm, maxPublished = MAX_PUBLISHED): Promise<KeyRing> {
  const first = await generateSigningKey(algorithm)
  let current = first
  let published: readonly SigningKey[] = [first]
  return {
    get current() {
      return current
    },
    get published() {
      return published
    },
    async rotate(overlap) {
      if (overlap) checkRoom(published.length, maxPublished)
      const next = await generateSigningKey(algorithm)
      published = overlap ? [...published, next] : [next]
      current = next
      return next
    },
    remove(kid) {
      const rest = published.filter((key) => key.kid !== kid)
      if (rest.length === published.length) throw new TypeError(`no key "${kid}" is published: ${kidsOf(published)}`)
      published = rest
    },
    reset() {
      current = first
      published = [first]
    },
  }
}

async function generateSigningKey(algorithm: Algorithm): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm)
  const [{ kty, ...parameters }, pem] = await Promise.all([exportJWK(publicKey), exportSPKI(publicKey)])
  if (!kty) throw new Error('an exported key has no type')
  const kid = kidOf(await calculateJwkThumbprint({ kty, ...parameters }))
  return { kid, algorithm, privateKey, pem, publicJwk: { use: 'sig', kty, kid, alg: algorithm, ...parameters } }
}

/** `ins_` and 27 characters as on a real instance, and `local`, by which a verifier knows that the key is none of Clerk's. */
function kidOf(thumbprint: string): string {
  return `ins_local${wordOf(Buffer.from(thumbprint, 'base64url'), 22)}`
}

function kidsOf(keys: readonly SigningKey[]): string {
  return keys.map(({ kid }) => kid).join(', ') || 'none is'
}
