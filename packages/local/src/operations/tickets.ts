import { sessionAnswer } from '../answers/session.js'
import { jsonAnswer } from '../api/answer.js'
import type { Endpoint } from '../api/endpoint.js'
import { Refusal } from '../api/errors.js'
import type { Instance } from '../instance/instance.js'
import { integer, string } from '../model/schema.js'
import type { ActorToken, Session, SignInToken } from '../model/session.js'
import type { User } from '../model/user.js'
import { defaultOrganizationIdOf, membershipOf } from '../people/membership.js'
import { startSession } from '../people/session.js'
import { refuseSignIn } from '../people/sign-in.js'
import type { World } from '../state/world.js'
import { sessionTokenOf } from '../tokens/token-of-session.js'
import { readQuery } from './input.js'

/** An actor token or a sign-in token: either signs a user in once, without a password. */
type Ticket = ActorToken | SignInToken

export type TicketKind = 'actor_token' | 'sign_in_token'

const ACCEPT_PATH = '/tickets/accept'

/** Seconds: ten years at most. Clerk documents no maximum. */
export const LIFETIME = integer({ min: 1, max: 315_360_000 })

export function ticketAnswer(kind: TicketKind, ticket: Ticket, world: World) {
  const { id, status, user_id, token, created_at, updated_at } = ticket
  return {
    object: kind,
    id,
    status,
    user_id,
    token,
    url: `${world.url()}${ACCEPT_PATH}?ticket=${token}`,
    created_at,
    updated_at,
  }
}

export function ticketNotFound(kind: TicketKind, id: string): Refusal {
  return new Refusal('resource_not_found', `No ${nameOf(kind)} was found with id ${id}`)
}

/** @throws {Refusal} if the ticket was accepted or revoked */
export function refuseRevocation(kind: TicketKind, { status }: Ticket): void {
  if (status === 'pending') return
  const name = nameOf(kind).replace(/^./, (letter) => letter.toUpperCase())
  throw new Refusal(
    `${kind}_cannot_be_revoked_code`,
    `${name} cannot be revoked because its status is ${status}. Only pending tokens can be revoked.`,
  )
}

function nameOf(kind: TicketKind): string {
  return kind === 'actor_token' ? 'actor token' : 'sign in token'
}

/** Signs the bearer of a ticket in: the ticket is a credential, so no other is required. */
export function acceptTicket({ world, mint }: Instance): Endpoint {
  return {
    method: 'GET',
    path: ACCEPT_PATH,
    async answer(request) {
      const { ticket: token } = readQuery(request, { ticket: string() })
      const { session, signed } = world.transaction(() => {
        const session = accept(token, world)
        return { session, signed: sessionTokenOf(session, undefined, world, mint) }
      })
      const last_active_token = { object: 'token', jwt: await signed }
      return jsonAnswer({ ...sessionAnswer(session, world), last_active_token })
    },
  }
}

/** @throws {Refusal} if the ticket does not exist or is no longer valid, or its user cannot sign in */
function accept(token: string, world: World): Session {
  const actorToken = world.actor_tokens.find('token', token)
  if (actorToken) {
    const { id, actor, session_duration } = actorToken
    const user = userToSignIn('actor_token', actorToken, world)
    world.actor_tokens.update(id, { status: 'accepted' })
    const holder = { user_id: user.id, organization_id: defaultOrganizationIdOf(world, user), actor }
    return startSession(world, holder, session_duration ?? undefined)
  }
  const signInToken = world.sign_in_tokens.find('token', token)
  if (!signInToken) throw new Refusal('ticket_invalid_code')
  const { id, organization_id: asked } = signInToken
  const user = userToSignIn('sign_in_token', signInToken, world)
  world.sign_in_tokens.update(id, { status: 'accepted' })
  const isMember = asked !== null && membershipOf(world, asked, user.id) !== undefined
  const organization_id = asked === null ? defaultOrganizationIdOf(world, user) : isMember ? asked : null
  return startSession(world, { user_id: user.id, organization_id, actor: null })
}

/** @throws {Refusal} if the ticket is no longer valid, or its user cannot sign in */
function userToSignIn(kind: TicketKind, { status, expire_at, user_id }: Ticket, world: World): User {
  if (status === 'revoked') throw new Refusal(`${kind}_revoked_code`)
  if (status === 'accepted') throw new Refusal(`${kind}_already_used_code`)
  if (world.now() >= expire_at) throw new Refusal('ticket_expired_code')
  const user = world.users.byId(user_id)
  if (!user) throw new Refusal('ticket_invalid_code')
  refuseSignIn(user, world.now())
  return user
}
