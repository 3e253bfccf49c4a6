import type { Auth } from './auth.js'

/** Who acts in whose place. */
export interface Impersonation {
  /** The user. */
  readonly userId: string
  /** Who acts, as `act.sub` says; `null` where it says nothing that can be read. */
  readonly actorId: string | null
}

/** `undefined` for a caller who acts for themselves. */
export function impersonationOf(auth: Auth): Impersonation | undefined {
  if (auth.tokenType !== 'session_token' && auth.tokenType !== 'oauth_token') return undefined
  if (auth.actor === undefined) return undefined
  // The claim is handed out as it stands, so it may be anything.
  const actorId: unknown = auth.actor.sub
  return { userId: auth.userId, actorId: typeof actorId === 'string' ? actorId : null }
}
