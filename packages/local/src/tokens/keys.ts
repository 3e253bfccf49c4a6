import { calculateJwkThumbprint, exportJWK, exportSPKI, generateKeyPair, importJWK, type JWK } from 'jose'
import type { Algorithm, SigningKey as StoredKey } from '../model/signing-key.js'
import { checkRoom } from '../state/capacity.js'
import { wordOf } from '../model/ids.js'
import type { World } from '../state/world.js'

export interface SigningKey {
  readonly kid: string
  readonly algorithm: Algorithm
  readonly privateKey: CryptoKey
  readonly publicJwk: JWK
  readonly pem: string
}

/** The signing key, and the public keys that the instance publishes. */
export interface KeyRing {
  readonly current: SigningKey
  readonly published: readonly SigningKey[]
  readonly rotate: (overlap: boolean) => Promise<SigningKey>
  readonly remove: (kid: string) => void
}

/** Far more than a real key set has. */
const MAX_PUBLISHED = 1000

/** The keys of a new world, with a first one. It is never deleted, because its id is that of the instance. */
export async function createKeyRing(world: World, algorithm: Algorithm, maxPublished?: number): Promise<KeyRing> {
  world.signing_keys.add(await newKeyRecord(algorithm))
  return keyRingOf(world, algorithm, maxPublished)
}

/**
 * The keys of a world that was stored.
 *
 * @throws {TypeError} if they are not those of a local instance
 */
export async function openKeyRing(world: World, algorithm: Algorithm): Promise<KeyRing> {
  await checkStored(world.signing_keys.all(), algorithm)
  return keyRingOf(world, algorithm)
}

async function keyRingOf(world: World, algorithm: Algorithm, maxPublished = MAX_PUBLISHED): Promise<KeyRing> {
  const { signing_keys: stored } = world
  const firstId = stored.all()[0]!.id
  const keys = new Map(await Promise.all(stored.all().map(async (key) => [key.id, await signingKeyOf(key)] as const)))
  const keyOf = ({ id }: StoredKey) => keys.get(id)!

  const published = () => stored.all().filter(({ is_published }) => is_published)

  return {
    get current() {
      return keyOf(stored.find('is_current', true)!)
    },
    get published() {
      return published().map(keyOf)
    },
    async rotate(overlap) {
      if (overlap) checkRoom(published().length, maxPublished)
      const next = await newKeyRecord(algorithm)
      const key = await signingKeyOf(next)
      for (const id of keys.keys()) if (!stored.byId(id)) keys.delete(id)
      keys.set(next.id, key)
      world.transaction(() => {
        for (const other of stored.all()) {
          const is_published = overlap && other.is_published
          if (is_published || other.id === firstId) stored.update(other.id, { is_current: false, is_published })
          else stored.remove(other.id)
        }
        stored.add(next)
      })
      return key
    },
    remove(kid) {
      const key = stored.byId(kid)
      if (!key?.is_published) {
        const kids = published().map(({ id }) => id)
        throw new TypeError(`key "${kid}" is not published. Published keys: ${kids.join(', ') || 'none'}`)
      }
      if (key.is_current || key.id === firstId) stored.update(kid, { is_published: false })
      else stored.remove(kid)
    },
  }
}

/** A key of another instance. */
export async function newSigningKey(algorithm: Algorithm): Promise<SigningKey> {
  return signingKeyOf(await newKeyRecord(algorithm))
}

/**
 * Verifiers recognize the tokens of a local instance by their `kid`, so a stored key must have the `kid` derived from it.
 *
 * @throws {TypeError} if the keys are not those of a local instance
 */
async function checkStored(stored: readonly StoredKey[], algorithm: Algorithm): Promise<void> {
  const areOurs = await Promise.all(stored.map((key) => isOwnKey(key, algorithm)))
  if (areOurs.every(Boolean) && stored.filter(({ is_current }) => is_current).length === 1) return
  throw new TypeError(
    'the keys in the data file are not those of a local instance: restore a backup, or delete the file to start over',
  )
}

async function isOwnKey({ id, private_jwk, ...key }: StoredKey, algorithm: Algorithm): Promise<boolean> {
  if (key.algorithm !== algorithm) return false
  try {
    const jwk = private_jwk as JWK
    const imported = await importJWK(jwk, algorithm)
    const isPrivate = imported instanceof CryptoKey && imported.type === 'private'
    return isPrivate && id === kidOf(await calculateJwkThumbprint(jwk))
  } catch {
    return false
  }
}

async function newKeyRecord(algorithm: Algorithm) {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true })
  const jwk = await exportJWK(privateKey)
  const id = kidOf(await calculateJwkThumbprint(jwk))
  return { id, algorithm, private_jwk: { ...jwk }, is_published: true, is_current: true }
}

type KeyRecord = Awaited<ReturnType<typeof newKeyRecord>>

async function signingKeyOf({ id: kid, algorithm, private_jwk }: KeyRecord | StoredKey): Promise<SigningKey> {
  const { kty, crv, x, y, n, e } = private_jwk as JWK
  const parameters = Object.fromEntries(Object.entries({ crv, x, y, n, e }).filter(([, value]) => value !== undefined))
  if (!kty) throw new Error('an exported key has no type')
  const publicJwk = { use: 'sig', kty, kid, alg: algorithm, ...parameters }
  const [privateKey, publicKey] = await Promise.all([
    importJWK(private_jwk as JWK, algorithm),
    importJWK(publicJwk, algorithm, { extractable: true }),
  ])
  if (privateKey instanceof Uint8Array) throw new Error('symmetric keys are not supported')
  return { kid, algorithm, privateKey, publicJwk, pem: await exportSPKI(publicKey as CryptoKey) }
}

/** The prefix by which a verifier can tell that a key is not Clerk's. */
const LOCAL_KID = 'ins_local'

/** `ins_` and 27 characters, as on a real instance. */
function kidOf(thumbprint: string): string {
  return `${LOCAL_KID}${wordOf(Buffer.from(thumbprint, 'base64url'), 22)}`
}

export function isLocalKid(kid: unknown): boolean {
  return typeof kid === 'string' && kid.startsWith(LOCAL_KID)
}
