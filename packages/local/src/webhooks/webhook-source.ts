import type { Community } from '../people/community.js'
import { membershipJson } from '../people/membership.js'
import { organizationJson } from '../people/organization.js'
import { isAlive, type Session } from '../people/session.js'
import { sessionJson } from '../backend-api/session-api.js'
import { userJson, type User } from '../people/user.js'
import type { WebhookEventType } from './webhook-event.js'

/** Receives an event. `data` must be called synchronously, while the records are unchanged. */
export type TellWebhookEvent = (type: WebhookEventType, data: () => object) => void

/** Emits an event for every change in a community for which Clerk has one. */
export function watchCommunity(community: Community, emit: TellWebhookEvent): void {
  watchUsers(community, emit)
  watchOrganizations(community, emit)
  watchMemberships(community, emit)
  watchSessions(community, emit)
}

function watchUsers(community: Community, emit: TellWebhookEvent): void {
  community.directory.users.watch((change) => {
    if (change.kind === 'set')
      emit(change.before ? 'user.updated' : 'user.created', () => userData(change.after, community))
    else if (change.kind === 'removed') emit('user.deleted', () => deletedUserData(change.before))
  })
}

function userData(user: User, { sessions, now }: Community) {
  return userJson(user, sessions.activityOf(user.id), now())
}

function deletedUserData({ id, externalId }: User) {
  return { object: 'user', id, deleted: true, ...(externalId !== null && { external_id: externalId }) }
}

function watchOrganizations({ directory }: Community, emit: TellWebhookEvent): void {
  directory.organizations.watch((change) => {
    if (change.kind === 'set')
      emit(change.before ? 'organization.updated' : 'organization.created', () => organizationJson(change.after))
    else if (change.kind === 'removed')
      emit('organization.deleted', () => {
        const { id, slug } = change.before
        return { object: 'organization', id, slug, deleted: true }
      })
  })
}

function watchMemberships({ directory }: Community, emit: TellWebhookEvent): void {
  const { memberships, partsOf } = directory
  memberships.watch((change) => {
    if (change.kind === 'set') {
      const type = change.before ? 'organizationMembership.updated' : 'organizationMembership.created'
      emit(type, () => membershipJson(partsOf(change.after)))
    } else if (change.kind === 'removed')
      emit('organizationMembership.deleted', () => membershipJson(partsOf(change.before)))
  })
}

/** Clerk has no event for the use or expiry of a session, or a change of its organization. */
function watchSessions(community: Community, emit: TellWebhookEvent): void {
  const { sessions, now } = community
  const dataOf = (session: Session) => {
    const user = community.directory.users.byId(session.userId)
    return { ...sessionJson(session), user: user ? userData(user, community) : null }
  }
  sessions.records.watch((change) => {
    if (change.kind === 'set') {
      const type = typeOfSet(change.before, change.after)
      if (type) emit(type, () => dataOf(change.after))
    } else if (change.kind === 'removed' && isAlive(change.before) && now() < change.before.expireAt)
      emit('session.removed', () => ({ ...dataOf(change.before), status: 'removed', updated_at: now() }))
  })
}

function typeOfSet(before: Session | undefined, { status }: Session): WebhookEventType | undefined {
  if (before?.status === status) return undefined
  if (status === 'revoked') return 'session.revoked'
  if (status === 'pending') return 'session.pending'
  return status === 'active' ? 'session.created' : undefined
}
