import { createClerkAuth, type AcceptsToken, type ClerkAuth, type ClerkAuthOptions } from '@clerk-auth/core'
import { onTestFinished, vi } from 'vitest'
import {
  fakeIssuer,
  ISSUER,
  issuerKey,
  keyPair,
  NOW,
  outcomeOf,
  type FakeIssuer,
} from '../../packages/core/test/fixtures.js'
import { fakeClerk, HERE, type FakeClerk } from '../../packages/core/test/fixtures-machines.js'

export const KEY = issuerKey('key_1', keyPair('P-256'))
export const OTHER_KEY = issuerKey('key_2', keyPair('P-256'))

export const bearing = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

export interface Instance {
  readonly clerk: ClerkAuth<AcceptsToken>
  /** Publishes {@link KEY}. */
  readonly issuer: FakeIssuer
  /** Verifies opaque tokens. */
  readonly network: FakeClerk
  /** Moves the wall clock and the monotonic clock. */
  readonly advance: (ms: number) => void
  /** Moves only the monotonic clock. */
  readonly advanceMonotonic: (ms: number) => void
  /** Moves only the wall clock. */
  readonly setWall: (ms: number) => void
  /** `passed`, or the code of the refusal. */
  readonly outcomeOf: (token: string, acceptsToken?: AcceptsToken) => Promise<string>
}

/** Every kind, and the one that `any` excludes. */
export const EVERY_KIND = ['session_token', 'm2m_token', 'oauth_token', 'api_key', 'jwt_template'] as const

/** An instance that verifies every kind of token, on its own network. Both clocks are stopped. */
export function startInstance(options: ClerkAuthOptions = {}): Instance {
  if (!vi.isFakeTimers()) {
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => void vi.useRealTimers())
  }
  let wall = NOW
  const issuer = fakeIssuer(KEY.jwk)
  const network = fakeClerk()
  const clerk = createClerkAuth<AcceptsToken>(
    {
      frontendApiUrl: ISSUER,
      secretKey: 'sk_live_secret',
      machineId: HERE,
      now: () => wall,
      fetch: (url, init) => (url.endsWith('/jwks.json') ? issuer : network).fetch(url, init),
      ...options,
    },
    {},
  )
  onTestFinished(() => clerk.close())
  const advanceMonotonic = (ms: number) => void vi.advanceTimersByTime(ms)
  return {
    clerk,
    issuer,
    network,
    advance: (ms) => {
      wall += ms
      advanceMonotonic(ms)
    },
    advanceMonotonic,
    setWall: (ms) => {
      wall = ms
    },
    outcomeOf: (token, acceptsToken = EVERY_KIND) => outcomeOf(() => clerk.verifyToken(token, { acceptsToken })),
  }
}
