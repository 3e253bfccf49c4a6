import { record, type Stored } from './record.js'
import { boolean, json, oneOf } from './schema.js'

/** The algorithms that the instance can sign with. Clerk's own instances use RS256. */
export const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const

export type Algorithm = (typeof ALGORITHMS)[number]

export function isAlgorithm(value: unknown): value is Algorithm {
  return ALGORITHMS.some((algorithm) => algorithm === value)
}

/** A key of the instance. Its id is the `kid`. */
export const SigningKey = record('signing_key', 'ins', {
  algorithm: oneOf(...ALGORITHMS),
  private_jwk: json(),
  is_published: boolean(),
  is_current: boolean(),
})

export type SigningKey = Stored<typeof SigningKey>
