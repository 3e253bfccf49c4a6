import type { Algorithm } from '../../packages/core/src/crypto/algorithms.js'

/** A published signature: message, signature and key. */
export interface SignatureVector {
  readonly source: string
  readonly alg: Algorithm
  /** The public members, as published. */
  readonly jwk: Readonly<Record<string, string>>
  readonly header: string
  readonly payload: string
  readonly signature: string
}

export function compact({ header, payload, signature }: Omit<SignatureVector, 'source' | 'alg' | 'jwk'>): string {
  return `${header}.${payload}.${signature}`
}
