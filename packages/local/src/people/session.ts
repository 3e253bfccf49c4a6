import type { Client, Session } from '../model/session.js'
import { idOf, newId, randomWord } from '../model/ids.js'
import type { World } from '../state/world.js'
import { DAY_IN_MS } from '../support/durations.js'

/** The user, organization and actor of a session. */
export interface SessionHolder {
  readonly user_id: string
  readonly organization_id: string | null
  readonly actor: Session['actor']
  readonly status?: 'active' | 'pending'
}

const MAX_DURATION_IN_MS = 7 * DAY_IN_MS
const ABANDONED_AFTER_IN_MS = 30 * DAY_IN_MS

/** Whether the session can still issue tokens. */
export function isAlive({ status }: Session): boolean {
  return status === 'active' || status === 'pending'
}

/** The session as it is now: it may have expired since it was last written. */
export function asOfNow(session: Session, { now }: World): Session {
  return isAlive(session) && now() >= session.expire_at ? { ...session, status: 'expired' } : session
}

export function sessionOf(world: World, id: string): Session | undefined {
  const session = world.sessions.byId(id)
  return session && asOfNow(session, world)
}

/** The user's live sessions, newest first. */
function liveSessionsOf(world: World, userId: string): readonly Session[] {
  return world.sessions
    .where('user_id', userId)
    .map((session) => asOfNow(session, world))
    .filter(isAlive)
    .toReversed()
}

/** Signs a user in on a new client. */
export function startSession(world: World, holder: SessionHolder, maxDurationInMs?: number): Session {
  return start(world, { id: newId('sess'), clientId: newId('client'), mintedAs: null }, holder, maxDurationInMs)
}

/** The session of tokens minted in code: one per holder while it is alive. */
export function sessionForMinting(world: World, holder: SessionHolder): Session {
  const mintedAs = firstSessionId(holder)
  const latest = world.sessions.where('minted_as', mintedAs).at(-1)
  const current = latest && asOfNow(latest, world)
  if (current && isAlive(current) && current.last_active_organization_id === holder.organization_id)
    return useSession(world, current)
  const id = world.sessions.byId(mintedAs) ? newId('sess') : mintedAs
  return start(world, { id, clientId: idOf('client', `browser:${holder.user_id}`), mintedAs }, holder)
}

/** Sets when the session was last active. Its `updated_at` does not change. */
export function useSession(world: World, { id, updated_at }: Session): Session {
  return world.sessions.update(id, { last_active_at: world.now(), updated_at })
}

/** The id of the holder's first session, the same in every run. */
export function firstSessionId({ user_id, organization_id, actor, status }: SessionHolder): string {
  const optional = [...(actor ? [JSON.stringify(actor)] : []), ...(status === 'pending' ? [status] : [])]
  return idOf('sess', [user_id, organization_id ?? '', ...optional].join(':'))
}

/** Ends the session, and makes the cookies of its browser invalid. */
export function revokeSession(world: World, { id }: Session): Session {
  return endSession(world, id, 'revoked')
}

/** Ends all live sessions of a user, except one. */
export function revokeSessionsOf(world: World, userId: string, exceptId?: string): void {
  for (const session of liveSessionsOf(world, userId)) if (session.id !== exceptId) revokeSession(world, session)
}

function endSession(world: World, id: string, status: Session['status']): Session {
  const session = sessionOf(world, id)
  if (!session) throw new Error('a session was ended after it was removed')
  if (world.clients.byId(session.client_id)) world.clients.update(session.client_id, { rotating_token: randomWord(42) })
  return isAlive(session) ? world.sessions.update(id, { status }) : session
}

/** Switches the user's sessions from one organization to another, or to none. */
export function leaveOrganization(world: World, userId: string, organizationId: string, next: string | null): void {
  for (const { id, last_active_organization_id } of world.sessions.where('user_id', userId))
    if (last_active_organization_id === organizationId) world.sessions.update(id, { last_active_organization_id: next })
}

function start(
  world: World,
  { id, clientId, mintedAs }: { readonly id: string; readonly clientId: string; readonly mintedAs: string | null },
  { user_id, organization_id, actor, status = 'active' }: SessionHolder,
  maxDurationInMs = MAX_DURATION_IN_MS,
): Session {
  const now = world.now()
  return world.sessions.add({
    id,
    client_id: clientOf(world, clientId).id,
    user_id,
    status,
    actor,
    last_active_organization_id: organization_id,
    minted_as: mintedAs,
    refresh_token: randomWord(42),
    last_active_at: now,
    expire_at: now + maxDurationInMs,
    abandon_at: now + Math.max(maxDurationInMs, ABANDONED_AFTER_IN_MS),
  })
}

function clientOf(world: World, id: string): Client {
  return world.clients.byId(id) ?? world.clients.add({ id, rotating_token: randomWord(42) })
}
