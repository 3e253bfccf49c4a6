import { jsonAnswer, type Answer } from '../api/answer.js'
import { NEWEST_API_VERSION, apiVersionOf } from './backend-api.js'
import { refuseSignIn } from './ban-api.js'
import type { Community } from '../people/community.js'
import type { Endpoint, EndpointRequest } from '../api/endpoint.js'
import { Refusal, unknownReference } from '../api/errors.js'
import { readBodyFields, readQueryFields } from './fields.js'
import type { JwtMint } from '../tokens/issuer.js'
import { signTemplateToken } from '../tokens/jwt-template.js'
import { BARE_PAGE_FIELDS, barePageAnswer } from './page.js'
import { isAlive, type Session } from '../people/session.js'
import { sessionTokenOf } from '../tokens/token-of-session.js'
import { templateTokenParts } from '../tokens/template-token.js'
import { userNotFound } from './user-api.js'

/** Sessions, and tokens for live ones. */
export function sessionApi(community: Community, mint: JwtMint): readonly Endpoint[] {
  const { directory, sessions, templates } = community
  const path = '/v1/sessions'

  /** @throws {Refusal} */
  function sessionOf({ params: { session_id: id = '' } }: EndpointRequest): Session {
    const session = sessions.byId(id)
    if (!session) throw sessionNotFound(id)
    return session
  }

  function answerOf(session: Session, request: EndpointRequest): Answer {
    return jsonAnswer(sessionJson(session, apiVersionOf(request)))
  }

  /** @throws {Refusal} if the session does not exist or has ended */
  function liveSessionOf(request: EndpointRequest): Session {
    const session = sessionOf(request)
    if (!isAlive(session)) throw sessionNotFound(session.id)
    return session
  }

  return [
    {
      operation: 'GetSessionList',
      method: 'GET',
      path,
      answer(request) {
        const asked = readQueryFields(request, LIST_FIELDS)
        const { client_id: clientId, user_id: userId, status } = asked
        if (clientId === undefined && userId === undefined)
          throw new Refusal('form_param_missing', 'client_id or user_id must be included.', 'user_id')
        const found = sessions
          .all()
          .filter((session) => clientId === undefined || session.clientId === clientId)
          .filter((session) => userId === undefined || session.userId === userId)
          .filter((session) => status === undefined || session.status === status)
        return barePageAnswer(found, asked, (session) => sessionJson(session, apiVersionOf(request)))
      },
    },
    {
      operation: 'createSession',
      method: 'POST',
      path,
      async answer(request) {
        const { user_id: userId, active_organization_id: asked } = await readBodyFields(request, CREATE_FIELDS)
        const user = directory.users.byId(userId)
        if (!user) throw userNotFound(userId)
        refuseSignIn(user, community.now())
        if (asked !== undefined && !directory.membershipOf(asked, userId))
          throw unknownReference('active_organization_id')
        const organizationId = asked ?? directory.defaultOrganizationIdOf(user)
        return answerOf(sessions.create({ userId, organizationId, actor: null }), request)
      },
    },
    {
      operation: 'GetSession',
      method: 'GET',
      path: `${path}/:session_id`,
      answer: (request) => answerOf(sessionOf(request), request),
    },
    {
      operation: 'RevokeSession',
      method: 'POST',
      path: `${path}/:session_id/revoke`,
      answer(request) {
        const session = sessionOf(request)
        return answerOf(sessions.revoke(session.id) ?? session, request)
      },
    },
    {
      operation: 'CreateSessionToken',
      method: 'POST',
      path: `${path}/:session_id/tokens`,
      async answer(request) {
        const { expires_in_seconds: ttl } = await readBodyFields(request, TOKEN_FIELDS)
        const session = liveSessionOf(request)
        return tokenAnswer(await sessionTokenOf(session, ttl ?? undefined, community, mint))
      },
    },
    {
      operation: 'CreateSessionTokenFromTemplate',
      method: 'POST',
      path: `${path}/:session_id/tokens/:template_name`,
      async answer(request) {
        const { expires_in_seconds: ttl } = await readBodyFields(request, TOKEN_FIELDS)
        const { userId, organizationId, actor } = liveSessionOf(request)
        const name = decodedName(request.params['template_name'] ?? '')
        const template = templates.all().find((other) => other.name === name)
        if (!template) throw new Refusal('jwt_template_not_found', `No JWT template exists with name: ${name}`)
        const holder = { userId, organizationId, actor }
        const parts = templateTokenParts(holder, template, ttl ?? undefined, community, mint.issuer())
        return tokenAnswer(await signTemplateToken(parts, template, mint.keys.current))
      },
    },
  ]
}

/** Includes `tasks` from the API version that introduced them. */
export function sessionJson(session: Session, version = NEWEST_API_VERSION) {
  return {
    object: 'session',
    id: session.id,
    user_id: session.userId,
    client_id: session.clientId,
    actor: session.actor,
    status: session.status,
    last_active_organization_id: session.organizationId,
    last_active_at: session.lastActiveAt,
    latest_activity: null,
    expire_at: session.expireAt,
    abandon_at: session.abandonAt,
    ...(version >= '2025-04-10' && { tasks: session.status === 'pending' ? [{ key: 'choose-organization' }] : null }),
    created_at: session.createdAt,
    updated_at: session.updatedAt,
  }
}

export function tokenAnswer(jwt: string) {
  return jsonAnswer({ object: 'token', jwt })
}

function sessionNotFound(id: string): Refusal {
  return new Refusal('session_not_found', `No session was found with id ${id}`)
}

function decodedName(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

const STATUSES = ['abandoned', 'active', 'ended', 'expired', 'pending', 'removed', 'replaced', 'revoked']

const LIST_FIELDS = {
  client_id: { type: 'string' },
  user_id: { type: 'string' },
  status: { type: 'string', oneOf: STATUSES },
  ...BARE_PAGE_FIELDS,
} as const

const CREATE_FIELDS = {
  user_id: { type: 'string', required: true },
  active_organization_id: { type: 'string' },
} as const

const TOKEN_FIELDS = {
  expires_in_seconds: { type: 'integer', nullable: true, min: 30, max: 315_360_000 },
} as const
