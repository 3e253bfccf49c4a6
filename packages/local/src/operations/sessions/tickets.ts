import { sessionAnswer } from '../../answers/session.js'
import { jsonAnswer } from '../../api/answer.js'
import type { Endpoint } from '../../api/endpoint.js'
import { Refusal } from '../../api/errors.js'
import type { Instance } from '../../instance/instance.js'
import { integer, string } from '../../model/schema.js'
import type { ActorToken, Session, SignInToken } from '../../model/session.js'
import type { User } from '../../model/user.js'
import { acceptInvitation } from '../../people/invitation.js'
import { defaultOrganizationIdOf, membershipOf } from '../../people/membership.js'
import { acceptOrganizationInvitation } from '../../people/organization-invitation.js'
import { startSession } from '../../people/session.js'
import { refuseSignIn } from '../../people/sign-in.js'
import { ACCEPT_PATH, ticketUrl } from '../../people/ticket.js'
import type { World } from '../../state/world.js'
import { sessionTokenOf } from '../../tokens/token-of-session.js'
import { readQuery } from '../input.js'

/** An actor token or a sign-in token: either signs a user in once, without a password. */
type Ticket = ActorToken | SignInToken

export type TicketKind = 'actor_token' | 'sign_in_token'

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
    url: ticketUrl(world, token),
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

/** Signs in the user of a ticket or an invitation. The ticket is the credential, so no secret key is required. */
export function acceptTicket({ world, mint }: Instance): Endpoint {
  return {
    method: 'GET',
    path: ACCEPT_PATH,
    async answer(request) {
      const { ticket: token } = readQuery(request, { ticket: string() })
      const { session, redirect_url, signed } = world.transaction(() => {
        const accepted = accept(token, world)
        return { ...accepted, signed: sessionTokenOf(accepted.session, undefined, world, mint) }
      })
      const last_active_token = { object: 'token', jwt: await signed }
      return jsonAnswer({ ...sessionAnswer(session, world), last_active_token, ...(redirect_url && { redirect_url }) })
    },
  }
}

interface Accepted {
  readonly session: Session
  /** where the browser continues after an invitation */
  readonly redirect_url?: string | null
}

/** @throws {Refusal} if the ticket does not exist or is no longer valid, or its user cannot sign in */
function accept(token: string, world: World): Accepted {
  const accepted =
    acceptedActorToken(token, world) ??
    acceptedSignInToken(token, world) ??
    acceptedInvitation(token, world) ??
    acceptedOrganizationInvitation(token, world)
  if (!accepted) throw new Refusal('ticket_invalid_code')
  return accepted
}

function acceptedActorToken(token: string, world: World): Accepted | undefined {
  const ticket = world.actor_tokens.find('token', token)
  if (!ticket) return undefined
  const user = userToSignIn('actor_token', ticket, world)
  world.actor_tokens.update(ticket.id, { status: 'accepted' })
  const holder = { user_id: user.id, organization_id: defaultOrganizationIdOf(world, user), actor: ticket.actor }
  return { session: startSession(world, holder, ticket.session_duration ?? undefined) }
}

function acceptedSignInToken(token: string, world: World): Accepted | undefined {
  const ticket = world.sign_in_tokens.find('token', token)
  if (!ticket) return undefined
  const { id, organization_id: requested } = ticket
  const user = userToSignIn('sign_in_token', ticket, world)
  world.sign_in_tokens.update(id, { status: 'accepted' })
  const isMember = requested !== null && membershipOf(world, requested, user.id) !== undefined
  const organization_id = requested === null ? defaultOrganizationIdOf(world, user) : isMember ? requested : null
  return { session: startSession(world, { user_id: user.id, organization_id, actor: null }) }
}

function acceptedInvitation(token: string, world: World): Accepted | undefined {
  const user = acceptInvitation(world, token)
  if (!user) return undefined
  refuseSignIn(user, world.now())
  const holder = { user_id: user.id, organization_id: defaultOrganizationIdOf(world, user), actor: null }
  const redirect_url = world.invitations.find('token', token)?.redirect_url ?? null
  return { session: startSession(world, holder), redirect_url }
}

function acceptedOrganizationInvitation(token: string, world: World): Accepted | undefined {
  const invitation = acceptOrganizationInvitation(world, token)
  if (!invitation) return undefined
  const { user_id, organization_id, redirect_url } = invitation
  const user = world.users.byId(user_id)
  if (user) refuseSignIn(user, world.now())
  return { session: startSession(world, { user_id, organization_id, actor: null }), redirect_url }
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
