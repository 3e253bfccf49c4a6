import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto'
import { verifyDigest, type Hasher } from './hashers.js'

/** A password as it is stored: hashed here, or imported with the digest of another system. */
export interface StoredPassword {
  readonly hasher: Hasher | 'scrypt'
  readonly digest: string
}

// Cheap: the passwords are those of a development server.
const COST = { N: 1024, r: 8, p: 1 }
const HASH_BYTES = 32

export function hashPassword(password: string): StoredPassword {
  const salt = randomBytes(16)
  const hash = scryptSync(password, salt, HASH_BYTES, COST)
  return { hasher: 'scrypt', digest: `${salt.toString('base64url')}$${hash.toString('base64url')}` }
}

/** Resolves to `false` for a digest that cannot be verified here, such as `awscognito`. */
export async function verifyPassword({ hasher, digest }: StoredPassword, password: string): Promise<boolean> {
  if (hasher !== 'scrypt') return verifyDigest(hasher, digest, password)
  const [salt, hash] = digest.split('$').map((part) => Buffer.from(part, 'base64url'))
  if (!salt || hash?.length !== HASH_BYTES) return false
  return timingSafeEqual(scryptSync(password, salt, HASH_BYTES, COST), hash)
}
