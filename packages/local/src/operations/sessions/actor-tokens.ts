import { Refusal, missingParameter } from '../../api/errors.js'
import { randomWord } from '../../model/ids.js'
import { json, optional, strict, string, type JsonObject } from '../../model/schema.js'
import { resource } from '../resource.js'
import { LIFETIME, refuseRevocation, ticketAnswer, ticketNotFound } from './tickets.js'
import { userWithId } from '../users/user.js'

const actorToken = resource('actor_tokens', {
  path: '/v1/actor_tokens',
  param: 'actor_token_id',
  missing: (id) => ticketNotFound('actor_token', id),
  answer: (record, { world }) => ({ ...ticketAnswer('actor_token', record, world), actor: record.actor }),
})

export const actorTokens = [
  actorToken.create('CreateActorToken', {
    body: strict({
      user_id: string(),
      actor: json(),
      expires_in_seconds: optional(LIFETIME),
      session_max_duration_in_seconds: optional(LIFETIME),
    }),
    run({ world, body }) {
      const { user_id, actor, expires_in_seconds = 3600, session_max_duration_in_seconds = 1800 } = body
      refuseNoSubject(actor)
      userWithId(world, user_id)
      return world.actor_tokens.add({
        user_id,
        actor,
        token: randomWord(42),
        expire_at: world.now() + expires_in_seconds * 1000,
        session_duration: session_max_duration_in_seconds * 1000,
      })
    },
  }),

  actorToken.act('RevokeActorToken', 'POST', '/revoke', {
    run(record, { world }) {
      refuseRevocation('actor_token', record)
      return world.actor_tokens.update(record.id, { status: 'revoked' })
    },
  }),
]

/** @throws {Refusal} */
function refuseNoSubject({ sub }: JsonObject): void {
  if (sub === undefined || sub === '') throw missingParameter('actor.sub')
  if (typeof sub !== 'string')
    throw new Refusal('form_param_type_invalid', '`actor.sub` must be a `string`.', 'actor.sub')
}
