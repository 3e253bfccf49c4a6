import { sessionAnswer } from '../../answers/session.js'
import { Refusal, unknownReference } from '../../api/errors.js'
import { integer, nullish, object, oneOf, optional, string } from '../../model/schema.js'
import type { Session } from '../../model/session.js'
import { defaultOrganizationIdOf, membershipOf } from '../../people/membership.js'
import { asOfNow, isAlive, revokeSession, sessionOf, startSession } from '../../people/session.js'
import { refuseSignIn } from '../../people/sign-in.js'
import { signTemplateToken } from '../../tokens/jwt-template.js'
import { templateTokenParts } from '../../tokens/template-token.js'
import { sessionTokenOf } from '../../tokens/token-of-session.js'
import { operation, type Call } from '../operation.js'
import { resource } from '../resource.js'
import { userWithId } from '../users/user.js'

const session = resource('sessions', {
  path: '/v1/sessions',
  param: 'session_id',
  find: ({ world, params: { session_id: id = '' } }) => sessionOf(world, id),
  missing: sessionNotFound,
  answer: (record, { world }) => sessionAnswer(record, world),
})

const STATUS = oneOf('abandoned', 'active', 'ended', 'expired', 'removed', 'replaced', 'revoked')

const TOKEN = object({ expires_in_seconds: nullish(integer({ min: 30, max: 315_360_000 })) })

export const sessions = [
  session.list('GetSessionList', {
    query: { client_id: optional(string()), user_id: optional(string()), status: optional(STATUS) },
    of({ world, query: { client_id, user_id } }) {
      if (user_id !== undefined) return world.sessions.where('user_id', user_id)
      if (client_id !== undefined) return world.sessions.where('client_id', client_id)
      throw new Refusal('form_param_missing', 'client_id or user_id must be included.', 'user_id')
    },
    filter: (record, { world, query: { client_id = record.client_id, status } }) =>
      record.client_id === client_id && (status === undefined || asOfNow(record, world).status === status),
    page: 'paginated',
  }),

  session.create('createSession', {
    body: object({ user_id: string(), active_organization_id: optional(string()) }),
    run({ world, body: { user_id, active_organization_id: requested } }) {
      const user = userWithId(world, user_id)
      refuseSignIn(user, world.now())
      if (requested !== undefined && !membershipOf(world, requested, user_id))
        throw unknownReference('active_organization_id')
      const organization_id = requested ?? defaultOrganizationIdOf(world, user)
      return startSession(world, { user_id, organization_id, actor: null })
    },
  }),

  session.get('GetSession'),

  session.act('RevokeSession', 'POST', '/revoke', { run: (record, { world }) => revokeSession(world, record) }),

  operation('CreateSessionToken', 'POST /v1/sessions/{session_id}/tokens', {
    body: TOKEN,
    async run(call) {
      const { instance, world, body } = call
      const jwt = sessionTokenOf(liveSessionOf(call), body.expires_in_seconds ?? undefined, world, instance.mint)
      return { object: 'token', jwt: await jwt }
    },
  }),

  operation('CreateSessionTokenFromTemplate', 'POST /v1/sessions/{session_id}/tokens/{template_name}', {
    body: TOKEN,
    async run(call) {
      const { world, body, params } = call
      const { mint } = call.instance
      const { user_id, last_active_organization_id: organization_id, actor } = liveSessionOf(call)
      const { template_name: name = '' } = params
      const template = world.jwt_templates.find('name', name)
      if (!template) throw new Refusal('jwt_template_not_found', `No JWT template exists with name: ${name}`)
      const holder = { user_id, organization_id, actor }
      const parts = templateTokenParts(holder, template, body.expires_in_seconds ?? undefined, world, mint.issuer())
      return { object: 'token', jwt: await signTemplateToken(parts, template, mint.keys.current) }
    },
  }),
]

/** @throws {Refusal} if the session does not exist or has ended */
function liveSessionOf(call: Call): Session {
  const found = session.recordOf(call)
  if (!isAlive(found)) throw sessionNotFound(found.id)
  return found
}

function sessionNotFound(id: string): Refusal {
  return new Refusal('session_not_found', `No session was found with id ${id}`)
}
