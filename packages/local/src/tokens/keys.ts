import { calculateJwkThumbprint, exportJWK, exportSPKI, generateKeyPair, importJWK, type JWK } from 'jose'
import type { Algorithm } from './algorithms.js'
import { checkRoom } from '../state/capacity.js'
import { wordOf } from '../state/ids.js'
import { createRecords, type Records } from '../state/records.js'

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
  /** The first record is the initial key. */
  readonly records: Records<KeyRecord>
}

/** A key and its state in the ring. */
export interface KeyRecord {
  /** the `kid` */
  readonly id: string
  readonly algorithm: Algorithm
  readonly privateJwk: JWK
  readonly isPublished: boolean
  readonly isCurrent: boolean
}

export interface KeyRingOptions {
  /** stored keys, in order */
  readonly stored?: readonly KeyRecord[] | undefined
  readonly maxPublished?: number
}

/** Far more than a real key set has. */
const MAX_PUBLISHED = 1000

export async function createKeyRing(
  algorithm: Algorithm,
  { stored, maxPublished = MAX_PUBLISHED }: KeyRingOptions = {},
): Promise<KeyRing> {
  if (stored) await checkStored(stored, algorithm)
  const [first = await newKeyRecord(algorithm), ...further] = stored ?? []
  const signing = new Map(
    await Promise.all([first, ...further].map(async (key) => [key.id, await signingKey(key)] as const)),
  )
  const records = createRecords([{ ...first, isPublished: true, isCurrent: true }])
  records.replace([first, ...further])

  const view = () => {
    const all = records.all()
    return {
      current: signing.get(all.find(({ isCurrent }) => isCurrent)!.id)!,
      published: all.filter(({ isPublished }) => isPublished).map(({ id }) => signing.get(id)!),
    }
  }
  let seen = view()
  records.watch(() => {
    seen = view()
    for (const kid of signing.keys()) if (!records.byId(kid)) signing.delete(kid)
  })

  return {
    get current() {
      return seen.current
    },
    get published() {
      return seen.published
    },
    async rotate(overlap) {
      if (overlap) checkRoom(seen.published.length, maxPublished)
      const next = await newKeyRecord(algorithm)
      const key = await signingKey(next)
      const others = records.all()
      signing.set(next.id, key)
      records.set(next)
      for (const other of others) {
        const isPublished = overlap && other.isPublished
        if (isPublished || other.id === first.id) records.set({ ...other, isCurrent: false, isPublished })
        else records.remove(other.id)
      }
      return key
    },
    remove(kid) {
      const key = records.byId(kid)
      if (!key?.isPublished)
        throw new TypeError(`key "${kid}" is not published. Published keys: ${kidsOf(seen.published)}`)
      if (key.isCurrent || key.id === first.id) records.set({ ...key, isPublished: false })
      else records.remove(kid)
    },
    records,
  }
}

/**
 * Verifiers recognize the tokens of a local instance by their `kid`, so a stored key must have the `kid` derived from it.
 *
 * @throws {TypeError} if the keys are not those of a local instance
 */
async function checkStored(stored: readonly KeyRecord[], algorithm: Algorithm): Promise<void> {
  const areOurs = await Promise.all(stored.map((key) => isOwnKey(key, algorithm)))
  if (areOurs.every(Boolean) && stored.filter(({ isCurrent }) => isCurrent).length === 1) return
  throw new TypeError(
    'the keys in the data file are not those of a local instance: restore a backup, or delete the file to start over',
  )
}

async function isOwnKey({ id, privateJwk, ...key }: KeyRecord, algorithm: Algorithm): Promise<boolean> {
  if (key.algorithm !== algorithm) return false
  try {
    const imported = await importJWK(privateJwk, algorithm)
    const isPrivate = imported instanceof CryptoKey && imported.type === 'private'
    return isPrivate && id === kidOf(await calculateJwkThumbprint(privateJwk))
  } catch {
    return false
  }
}

async function newKeyRecord(algorithm: Algorithm): Promise<KeyRecord> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true })
  const privateJwk = await exportJWK(privateKey)
  const id = kidOf(await calculateJwkThumbprint(privateJwk))
  return { id, algorithm, privateJwk, isPublished: true, isCurrent: true }
}

async function signingKey({ id: kid, algorithm, privateJwk }: KeyRecord): Promise<SigningKey> {
  const { kty, crv, x, y, n, e } = privateJwk
  const parameters = Object.fromEntries(Object.entries({ crv, x, y, n, e }).filter(([, value]) => value !== undefined))
  if (!kty) throw new Error('an exported key has no type')
  const publicJwk = { use: 'sig', kty, kid, alg: algorithm, ...parameters }
  const [privateKey, publicKey] = await Promise.all([
    importJWK(privateJwk, algorithm),
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

function kidsOf(keys: readonly SigningKey[]): string {
  return keys.map(({ kid }) => kid).join(', ') || 'none'
}
