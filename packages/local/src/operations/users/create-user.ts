import { Refusal } from '../../api/errors.js'
import { newId } from '../../model/ids.js'
import { metadata } from '../../model/metadata.js'
import { list, oneOf, optional, refined, rule, strict, string, type Values } from '../../model/schema.js'
import { lockoutEnd } from '../../people/ban.js'
import { isEmailAddress, isPhoneNumber, isWalletAddress } from '../../people/identifiers.js'
import type { World } from '../../state/world.js'
import { withoutNulls } from '../without-nulls.js'
import { newIdentifier, stored } from './identifiers.js'
import { user } from './user.js'
import { FLAG } from '../fields.js'
import { USER_FIELDS, userChanges } from './user-fields.js'

const STATUSES = optional(list(oneOf('verified', 'reserved')))

const FIELDS = {
  ...USER_FIELDS,
  email_address: identifiers('email address', isEmailAddress),
  email_address_identification_status: STATUSES,
  phone_number: identifiers('phone number', (value) => isPhoneNumber(stored.phone_number(value))),
  phone_number_identification_status: STATUSES,
  web3_wallet: identifiers('web3 wallet address', isWalletAddress),
  public_metadata: optional(metadata()),
  private_metadata: optional(metadata()),
  unsafe_metadata: optional(metadata()),
  // Accepted and ignored: no password is required here.
  skip_password_requirement: FLAG,
  skip_user_requirement: FLAG,
  banned: FLAG,
  locked: FLAG,
} as const

type Body = Values<typeof FIELDS>

export const createUser = user.create('CreateUser', {
  body: strict(FIELDS),
  run({ world, body }) {
    const { public_metadata, private_metadata, unsafe_metadata } = body
    const id = newId('user')
    world.users.add({
      id,
      local_name: localName(body) ?? id,
      ...withoutNulls({ ...userChanges(world, body), public_metadata, private_metadata, unsafe_metadata }),
      mfa_enabled_at: body.totp_secret ? world.now() : null,
      banned: body.banned === true,
      locked_until: body.locked ? lockoutEnd(world.now()) : null,
    })
    return world.users.update(id, addIdentifiers(world, id, body))
  },
})

/**
 * The name of the user in code: the first identifier.
 *
 * @throws {Refusal} if there is none, and one is required
 */
function localName({ username, email_address = [], phone_number = [], web3_wallet = [], ...body }: Body) {
  const [name] = [
    ...(username ? [username] : []),
    ...email_address.map(stored.email_address),
    ...phone_number.map(stored.phone_number),
    ...web3_wallet.map(stored.web3_wallet),
  ]
  if (name === undefined && !body.skip_user_requirement)
    throw new Refusal(
      'form_data_missing',
      '["email_address"] data doesn\'t match user requirements set for this instance',
      'email_address',
    )
  return name
}

/** Adds a new user's identifiers, and returns the ids of the primary ones: the first of each kind. */
function addIdentifiers(world: World, user_id: string, body: Body) {
  const emailStatusOf = statuses(body, 'email_address')
  const phoneStatusOf = statuses(body, 'phone_number')
  const [email] = (body.email_address ?? []).map((value, i) => {
    const email_address = newIdentifier(world, 'email_address', value)
    return world.email_addresses.add({ user_id, email_address, verified: emailStatusOf(i) === 'verified' })
  })
  const [phone] = (body.phone_number ?? []).map((value, i) => {
    const phone_number = newIdentifier(world, 'phone_number', value)
    return world.phone_numbers.add({ user_id, phone_number, verified: phoneStatusOf(i) === 'verified' })
  })
  const [wallet] = (body.web3_wallet ?? []).map((value) =>
    world.web3_wallets.add({ user_id, web3_wallet: newIdentifier(world, 'web3_wallet', value) }),
  )
  return {
    primary_email_address_id: email?.id,
    primary_phone_number_id: phone?.id,
    primary_web3_wallet_id: wallet?.id,
  }
}

/**
 * The status of each identifier, by its position.
 *
 * @throws {Refusal} if their numbers differ
 */
function statuses(body: Body, name: 'email_address' | 'phone_number'): (position: number) => 'verified' | 'reserved' {
  const given = body[`${name}_identification_status`] ?? []
  if (given.length > 0 && given.length !== (body[name] ?? []).length)
    throw new Refusal(
      'form_param_value_invalid',
      `There must be one status, verified or reserved, for each ${name.replace('_', ' ')}`,
      `${name}_identification_status`,
    )
  return (position) => given[position] ?? 'verified'
}

function identifiers(label: string, isValid: (value: string) => boolean) {
  return optional(
    refined(
      list(string(), { max: 100 }),
      rule('form_param_format_invalid', `must be a valid ${label}.`, (values: readonly string[]) =>
        values.every(isValid),
      ),
    ),
  )
}
