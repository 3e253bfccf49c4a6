import {
  createClerkAuth,
  type AcceptsToken,
  type ClerkAuth,
  type ClerkAuthEvent,
  type ClerkAuthOptions,
} from '@clerk-auth/core'
import { startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import { redisStore } from '@clerk-auth/redis'
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest'
import { outcomeOf } from '../../packages/core/test/fixtures.js'
import { skipRedisTests, startRedis, type RedisServer } from './redis-server.js'

export const SECRET = 'test '.repeat(8)

const EVERY_KIND = ['session_token', 'm2m_token', 'oauth_token', 'api_key', 'jwt_template'] as const

/** An instance with caches of its own, as in a process of a fleet. */
export interface Process {
  readonly clerk: ClerkAuth<AcceptsToken>
  readonly events: ClerkAuthEvent[]
  /** `passed`, or the code of the refusal. */
  readonly outcomeOf: (token: string) => Promise<string>
}

export interface Fleet {
  readonly local: LocalClerk
  readonly redis: RedisServer
  readonly start: (options?: ClerkAuthOptions & { readonly secret?: string | readonly string[] }) => Process
}

/** A local Clerk instance and a Redis for the tests of a file. Both are reset after each test. */
export function startFleet(...redisOptions: readonly string[]): Fleet {
  let local: LocalClerk
  let redis: RedisServer
  const started: ClerkAuth<AcceptsToken>[] = []
  beforeAll(async () => {
    if (skipRedisTests) return
    local = await startLocalClerk()
    redis = await startRedis(...redisOptions)
  })
  // Every test of the file.
  beforeEach(({ skip }) => skip(skipRedisTests))
  afterEach(async () => {
    if (skipRedisTests) return
    // First: a process would write its revocations again after the flush.
    for (const clerk of started.splice(0)) clerk.close()
    local.reset()
    await redis.cli('FLUSHALL')
  })
  afterAll(async () => {
    if (skipRedisTests) return
    await local.close()
    await redis.stop()
  })

  return {
    get local() {
      return local
    },
    get redis() {
      return redis
    },
    start: ({ secret = SECRET, ...options } = {}) => {
      const events: ClerkAuthEvent[] = []
      const clerk = createClerkAuth<AcceptsToken>(
        {
          shared: redisStore({ url: redis.url, secret }),
          onEvent: (event) => void events.push(event),
          ...options,
        },
        { ...local.env },
      )
      started.push(clerk)
      const verify = (token: string) => clerk.verifyToken(token, { acceptsToken: EVERY_KIND })
      return { clerk, events, outcomeOf: (token) => outcomeOf(() => verify(token)) }
    },
  }
}

/** Waits until `check` passes, for at most `ms` milliseconds, and returns how long it took. */
export async function until(check: () => Promise<boolean> | boolean, ms = 2000): Promise<number> {
  const since = performance.now()
  await vi.waitUntil(check, { timeout: ms, interval: 5 })
  return performance.now() - since
}
