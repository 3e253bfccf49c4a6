import { randomWord } from '../../model/ids.js'
import { nullish, object, string } from '../../model/schema.js'
import { membershipOf } from '../../people/membership.js'
import { organizationNotFound } from '../organizations/organizations.js'
import { resource } from '../resource.js'
import { LIFETIME, refuseRevocation, ticketAnswer, ticketNotFound } from './tickets.js'
import { userWithId } from '../users/user.js'

const THIRTY_DAYS_IN_SECONDS = 2_592_000

const signInToken = resource('sign_in_tokens', {
  path: '/v1/sign_in_tokens',
  param: 'sign_in_token_id',
  missing: (id) => ticketNotFound('sign_in_token', id),
  answer: (record, { world }) => ticketAnswer('sign_in_token', record, world),
})

export const signInTokens = [
  signInToken.create('CreateSignInToken', {
    body: object({
      user_id: string(),
      org_id: nullish(string()),
      expires_in_seconds: nullish(LIFETIME),
    }),
    run({ world, body: { user_id, org_id: organization_id = null, expires_in_seconds } }) {
      userWithId(world, user_id)
      if (organization_id !== null && !membershipOf(world, organization_id, user_id))
        throw organizationNotFound('org_id')
      const expire_at = world.now() + (expires_in_seconds ?? THIRTY_DAYS_IN_SECONDS) * 1000
      return world.sign_in_tokens.add({ user_id, organization_id, token: randomWord(42), expire_at })
    },
  }),

  signInToken.act('RevokeSignInToken', 'POST', '/revoke', {
    run(record, { world }) {
      refuseRevocation('sign_in_token', record)
      return world.sign_in_tokens.update(record.id, { status: 'revoked' })
    },
  }),
]
