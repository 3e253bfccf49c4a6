import { createCipheriv, createHash, pbkdf2, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto'
import { promisify } from 'node:util'
import { load } from '../support/load.js'
import { parsePhpass } from './phpass.js'

/** Tells whether a password is the one that was hashed. */
type Verify = (password: string) => boolean | Promise<boolean>

/** Returns `undefined` for a digest that is malformed, or that would take too long to verify. */
type ParseDigest = (digest: string) => Verify | undefined

const MAX_DIGEST_LENGTH = 1024
const MAX_BCRYPT_COST = 14
const MAX_ARGON2_MEMORY = 2 ** 18
const MAX_ARGON2_WORK = 2 ** 20
const MAX_PBKDF2_ITERATIONS = 5_000_000
const MAX_SCRYPT_BYTES = 128 * 2 ** 20
const MAX_SYMFONY_ITERATIONS = 100_000

/**
 * The hashers whose digests can be imported, from the description of `password_hasher` in Clerk's specification and
 * its official client. Their documentation does not describe `md5_phpass`: here it is phpass of the hexadecimal MD5.
 */
const HASHERS = {
  argon2i: (digest) => parseArgon2('argon2i', digest),
  argon2id: (digest) => parseArgon2('argon2id', digest),
  awscognito: parseCognito,
  bcrypt: (digest) => parseBcrypt(digest, (password) => password),
  bcrypt_peppered: parsePepperedBcrypt,
  bcrypt_sha256_django: parseDjangoBcrypt,
  ldap_ssha: parseSsha,
  md5: (digest) => parseHex('md5', digest),
  md5_phpass: (digest) => {
    const verify = parsePhpass(digest)
    return verify && ((password) => verify(createHash('md5').update(password).digest('hex')))
  },
  pbkdf2_sha1: parsePbkdf2Sha1,
  pbkdf2_sha256: (digest) => parsePbkdf2(digest, 'pbkdf2_sha256', 'sha256', 'base64', 'base64'),
  pbkdf2_sha256_django: (digest) => parsePbkdf2(digest, 'pbkdf2_sha256', 'sha256', 'utf8', 'base64'),
  pbkdf2_sha512: (digest) => parsePbkdf2(digest, 'pbkdf2_sha512', 'sha512', 'utf8', 'hex'),
  pbkdf2_sha512_hex: (digest) => parsePbkdf2(digest, 'pbkdf2_sha512_hex', 'sha512', 'hex', 'hex'),
  phpass: parsePhpass,
  scrypt_firebase: parseFirebase,
  scrypt_werkzeug: parseWerkzeug,
  sha256: (digest) => parseHex('sha256', digest),
  sha512_symfony: parseSymfony,
} satisfies Record<string, ParseDigest>

/** A value of `password_hasher`. */
export type Hasher = keyof typeof HASHERS

export function isHasher(value: string): value is Hasher {
  return Object.hasOwn(HASHERS, value)
}

/** Returns what is wrong with the digest, without the digest; `undefined` if it can be imported. */
export function digestProblem(hasher: Hasher, digest: string): string | undefined {
  return parse(hasher, digest) ? undefined : `must be a valid ${hasher} digest whose cost is not excessive`
}

/**
 * Returns `false` for a malformed digest. A digest of `awscognito` names a user of an AWS user pool and has no hash, so
 * no password matches it.
 */
export async function verifyDigest(hasher: Hasher, digest: string, password: string): Promise<boolean> {
  // hash-wasm throws for an empty password, which Clerk does not accept either.
  return password !== '' && ((await parse(hasher, digest)?.(password)) ?? false)
}

function parse(hasher: Hasher, digest: string): Verify | undefined {
  return digest.length > MAX_DIGEST_LENGTH ? undefined : HASHERS[hasher](digest)
}

/** `$argon2id$v=19$m=<KiB>,t=<iterations>,p=<parallelism>$<salt>$<hash>` */
function parseArgon2(variant: 'argon2i' | 'argon2id', digest: string): Verify | undefined {
  const form = /^\$(argon2id?)\$v=19\$m=(\d{1,7}),t=(\d{1,7}),p=(\d{1,3})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/
  const [, name, m, t, p, salt = '', hash = ''] = form.exec(digest) ?? []
  const [memory, iterations, lanes] = [Number(m), Number(t), Number(p)]
  const isValid =
    name === variant &&
    lanes >= 1 &&
    memory >= 8 * lanes &&
    iterations >= 1 &&
    Buffer.from(salt, 'base64').length >= 8 &&
    Buffer.from(hash, 'base64').length >= 4
  if (!isValid || memory > MAX_ARGON2_MEMORY || memory * iterations > MAX_ARGON2_WORK) return
  return (password) => load('hash-wasm').argon2Verify({ password, hash: digest })
}

/** `awscognito#<user pool>#<client>#<user>` */
function parseCognito(digest: string): Verify | undefined {
  return /^awscognito(?:#[^#]+){3}$/.test(digest) ? () => false : undefined
}

/** `$2b$<cost>$<salt and hash>` */
function parseBcrypt(digest: string, inputOf: (password: string) => string): Verify | undefined {
  const [, cost] = /^\$2[abxy]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(digest) ?? []
  if (!cost || Number(cost) < 4 || Number(cost) > MAX_BCRYPT_COST) return
  // bcrypt uses the first 72 bytes; hash-wasm throws for more.
  return (password) =>
    load('hash-wasm').bcryptVerify({ password: Buffer.from(inputOf(password)).subarray(0, 72), hash: digest })
}

/** `<bcrypt digest>$<pepper>`, as from Devise */
function parsePepperedBcrypt(digest: string): Verify | undefined {
  const pepper = digest.slice(61)
  if (digest[60] !== '$' || !pepper) return
  return parseBcrypt(digest.slice(0, 60), (password) => password + pepper)
}

/** `bcrypt_sha256$<bcrypt digest>` */
function parseDjangoBcrypt(digest: string): Verify | undefined {
  const prefix = 'bcrypt_sha256$'
  if (!digest.startsWith(prefix)) return
  return parseBcrypt(digest.slice(prefix.length), (password) => createHash('sha256').update(password).digest('hex'))
}

/** `{SSHA}<base64 of the SHA-1 hash and the salt>` */
function parseSsha(digest: string): Verify | undefined {
  const [, encoded = ''] = /^\{SSHA\}(.+)$/.exec(digest) ?? []
  const bytes = decode(encoded, 'base64')
  if (!bytes || bytes.length <= 20) return
  const salt = bytes.subarray(20)
  return (password) => isEqual(createHash('sha1').update(password).update(salt).digest(), bytes.subarray(0, 20))
}

function parseHex(algorithm: 'md5' | 'sha256', digest: string): Verify | undefined {
  const hash = decode(digest, 'hex')
  if (hash?.length !== (algorithm === 'md5' ? 16 : 32)) return
  return (password) => isEqual(createHash(algorithm).update(password).digest(), hash)
}

/** `<prefix>$<iterations>$<salt>$<hash>` */
function parsePbkdf2(
  digest: string,
  prefix: string,
  algorithm: 'sha1' | 'sha256' | 'sha512',
  saltEncoding: Encoding | 'utf8',
  hashEncoding: Encoding,
): Verify | undefined {
  const [name, iterations = '', salt = '', hash = '', ...rest] = digest.split('$')
  if (name !== prefix || rest.length > 0) return
  const saltBytes = saltEncoding === 'utf8' ? Buffer.from(salt) : decode(salt, saltEncoding)
  const hashBytes = decode(hash, hashEncoding)
  const count = decimal(iterations, MAX_PBKDF2_ITERATIONS)
  if (!saltBytes?.length || !hashBytes || hashBytes.length < 16 || hashBytes.length > 64 || !count) return
  return async (password) =>
    isEqual(await promisify(pbkdf2)(password, saltBytes, count, hashBytes.length, algorithm), hashBytes)
}

/** `pbkdf2_sha1$<iterations>$<salt>$<hash in hex>`, or that and `$<bytes of the hash>`; a salt in hex is decoded */
function parsePbkdf2Sha1(digest: string): Verify | undefined {
  const [name, iterations, salt = '', hash = '', length, ...rest] = digest.split('$')
  if (rest.length > 0 || (length !== undefined && Number(length) !== hash.length / 2)) return
  const saltEncoding = decode(salt, 'hex') ? 'hex' : 'utf8'
  return parsePbkdf2([name, iterations, salt, hash].join('$'), 'pbkdf2_sha1', 'sha1', saltEncoding, 'hex')
}

/** `<hash>$<salt>$<signer key>$<salt separator>$<rounds>$<memory cost>`: https://github.com/firebase/scrypt */
function parseFirebase(digest: string): Verify | undefined {
  const parts = digest.split('$')
  const [hash, salt, signerKey, separator] = parts.slice(0, 4).map((part) => decode(part, 'base64'))
  const rounds = decimal(parts[4] ?? '', 32)
  const memoryCost = decimal(parts[5] ?? '', 20)
  if (parts.length !== 6 || !hash || !salt || !signerKey || !separator || !rounds || !memoryCost) return
  const cost = scryptCost(2 ** memoryCost, rounds, 1)
  if (!cost || hash.length !== signerKey.length) return
  return async (password) => {
    const key = await deriveScrypt(password, Buffer.concat([salt, separator]), 32, cost)
    const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16))
    return isEqual(Buffer.concat([cipher.update(signerKey), cipher.final()]), hash)
  }
}

/** `scrypt:<N>:<r>:<p>$<salt>$<hash>`, which Werkzeug writes in hex and Clerk describes as base64 after a `$` */
function parseWerkzeug(digest: string): Verify | undefined {
  const [, N, r, p, salt = '', hash = ''] = /^\$?scrypt:(\d+):(\d+):(\d+)\$([^$]+)\$([^$]+)$/.exec(digest) ?? []
  const hashBytes = decode(hash, 'hex') ?? decode(hash, 'base64')
  const cost = scryptCost(Number(N), Number(r), Number(p))
  if (!cost || hashBytes?.length !== 64) return
  return async (password) => isEqual(await deriveScrypt(password, Buffer.from(salt), 64, cost), hashBytes)
}

/** `sha512_symfony$<iterations>$<salt>$<hash in base64>` */
function parseSymfony(digest: string): Verify | undefined {
  const [, iterations = '', salt = '', hash = ''] = /^sha512_symfony\$(\d+)\$([^${}]+)\$([^$]+)$/.exec(digest) ?? []
  const count = decimal(iterations, MAX_SYMFONY_ITERATIONS)
  const hashBytes = decode(hash, 'base64')
  if (!count || hashBytes?.length !== 64) return
  return (password) => {
    const salted = `${password}{${salt}}`
    let computed = createHash('sha512').update(salted).digest()
    for (let n = 1; n < count; n++) computed = createHash('sha512').update(computed).update(salted).digest()
    return isEqual(computed, hashBytes)
  }
}

type Encoding = 'hex' | 'base64'

/** Unlike `Buffer.from`, refuses characters that are not of the encoding. */
function decode(text: string, encoding: Encoding): Buffer | undefined {
  const form = encoding === 'hex' ? /^(?:[0-9a-f]{2})+$/i : /^[A-Za-z0-9+/_-]+={0,2}$/
  return form.test(text) ? Buffer.from(text, encoding) : undefined
}

/** Returns `undefined` unless it is from 1 to `max`. */
function decimal(text: string, max: number): number | undefined {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0
  return value >= 1 && value <= max ? value : undefined
}

function scryptCost(N: number, r: number, p: number): ScryptOptions | undefined {
  // RFC 7914, section 2: N is a power of 2 and less than 2^(128 * r / 8).
  const isValid = N >= 2 && Number.isInteger(Math.log2(N)) && Math.log2(N) < 16 * r && p >= 1
  if (!isValid || N * r * p * 128 > MAX_SCRYPT_BYTES) return
  // 2: node:crypto refuses exactly the memory that scrypt needs.
  return { N, r, p, maxmem: 2 * 128 * r * (N + p) + MAX_SCRYPT_BYTES }
}

function deriveScrypt(password: string, salt: Buffer, length: number, cost: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, cost, (error, key) => (error ? reject(error) : resolve(key)))
  })
}

function isEqual(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}
