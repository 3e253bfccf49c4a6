import { AuthError, type TokenType } from '../auth/errors.js'

/** Clerk was not asked. Each caller gets its own error. */
export interface NotAsked {
  readonly active: undefined
  readonly code: 'verification-unavailable' | 'verification-rate-limited'
  readonly notAskedForMs: number
  /** Whether Clerk is failing. If not, a limit of this process is reached. */
  readonly isDown: boolean
}

export function notAsked(code: NotAsked['code'], forMs: number, isDown: boolean): NotAsked {
  return { active: undefined, code, notAskedForMs: forMs, isDown }
}

export function notAskedError({ code, notAskedForMs }: NotAsked, tokenType: TokenType): AuthError {
  const seconds = Math.ceil(notAskedForMs / 1000)
  return new AuthError(code, { tokenType, retryAfter: Math.min(60, Math.max(1, seconds)) })
}
