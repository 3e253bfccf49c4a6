import { jwkOfPem } from '#signature'
import { andThen, rescue, type MaybePromise } from '../support/maybe-promise.js'
import { importJwk, type VerificationKey } from './jwk.js'

/**
 * Imports the public key in `jwtKey`: PEM from a file or an environment variable (with real, escaped or no line
 * breaks), its bare base64, or a JSON Web Key.
 *
 * @throws {TypeError} if it is not a usable public key; rejects if keys are imported asynchronously
 */
export function readJwtKey(value: string): MaybePromise<VerificationKey> {
  const text = value.trim()
  const jwk = text.startsWith('{') ? parseJwk(text) : rescue(() => jwkOfPem(pemOf(text)), notAKey)
  return andThen(jwk, (jwk) =>
    andThen(importJwk(jwk), (key) => {
      if (!key)
        throw new TypeError('option "jwtKey" is not a usable key: it must be RSA of 2048 to 8192 bits, EC or Ed25519')
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

/** Normalizes PEM: whatever happened to the line breaks, the base64 between the two markers is the key. */
function pemOf(text: string): string {
  if (text.includes('PRIVATE KEY')) return isPrivate()
  const base64 = text.replace(/-----(BEGIN|END) PUBLIC KEY-----/g, '').replace(/\\[rn]|\s|["']/g, '')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return notAKey()
  return `-----BEGIN PUBLIC KEY-----\n${base64}\n-----END PUBLIC KEY-----\n`
}

function isPrivate(): never {
  throw new TypeError('option "jwtKey" is a private key: use the public one')
}

function notAKey(error?: unknown): never {
  if (error instanceof TypeError && error.message.startsWith('option')) throw error
  throw new TypeError('option "jwtKey" is not a public key: use PEM (BEGIN PUBLIC KEY), the base64 in it, or a JWK', {
    cause: error,
  })
}
