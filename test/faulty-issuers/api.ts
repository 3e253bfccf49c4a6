import { inspect } from 'node:util'
import {
  createClerkAuth,
  toChallenge,
  type AuthError,
  type ClerkAuthEvent,
  type ClerkAuthOptions,
} from '@clerk-auth/core'
import { expect } from 'vitest'
import { CANARY } from './issuer.js'
import { NOW } from './signer.js'

/** What a caller of an API gets: status and code, and the Retry-After of a 503. */
export type Answer = readonly [status: number, code?: string, retryAfter?: number]

/** An API that verifies tokens, with its own clock. */
export interface Api {
  readonly clerk: ReturnType<typeof createClerkAuth>
  readonly events: readonly ClerkAuthEvent[]
  readonly advance: (ms: number) => void
  readonly now: () => number
  /** The answer for this token. Anything that is neither a caller nor a refusal fails the test. */
  readonly ask: (token: string) => Promise<Answer>
}

export function startApi(options: ClerkAuthOptions): Api {
  let time = NOW
  const events: ClerkAuthEvent[] = []
  const onEvent = (event: ClerkAuthEvent) => {
    events.push(event)
    if (JSON.stringify(event).includes(CANARY)) leaked = true
  }
  let leaked = false
  const clerk = createClerkAuth({ now: () => time, onEvent, ...options }, {})
  return {
    clerk,
    events,
    advance: (ms) => (time += ms),
    now: () => time,
    ask: async (token) => {
      const auth = await clerk.authenticate({ headers: { authorization: `Bearer ${token}` } })
      expect(leaked).toBe(false)
      return auth.isAuthenticated ? [200] : answerTo(auth.error)
    },
  }
}

function answerTo(error: AuthError): Answer {
  const { status, headers, body } = toChallenge(error)
  expect(JSON.stringify([headers, body, inspect(error, { depth: 9 })])).not.toContain(CANARY)
  if (status !== 503) {
    expect(headers['WWW-Authenticate']).toMatch(/^Bearer /)
    return [status, body.code]
  }
  expect(headers['WWW-Authenticate']).toBeUndefined()
  expect(headers['Retry-After']).toMatch(/^[1-9]\d?$/)
  return [status, body.code, Number(headers['Retry-After'])]
}
