import { jsonAnswer, type Answer } from '../api/answer.js'
import { refuseSignIn } from './ban-api.js'
import type { Community } from '../people/community.js'
import type { Endpoint, EndpointRequest } from '../api/endpoint.js'
import { Refusal } from '../api/errors.js'
import { readBodyFields, readQueryFields } from './fields.js'
import type { JwtMint } from '../tokens/issuer.js'
import { sessionJson } from './session-api.js'
import { sessionTokenOf } from '../tokens/token-of-session.js'
import { ACCEPT_PATH, newTicket, ticketUrl, type Ticket } from '../people/ticket.js'
import { userNotFound } from './user-api.js'

/** Actor tokens and sign-in tokens, and the endpoint that exchanges them for sessions. */
export function ticketApi(community: Community, mint: JwtMint): readonly Endpoint[] {
  const { directory, tickets, now } = community

  function created(ticket: Ticket): Answer {
    return jsonAnswer(ticketJson(tickets.set(ticket), mint.issuer().url))
  }

  return [
    {
      operation: 'CreateActorToken',
      method: 'POST',
      path: '/v1/actor_tokens',
      async answer(request) {
        const body = await readBodyFields(request, ACTOR_TOKEN_FIELDS, { strict: true })
        const { user_id: userId, actor, expires_in_seconds: ttl = 3600 } = body
        refuseNoSubject(actor)
        if (!directory.users.byId(userId)) throw userNotFound(userId)
        const fields = {
          kind: 'actor_token',
          userId,
          actor,
          organizationId: null,
          expireAt: now() + ttl * 1000,
        } as const
        const sessionDurationInMs = (body.session_max_duration_in_seconds ?? 1800) * 1000
        return created(newTicket({ ...fields, sessionDurationInMs }, now()))
      },
    },
    revokeTicket('RevokeActorToken', '/v1/actor_tokens/:ticket_id/revoke', 'actor_token', community, mint),
    {
      operation: 'CreateSignInToken',
      method: 'POST',
      path: '/v1/sign_in_tokens',
      async answer(request) {
        const body = await readBodyFields(request, SIGN_IN_TOKEN_FIELDS)
        const { user_id: userId, org_id: organizationId = null } = body
        if (!directory.users.byId(userId)) throw userNotFound(userId)
        if (organizationId !== null && !directory.membershipOf(organizationId, userId))
          throw new Refusal('resource_not_found', 'Given organization not found.', 'org_id')
        const expireAt = now() + (body.expires_in_seconds ?? 2_592_000) * 1000
        const fields = { kind: 'sign_in_token', userId, actor: null, organizationId, expireAt } as const
        return created(newTicket({ ...fields, sessionDurationInMs: undefined }, now()))
      },
    },
    revokeTicket('RevokeSignInToken', '/v1/sign_in_tokens/:ticket_id/revoke', 'sign_in_token', community, mint),
    acceptTicket(community, mint),
  ]
}

/** @throws {Refusal} */
function refuseNoSubject({ sub }: Readonly<Record<string, unknown>>): void {
  if (sub === undefined || sub === '')
    throw new Refusal('form_param_missing', 'actor.sub must be included.', 'actor.sub')
  if (typeof sub !== 'string')
    throw new Refusal('form_param_type_invalid', '`actor.sub` must be a `string`.', 'actor.sub')
}

function revokeTicket(
  operation: string,
  path: string,
  kind: Ticket['kind'],
  { tickets, now }: Community,
  { issuer }: JwtMint,
): Endpoint {
  return {
    operation,
    method: 'POST',
    path,
    answer({ params: { ticket_id: id = '' } }) {
      const ticket = tickets.byId(id)
      if (ticket?.kind !== kind) throw new Refusal('resource_not_found', `No ${kindName(kind)} was found with id ${id}`)
      if (ticket.status !== 'pending')
        throw new Refusal(
          `${kind}_cannot_be_revoked_code`,
          `${capitalized(kindName(kind))} cannot be revoked because its status is ${ticket.status}. Only pending tokens can be revoked.`,
        )
      return jsonAnswer(ticketJson(tickets.set({ ...ticket, status: 'revoked', updatedAt: now() }), issuer().url))
    },
  }
}

/** Signs the bearer of a ticket in: the ticket is a credential, so no other is required. */
function acceptTicket(community: Community, mint: JwtMint): Endpoint {
  const { directory, sessions, tickets, now } = community
  return {
    method: 'GET',
    path: ACCEPT_PATH,
    async answer(request) {
      const ticket = ticketToAccept(request, community)
      const { userId, actor } = ticket
      const user = directory.users.byId(userId)
      if (!user) throw new Refusal('ticket_invalid_code')
      refuseSignIn(user, now())
      const asked = ticket.organizationId ?? directory.defaultOrganizationIdOf(user)
      const organizationId = asked !== null && directory.membershipOf(asked, userId) ? asked : null
      const session = sessions.create({ userId, organizationId, actor }, ticket.sessionDurationInMs)
      tickets.set({ ...ticket, status: 'accepted', updatedAt: now() })
      const jwt = await sessionTokenOf(session, undefined, community, mint)
      return jsonAnswer({ ...sessionJson(session), last_active_token: { object: 'token', jwt } })
    },
  }
}

/** @throws {Refusal} if the ticket does not exist, or is no longer valid */
function ticketToAccept(request: EndpointRequest, { tickets, now }: Community): Ticket {
  const { ticket: token } = readQueryFields(request, ACCEPT_FIELDS)
  const ticket = tickets.all().find((other) => other.token === token)
  if (!ticket) throw new Refusal('ticket_invalid_code')
  if (ticket.status === 'revoked') throw new Refusal(`${ticket.kind}_revoked_code`)
  if (ticket.status === 'accepted') throw new Refusal(`${ticket.kind}_already_used_code`)
  if (now() >= ticket.expireAt) throw new Refusal('ticket_expired_code')
  return ticket
}

function ticketJson(ticket: Ticket, url: string) {
  const { kind, id, status, userId, actor, token, createdAt, updatedAt } = ticket
  return {
    object: kind,
    id,
    status,
    user_id: userId,
    ...(actor && { actor }),
    token,
    url: ticketUrl(ticket, url),
    created_at: createdAt,
    updated_at: updatedAt,
  }
}

function kindName(kind: Ticket['kind']): string {
  return kind === 'actor_token' ? 'actor token' : 'sign in token'
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

const ACTOR_TOKEN_FIELDS = {
  user_id: { type: 'string', required: true },
  actor: { type: 'object', required: true },
  expires_in_seconds: { type: 'integer', min: 1 },
  session_max_duration_in_seconds: { type: 'integer', min: 1 },
} as const

const SIGN_IN_TOKEN_FIELDS = {
  user_id: { type: 'string', required: true },
  org_id: { type: 'string', nullable: true },
  expires_in_seconds: { type: 'integer', nullable: true, min: 1 },
} as const

const ACCEPT_FIELDS = { ticket: { type: 'string', required: true } } as const
