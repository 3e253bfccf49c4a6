import type { Client, Session } from '../model/session.js'
import { asOfNow, isAlive } from '../people/session.js'
import type { World } from '../state/world.js'

export function sessionAnswer(stored: Session, world: World) {
  const session = asOfNow(stored, world)
  return {
    object: 'session',
    id: session.id,
    user_id: session.user_id,
    client_id: session.client_id,
    actor: session.actor,
    status: session.status,
    last_active_organization_id: session.last_active_organization_id,
    last_active_at: session.last_active_at,
    latest_activity: null,
    expire_at: session.expire_at,
    abandon_at: session.abandon_at,
    tasks: session.status === 'pending' ? [{ key: 'choose-organization' }] : null,
    created_at: session.created_at,
    updated_at: session.updated_at,
  }
}

export function clientAnswer(client: Client, world: World) {
  const own = world.sessions.where('client_id', client.id).filter((session) => isAlive(asOfNow(session, world)))
  const [latest] = own.toSorted((a, b) => b.last_active_at - a.last_active_at)
  return {
    object: 'client',
    id: client.id,
    session_ids: own.map(({ id }) => id),
    sessions: own.map((session) => sessionAnswer(session, world)),
    sign_in_id: null,
    sign_up_id: null,
    last_active_session_id: latest?.id ?? null,
    last_authentication_strategy: null,
    created_at: client.created_at,
    updated_at: client.updated_at,
  }
}
