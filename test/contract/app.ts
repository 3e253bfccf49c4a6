import type { AcceptsToken, Auth, ClerkAuth, ClerkAuthOptions } from '@clerk-auth/core'
import { requirements, type Callers, type RequirementName } from './requirements.js'

export type AnyClerkAuth = ClerkAuth<AcceptsToken>

export interface App {
  /** The options of the middlewares, from the outside in. */
  readonly clerk: readonly (ClerkAuthOptions | AnyClerkAuth)[]
  /** The errors that the application's own error handler got. */
  readonly seen?: unknown[]
  readonly callers?: Callers
}

/** The response of a handler of the contract. */
export function answerOf(auth: Auth, token: string | null) {
  if (!auth.isAuthenticated) return { userId: auth.userId, code: auth.error.code }
  const { has: _has, ...facts } = auth
  return { ...facts, hasToken: token !== null }
}

export const UNUSED_CALLERS: Callers = { worker: `mch_${'0'.repeat(27)}`, cli: 'client_unused' }

export const names = Object.keys(requirements) as RequirementName[]
