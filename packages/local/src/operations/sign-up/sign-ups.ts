import { Refusal } from '../../api/errors.js'
import { object, optional } from '../../model/schema.js'
import type { SignUp } from '../../model/sign-up.js'
import { User } from '../../model/user.js'
import { FLAG } from '../fields.js'
import { resource } from '../resource.js'

const signUp = resource('sign_ups', {
  path: '/v1/sign_ups',
  param: 'id',
  missing: (id) => new Refusal('resource_not_found', `No sign up was found with id ${id}`),
  answer: (record, { world }) => signUpAnswer(record, world.now()),
})

export const signUps = [
  signUp.get('GetSignUp'),

  signUp.update('UpdateSignUp', {
    body: object({ external_id: optional(User.fields.external_id), custom_action: FLAG }),
    run({ id, ...record }, { world, body: { external_id, custom_action } }) {
      if (isAbandoned(record, world.now())) throw new Refusal('sign_up_cannot_be_updated')
      return world.sign_ups.update(id, { external_id, custom_action: custom_action ?? undefined })
    },
  }),
]

function signUpAnswer(signUp: SignUp, now: number) {
  const { id, email_address, phone_number } = signUp
  const fields = (['email_address', 'phone_number'] as const).filter((name) => signUp[name] !== null)
  return {
    object: 'sign_up_attempt',
    id,
    status: isAbandoned(signUp, now) ? 'abandoned' : 'missing_requirements',
    required_fields: fields,
    optional_fields: [],
    missing_fields: [],
    unverified_fields: fields,
    verifications: {
      email_address: email_address === null ? null : verification('email_code', signUp),
      phone_number: phone_number === null ? null : verification('phone_code', signUp),
      web3_wallet: null,
      external_account: null,
    },
    username: null,
    email_address,
    phone_number,
    web3_wallet: null,
    password_enabled: false,
    first_name: null,
    last_name: null,
    unsafe_metadata: {},
    public_metadata: {},
    custom_action: signUp.custom_action,
    external_id: signUp.external_id,
    created_session_id: null,
    created_user_id: null,
    abandon_at: signUp.abandon_at,
    legal_accepted_at: null,
    locale: null,
  }
}

function verification(strategy: string, { abandon_at }: SignUp) {
  return {
    status: 'unverified',
    strategy,
    attempts: 0,
    expire_at: abandon_at,
    next_action: 'needs_attempt',
    supported_strategies: [strategy],
  }
}

function isAbandoned({ abandon_at }: Pick<SignUp, 'abandon_at'>, now: number): boolean {
  return now >= abandon_at
}
