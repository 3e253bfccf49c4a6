import type { Auth } from '@clerk-auth/core'

/** The response of a handler of the contract. */
export function answerOf(auth: Auth, token: string | null) {
  if (!auth.isAuthenticated) return { userId: auth.userId, code: auth.error.code }
  const { has: _has, ...facts } = auth
  return { ...facts, hasToken: token !== null }
}
