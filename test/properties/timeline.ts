import type { ClerkAuthOptions } from '@clerk-auth/core'
import { vi } from 'vitest'
import { ISSUER, issuer, NOW, type Issuer } from './issuer.js'

/** Keys that the issuer may publish. Two of them have the same id, so that a lookup by id alone would confuse them. */
export const KEYS = {
  first: issuer('RS256', 'key_1'),
  second: issuer('RS256', 'key_2'),
  namesake: issuer('RS256', 'key_1'),
} as const satisfies Record<string, Issuer>

export type KeyName = keyof typeof KEYS

/** The key sets that the issuer may publish, by the names of their keys. */
export const KEY_SETS = ['first second', 'first', 'second', 'namesake', 'namesake second', 'restricted second'] as const
export type KeySetName = (typeof KEY_SETS)[number]

/** The first key again, for another algorithm than that of its tokens. */
const RESTRICTED = { ...KEYS.first.jwk, alg: 'RS512' }

export function keySetOf(name: KeySetName): { readonly keys: readonly object[] } {
  return { keys: name.split(' ').map((key) => (key === 'restricted' ? RESTRICTED : KEYS[key as KeyName].jwk)) }
}

/** The environment of an instance: two clocks, and an issuer with a key set. `performance.now` has to be mocked. */
export interface Timeline {
  readonly now: () => number
  readonly fetch: NonNullable<ClerkAuthOptions['fetch']>
  /** Moves both clocks. */
  readonly advance: (ms: number) => void
  /** Moves only the wall clock, forward or back. */
  readonly jump: (ms: number) => void
  readonly publish: (name: KeySetName) => void
  /** The key sets that were published at some time in the last `ms` milliseconds. */
  readonly publishedWithin: (ms: number) => ReadonlySet<KeySetName>
}

export function timeline(): Timeline {
  let wall = NOW
  let current: KeySetName = 'first second'
  const former: { readonly name: KeySetName; readonly until: number }[] = []
  return {
    now: () => wall,
    fetch: async (url) => {
      if (url !== `${ISSUER}/.well-known/jwks.json`) throw new Error('connection refused')
      return Response.json(keySetOf(current))
    },
    advance: (ms) => {
      wall += ms
      vi.advanceTimersByTime(ms)
    },
    jump: (ms) => {
      wall += ms
    },
    publish: (name) => {
      former.push({ name: current, until: performance.now() })
      current = name
    },
    publishedWithin: (ms) => {
      const late = former.filter(({ until }) => until >= performance.now() - ms)
      return new Set([current, ...late.map(({ name }) => name)])
    },
  }
}
