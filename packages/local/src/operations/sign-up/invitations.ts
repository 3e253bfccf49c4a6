import { invitationAnswer } from '../../answers/invitation.js'
import { Refusal } from '../../api/errors.js'
import { metadata } from '../../model/metadata.js'
import { integer, list, nullish, oneOf, optional, refined, rule, strict, string } from '../../model/schema.js'
import { INVITATION_STATUSES, invitationStatus } from '../../people/invitation.js'
import { emailAddressField } from '../users/identifier-fields.js'
import { invite, refuseInvited, refuseUser } from './invite.js'
import { FLAG, METADATA } from '../fields.js'
import { operation } from '../operation.js'
import { resource } from '../resource.js'

const invitation = resource('invitations', {
  path: '/v1/invitations',
  param: 'invitation_id',
  missing: (id) => new Refusal('resource_not_found', `No invitation was found with id ${id}`),
  answer: (record, { world }) => invitationAnswer(record, world),
})

const INVITATION = {
  email_address: emailAddressField(),
  notify: FLAG,
  ignore_existing: FLAG,
  expires_in_days: nullish(integer({ min: 1, max: 365 })),
  template_slug: optional(oneOf('invitation', 'waitlist_invitation')),
} as const

export const invitations = [
  invitation.list('ListInvitations', {
    query: { status: optional(oneOf(...INVITATION_STATUSES)) },
    search: ['id', 'email_address'],
    order: {
      created_at: ({ created_at }) => created_at,
      email_address: ({ email_address }) => email_address,
      expires_at: ({ expires_at }) => expires_at,
    },
    filter(record, { world, query: { status: requested } }) {
      const status = invitationStatus(record, world.now())
      return requested === undefined ? status !== 'revoked' : status === requested
    },
    page: 'paginated',
  }),

  invitation.create('CreateInvitation', {
    body: strict({ ...INVITATION, public_metadata: optional(metadata()), redirect_url: optional(redirectUrl()) }),
    run({ world, body }) {
      if (!body.ignore_existing) {
        refuseUser(world, body.email_address)
        refuseInvited(world, body.email_address)
      }
      return invite(world, body)
    },
  }),

  operation('CreateBulkInvitations', 'POST /v1/invitations/bulk', {
    body: list(
      strict({
        ...INVITATION,
        public_metadata: METADATA,
        redirect_url: nullish(redirectUrl()),
      }),
      { min: 1, max: 10 },
    ),
    run: ({ world, body }) =>
      body.map((input) => {
        // Unlike one invitation, several never invite a user.
        refuseUser(world, input.email_address)
        if (!input.ignore_existing) refuseInvited(world, input.email_address)
        return invitationAnswer(invite(world, input), world)
      }),
  }),

  invitation.act('RevokeInvitation', 'POST', '/revoke', {
    run({ id, status }, { world }) {
      if (status !== 'pending') throw new Refusal(`invitation_already_${status}`)
      return world.invitations.update(id, { status: 'revoked' })
    },
  }),
]

/** A URL or a path in the application, but no script. */
function redirectUrl() {
  const isRedirect = (text: string) =>
    URL.canParse(text, 'http://localhost') && !/^(?:javascript|data):/.test(new URL(text, 'http://localhost').href)
  return refined(string({ min: 1, max: 2048 }), rule('form_param_format_invalid', 'must be a valid url.', isRedirect))
}
