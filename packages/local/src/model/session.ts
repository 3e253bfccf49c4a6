import { record, type Stored } from './record.js'
import { json, list, oneOf, orNull, string, time, timeOrNull, withDefault } from './schema.js'

export const Session = record('session', 'sess', {
  user_id: string(),
  client_id: string(),
  status: withDefault(oneOf('active', 'pending', 'ended', 'removed', 'revoked', 'expired'), 'active'),
  /** who impersonates the user */
  actor: orNull(json()),
  last_active_organization_id: orNull(string()),
  /** for tokens minted in code: the id of the first session for the same holder, which this one is or replaces */
  minted_as: orNull(string()),
  /** what a browser refreshes the session with */
  refresh_token: string(),
  /** digests of the expired tokens that it was refreshed with; each can be used once */
  consumed_tokens: withDefault(list(string()), []),
  last_active_at: time(),
  expire_at: time(),
  abandon_at: time(),
})

export type Session = Stored<typeof Session>

/** A browser or other client that holds sessions. */
export const Client = record('client', 'client', {
  /** changes with every sign-out, which invalidates the browser's old cookies */
  rotating_token: string(),
})

export type Client = Stored<typeof Client>

const TICKET = {
  user_id: string(),
  token: string(),
  status: withDefault(oneOf('pending', 'accepted', 'revoked'), 'pending'),
  expire_at: time(),
} as const

/** Signs a user in once, without a password, as impersonated by the actor. */
export const ActorToken = record('actor_token', 'act', {
  ...TICKET,
  actor: json(),
  /** duration of the session that it starts, in milliseconds; `null`: the usual */
  session_duration: timeOrNull(),
})

export type ActorToken = Stored<typeof ActorToken>

/** Signs a user in once, without a password. */
export const SignInToken = record('sign_in_token', 'sit', {
  ...TICKET,
  /** the organization that will be active */
  organization_id: orNull(string()),
})

export type SignInToken = Stored<typeof SignInToken>
