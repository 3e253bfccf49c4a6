import { jwkOfPem } from '#signature'
import { andThen, rescue, type MaybePromise } from '../support/maybe-promise.js'
import { importJwk, type VerificationKey } from './jwk.js'

/**
 * Reads the one public key that `jwtKey` holds: PEM, as a file or an environment variable carries it (real or escaped
 * line ends, or none), the bare base64 of it, or a JSON Web Key.
 *
 * @throws {TypeError} where it is no public key, or one that may not verify; where keys are built asynchronously, rejects
 */
export function readJwtKey(value: string): MaybePromise<VerificationKey> {
  const text = value.trim()
  const jwk = text.startsWith('{') ? parseJwk(text) : rescue(() => jwkOfPem(pemOf(text)), notAKey)
  return andThen(jwk, (jwk) =>
    andThen(importJwk(jwk), (key) => {
      if (!key)
        throw new TypeError('option "jwtKey" holds a key that may not verify: RSA of 2048 to 8192 bits, EC or Ed25519')
      return key
    }),
  )
}

function parseJwk(text: string): unknown {
  let jwk: object
  try {
    jwk = JSON.parse(text) as object
  } catch {
    return notAKey()
  }
  return 'd' in jwk ? isPrivate() : jwk
}

/** Puts PEM back in order: whatever became of its line ends, the base64 between the two lines is the key. */
function pemOf(text: string): string {
  if (text.includes('PRIVATE KEY')) return isPrivate()
  const base64 = text.replace(/-----(BEGIN|END) PUBLIC KEY-----/g, '').replace(/\\[rn]|\s|["']/g, '')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return notAKey()
  return `-----BEGIN PUBLIC KEY-----\n${base64}\n-----END PUBLIC KEY-----\n`
}

function isPrivate(): never {
  throw new TypeError('option "jwtKey" holds a private key: give the public one')
}

function notAKey(error?: unknown): never {
  if (error instanceof TypeError && error.message.startsWith('option')) throw error
  throw new TypeError('option "jwtKey" is no public key: give PEM (BEGIN PUBLIC KEY), its base64, or a JWK', {
    cause: error,
  })
}
