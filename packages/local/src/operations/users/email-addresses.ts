import { emailAddressAnswer } from '../../answers/identification.js'
import { Refusal } from '../../api/errors.js'
import { object, string } from '../../model/schema.js'
import { changeUser, notifyOfNewPrimary, removeIdentification } from '../../people/identification.js'
import { emailAddressField } from './identifier-fields.js'
import { FLAG } from '../fields.js'
import { resource } from '../resource.js'
import { newIdentifier } from './identifiers.js'
import { userWithId } from './user.js'

const address = resource('email_addresses', {
  path: '/v1/email_addresses',
  param: 'email_address_id',
  missing: () => new Refusal('identification_not_found'),
  answer: emailAddressAnswer,
})

const SETTINGS = { verified: FLAG, primary: FLAG, notify_primary_email_address_changed: FLAG } as const

export const emailAddresses = [
  address.create('CreateEmailAddress', {
    body: object({ ...SETTINGS, user_id: string(), email_address: emailAddressField() }),
    run({ world, body: { user_id, notify_primary_email_address_changed: notify, ...body } }) {
      const user = userWithId(world, user_id)
      const email_address = newIdentifier(world, 'email_address', body.email_address)
      const added = world.email_addresses.add({ user_id, email_address, verified: body.verified ?? false })
      const isPrimary = body.primary || user.primary_email_address_id === null
      if (isPrimary && notify) notifyOfNewPrimary(world, user, added)
      changeUser(world, user, () => (isPrimary ? { primary_email_address_id: added.id } : {}))
      return added
    },
  }),

  address.get('GetEmailAddress'),

  address.update('UpdateEmailAddress', {
    body: object(SETTINGS),
    run({ id, user_id }, { world, body: { verified, primary, notify_primary_email_address_changed: notify } }) {
      const user = userWithId(world, user_id)
      const changed = world.email_addresses.update(id, { verified: verified ?? undefined })
      if (primary && notify) notifyOfNewPrimary(world, user, changed)
      changeUser(world, user, () => (primary ? { primary_email_address_id: id } : {}))
      return changed
    },
  }),

  address.remove('DeleteEmailAddress', ({ id, user_id }, { world }) =>
    removeIdentification(world, userWithId(world, user_id), 'email_addresses', id),
  ),
]
