import { AuthError } from '../auth/errors.js'
import { all, andThen, type MaybePromise } from '../support/maybe-promise.js'
import { MAX_KID_LENGTH } from '../token/jws.js'
import { importJwk, type VerificationKey } from './jwk.js'

/** An imported JWK Set (RFC 7517 section 5), by `kid`. Keys that must not be used are `unsuitable`. */
export type KeySet = ReadonlyMap<string, VerificationKey | 'unsuitable'>

const MAX_KEYS = 64

export type KeySetFault = 'not-a-jwk-set' | 'empty' | 'too-many-keys'

/**
 * Imports a JWK Set. A bad key does not affect the others; keys without a `kid` are ignored, because tokens cannot name
 * them.
 *
 * @returns what is wrong if it is not a JWK Set, has too many keys, or has none with a `kid`
 */
export function importKeySet(jwks: unknown): MaybePromise<KeySet | KeySetFault> {
  const keys = typeof jwks === 'object' && jwks !== null && 'keys' in jwks ? jwks.keys : undefined
  if (!Array.isArray(keys)) return 'not-a-jwk-set'
  if (keys.length > MAX_KEYS) return 'too-many-keys'

  const named = (keys as readonly unknown[]).flatMap((jwk) => {
    const kid = kidOf(jwk)
    return kid === undefined ? [] : [{ kid, jwk }]
  })
  if (named.length === 0) return 'empty'
  return andThen(all(named.map(({ jwk }) => importJwk(jwk))), (imported) => {
    const set = new Map<string, VerificationKey | 'unsuitable'>()
    named.forEach(({ kid }, i) => {
      const key = imported[i] ?? 'unsuitable'
      const namesake = set.get(kid)
      set.set(kid, namesake ? oneOf(namesake, key) : key)
    })
    return set
  })
}

/** The number of usable keys in a set. */
export function usableKeys(set: KeySet): number {
  return [...set.values()].filter((key) => key !== 'unsuitable').length
}

/**
 * The key that a token names. For a token without a `kid`, the only key of the set.
 *
 * @returns `undefined` if the set has no such key
 * @throws {AuthError} `jwk-unsuitable`
 */
export function keyOf(set: KeySet, kid: string | undefined): VerificationKey | undefined {
  const key = kid === undefined ? onlyKeyOf(set) : set.get(kid)
  if (key === 'unsuitable') throw new AuthError('jwk-unsuitable')
  return key
}

function onlyKeyOf(set: KeySet): VerificationKey | 'unsuitable' | undefined {
  const [key, ...others] = set.values()
  return others.length === 0 ? key : undefined
}

function kidOf(jwk: unknown): string | undefined {
  const kid = typeof jwk === 'object' && jwk !== null && 'kid' in jwk ? jwk.kid : undefined
  return typeof kid === 'string' && kid !== '' && kid.length <= MAX_KID_LENGTH ? kid : undefined
}

/** Two different keys with the same `kid` are both unsuitable, because the token does not say which one is meant. */
function oneOf(one: VerificationKey | 'unsuitable', other: VerificationKey | 'unsuitable'): typeof one {
  if (one === 'unsuitable' || other === 'unsuitable') return 'unsuitable'
  return one.thumbprint === other.thumbprint ? one : 'unsuitable'
}
