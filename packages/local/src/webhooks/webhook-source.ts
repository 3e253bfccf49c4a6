import type { Community } from '../people/community.js'
import { membershipJson } from '../people/membership.js'
import { organizationJson } from '../people/organization.js'
import { isAlive, type Session } from '../people/session.js'
import { sessionJson } from '../backend-api/session-api.js'
import { userJson, type User } from '../people/user.js'
import type { WebhookEventType } from './webhook-event.js'

/** Is told of an event, and how to make its data, which is only as it was while this runs. */
export type TellWebhookEvent = (type: WebhookEventType, data: () => object) => void

/** Tells of every change in a community that Clerk has an event for. */
export function watchCommunity(community: Community, tell: TellWebhookEvent): void {
  watchUsers(community, tell)
  watchOrganizations(community, tell)
  watchMemberships(community, tell)
  watchSessions(community, tell)
}

function watchUsers(community: Community, tell: TellWebhookEvent): void {
  community.directory.users.watch((change) => {
    if (change.kind === 'set')
      tell(change.before ? 'user.updated' : 'user.created', () => userData(change.after, community))
    else if (change.kind === 'removed') tell('user.deleted', () => deletedUserData(change.before))
  })
}

function userData(user: User, { sessions, now }: Community) {
  return userJson(user, sessions.activityOf(user.id), now())
}

function deletedUserData({ id, externalId }: User) {
  return { object: 'user', id, deleted: true, ...(externalId !== null && { external_id: externalId }) }
}

function watchOrganizations({ directory }: Community, tell: TellWebhookEvent): void {
  directory.organizations.watch((change) => {
    if (change.kind === 'set')
      tell(change.before ? 'organization.updated' : 'organization.created', () => organizationJson(change.after))
    else if (change.kind === 'removed')
      tell('organization.deleted', () => {
        const { id, slug } = change.before
        return { object: 'organization', id, slug, deleted: true }
      })
  })
}

function watchMemberships({ directory }: Community, tell: TellWebhookEvent): void {
  const { memberships, partsOf } = directory
  memberships.watch((change) => {
    if (change.kind === 'set') {
      const type = change.before ? 'organizationMembership.updated' : 'organizationMembership.created'
      tell(type, () => membershipJson(partsOf(change.after)))
    } else if (change.kind === 'removed')
      tell('organizationMembership.deleted', () => membershipJson(partsOf(change.before)))
  })
}

/** Clerk has no event for a session that was used, moved to another organization, or has expired. */
function watchSessions(community: Community, tell: TellWebhookEvent): void {
  const { sessions, now } = community
  const dataOf = (session: Session) => {
    const user = community.directory.users.byId(session.userId)
    return { ...sessionJson(session), user: user ? userData(user, community) : null }
  }
  sessions.records.watch((change) => {
    if (change.kind === 'set') {
      const type = typeOfSet(change.before, change.after)
      if (type) tell(type, () => dataOf(change.after))
    } else if (change.kind === 'removed' && isAlive(change.before) && now() < change.before.expireAt)
      tell('session.removed', () => ({ ...dataOf(change.before), status: 'removed', updated_at: now() }))
  })
}

function typeOfSet(before: Session | undefined, { status }: Session): WebhookEventType | undefined {
  if (before?.status === status) return undefined
  if (status === 'revoked') return 'session.revoked'
  if (status === 'pending') return 'session.pending'
  return status === 'active' ? 'session.created' : undefined
}
