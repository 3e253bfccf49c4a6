import { phoneNumberAnswer } from '../../answers/identification.js'
import { Refusal } from '../../api/errors.js'
import type { PhoneNumber } from '../../model/identification.js'
import { object, string } from '../../model/schema.js'
import {
  canSignInWithout,
  changeUser,
  chooseDefaultSecondFactor,
  removeIdentification,
} from '../../people/identification.js'
import type { World } from '../../state/world.js'
import { phoneNumberField } from './identifier-fields.js'
import { FLAG } from '../fields.js'
import { resource } from '../resource.js'
import { newIdentifier } from './identifiers.js'
import { userWithId } from './user.js'

const phoneNumber = resource('phone_numbers', {
  path: '/v1/phone_numbers',
  param: 'phone_number_id',
  missing: () => new Refusal('identification_not_found'),
  answer: phoneNumberAnswer,
})

const SETTINGS = { verified: FLAG, primary: FLAG, reserved_for_second_factor: FLAG } as const

interface Settings {
  readonly verified?: boolean | null | undefined
  readonly primary?: boolean | null | undefined
  readonly reserved_for_second_factor?: boolean | null | undefined
}

export const phoneNumbers = [
  phoneNumber.create('CreatePhoneNumber', {
    body: object({ ...SETTINGS, user_id: string(), phone_number: phoneNumberField() }),
    run({ world, body: { user_id, ...body } }) {
      userWithId(world, user_id)
      const phone_number = newIdentifier(world, 'phone_number', body.phone_number)
      if (body.reserved_for_second_factor && !body.verified)
        throw new Refusal('identification_create_second_factor_unverified')
      const added = world.phone_numbers.add({ user_id, phone_number, verified: false })
      return applySettings(world, added, body)
    },
  }),

  phoneNumber.get('GetPhoneNumber'),

  phoneNumber.update('UpdatePhoneNumber', {
    body: object(SETTINGS),
    run: (record, { world, body }) => applySettings(world, record, body),
  }),

  phoneNumber.remove('DeletePhoneNumber', ({ id, user_id }, { world }) => {
    removeIdentification(world, userWithId(world, user_id), 'phone_numbers', id)
    chooseDefaultSecondFactor(world, user_id)
  }),
]

/** @throws {Refusal} if a second factor would be unverified, or the only identification of the user */
function applySettings(world: World, number: PhoneNumber, { primary, ...settings }: Settings): PhoneNumber {
  const { id, user_id } = number
  const user = userWithId(world, user_id)
  const verified = settings.verified ?? number.verified
  const isReserved = settings.reserved_for_second_factor ?? number.reserved_for_second_factor
  if (isReserved && !verified) throw new Refusal('identification_update_second_factor_unverified')
  if (isReserved && !canSignInWithout(world, user, id)) throw new Refusal('identification_update_failed')
  changeUser(world, user, () => {
    world.phone_numbers.update(id, {
      verified,
      reserved_for_second_factor: isReserved,
      default_second_factor: isReserved && number.default_second_factor,
    })
    chooseDefaultSecondFactor(world, user_id)
    return primary || user.primary_phone_number_id === null ? { primary_phone_number_id: id } : {}
  })
  return world.phone_numbers.byId(id) ?? number
}
