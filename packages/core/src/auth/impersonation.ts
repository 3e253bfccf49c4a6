import type { Auth } from './auth.js'

/** Who impersonates whom. */
export interface Impersonation {
  /** The impersonated user. */
  readonly userId: string
  /** The impersonator (`act.sub`); `null` if that is not a string. */
  readonly actorId: string | null
}

/** `undefined` if the caller does not impersonate a user. */
export function impersonationOf(auth: Auth): Impersonation | undefined {
  if (auth.tokenType !== 'session_token' && auth.tokenType !== 'oauth_token') return undefined
  if (auth.actor === undefined) return undefined
  // The claim is exposed as is, so it may be anything.
  const actorId: unknown = auth.actor.sub
  return { userId: auth.userId, actorId: typeof actorId === 'string' ? actorId : null }
}
