import type { AuthenticatedAuth } from '../auth/auth.js'
import type { Lease, Sharing } from '../fleet/sharing.js'
import type { Revocations } from '../fleet/revocations.js'
import type { TokenType } from '../auth/errors.js'
import type { Clock } from '../support/clock.js'
import type { IntrospectionResult } from './ask-clerk.js'
import { keepRefusalForMs } from './introspection-cache.js'
import { readIntrospection, type Introspection, type OpaqueForm } from './introspection.js'

/** Clerk's answers about opaque tokens of one kind, shared with other processes. */
export interface SharedAnswers {
  /** Another process's answer, or the lease on asking Clerk. */
  readonly claim: (digest: string) => Promise<{ readonly found: SharedAnswer } | Lease>
  /** Ends the lease, and shares the outcome if it is an answer of Clerk's. */
  readonly share: (lease: Lease, outcome: object) => void
}

export interface SharedAnswer {
  readonly result: Introspection | UnknownToken
  readonly ageInMs: number
}

type UnknownToken = Extract<
  IntrospectionResult,
  { readonly active: false; readonly code: 'token-not-found' | 'token-malformed' }
>

export interface SharedAnswersOptions {
  readonly sharing: Sharing
  readonly revocations: Revocations
  readonly form: OpaqueForm<AuthenticatedAuth>
  readonly tokenType: TokenType
  readonly apiUrl: string
  readonly secret: string
  readonly rememberInMs: number
  readonly clock: Clock
}

/** What is shared: Clerk's answer itself, so that each process applies its own clock and configuration to it. */
type Shared = { readonly answer: object } | { readonly unknown: UnknownToken['code'] }

export function sharedAnswers(options: SharedAnswersOptions): SharedAnswers {
  const { sharing, revocations, form, tokenType, apiUrl, secret, rememberInMs, clock } = options

  function read(shared: Partial<Record<'answer' | 'unknown', unknown>>): SharedAnswer['result'] | undefined {
    if (isUnknown(shared.unknown)) return { active: false, code: shared.unknown, isLasting: false }
    return readIntrospection(form, shared.answer, clock.now())
  }

  return {
    // The answer depends on who asks: about M2M tokens, Clerk compares their scopes with the machine.
    claim: (digest) =>
      sharing.claim(['answer', apiUrl, tokenType, secret, digest], ({ value, ageInMs, position }) => {
        if (typeof value !== 'object' || value === null) return undefined
        const result = read(value)
        if (!result || ageInMs >= lifeOf(result, rememberInMs)) return undefined
        const token = { digest, auth: result.active ? result.auth : undefined, issuedAt: 'opaque' } as const
        return revocations.outdateAfter(token, position) ? undefined : { result, ageInMs }
      }),
    share: (lease, outcome) => {
      const value = sharedOf(outcome)
      const forMs = value && lifeOf(outcome as SharedAnswer['result'], rememberInMs)
      void lease.settle(value && forMs ? { value, forMs } : undefined)
    },
  }
}

/** Answers that this process remembered are not shared again: they would live longer. */
function sharedOf(outcome: {
  readonly answer?: object
  readonly code?: unknown
  readonly isLasting?: boolean
}): Shared | undefined {
  if (outcome.answer) return { answer: outcome.answer }
  return isUnknown(outcome.code) && outcome.isLasting !== undefined ? { unknown: outcome.code } : undefined
}

function isUnknown(code: unknown): code is UnknownToken['code'] {
  return code === 'token-not-found' || code === 'token-malformed'
}

function lifeOf(result: Introspection | UnknownToken, rememberInMs: number): number {
  return result.active ? rememberInMs : keepRefusalForMs(result.isLasting)
}
