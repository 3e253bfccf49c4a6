import { waitlistEntryAnswer } from '../../answers/waitlist-entry.js'
import { Refusal } from '../../api/errors.js'
import { object, oneOf, optional } from '../../model/schema.js'
import type { WaitlistEntry } from '../../model/waitlist-entry.js'
import { sendEmail } from '../../outbox/send.js'
import { emailAddressField } from '../users/identifier-fields.js'
import { invite, refuseInvited, refuseUser } from './invite.js'
import { FLAG } from '../fields.js'
import { resource } from '../resource.js'

const entry = resource('waitlist_entries', {
  path: '/v1/waitlist_entries',
  param: 'waitlist_entry_id',
  missing: (id) => new Refusal('resource_not_found', `No waitlist entry was found with id ${id}`),
  answer: (record, { world }) => waitlistEntryAnswer(record, world),
})

export const waitlistEntries = [
  entry.list('ListWaitlistEntries', {
    query: { status: optional(oneOf('pending', 'invited', 'completed', 'rejected')) },
    search: ['id', 'email_address'],
    order: {
      created_at: ({ created_at }) => created_at,
      email_address: ({ email_address }) => email_address,
      invited_at: ({ invited_at }) => invited_at,
    },
    filter: ({ status }, { query }) => query.status === undefined || status === query.status,
    page: 'envelope',
  }),

  entry.create('CreateWaitlistEntry', {
    body: object({ email_address: emailAddressField(), notify: FLAG }),
    run({ world, body: { email_address, notify } }) {
      const existing = world.waitlist_entries.find('email_address', email_address)
      if (existing) return existing
      if (notify ?? true) sendEmail(world, { slug: 'waitlist_confirmation', to_email_address: email_address })
      return world.waitlist_entries.add({ email_address })
    },
  }),

  entry.remove('DeleteWaitlistEntry', (record, { world }) => {
    refuseUnlessPending(record)
    world.waitlist_entries.remove(record.id)
  }),

  entry.act('InviteWaitlistEntry', 'POST', '/invite', {
    body: object({ ignore_existing: FLAG }),
    run(record, { world, body }) {
      refuseUnlessPending(record)
      const { id, email_address } = record
      if (!body.ignore_existing) {
        refuseUser(world, email_address)
        refuseInvited(world, email_address)
      }
      const invitation = invite(world, { email_address, template_slug: 'waitlist_invitation' })
      return world.waitlist_entries.update(id, {
        status: 'invited',
        invitation_id: invitation.id,
        invited_at: world.now(),
      })
    },
  }),

  entry.act('RejectWaitlistEntry', 'POST', '/reject', {
    run(record, { world }) {
      refuseUnlessPending(record)
      return world.waitlist_entries.update(record.id, { status: 'rejected' })
    },
  }),
]

/** @throws {Refusal} if the entry was invited, completed or rejected */
function refuseUnlessPending({ status }: WaitlistEntry): void {
  if (status === 'pending') return
  throw new Refusal(`waitlist_entry_already_${status}`, `This waitlist entry has already been ${status}.`)
}
