import { record, type Stored } from './record.js'
import { boolean, nullable, string, time, withDefault } from './schema.js'

/** A sign-up that waits for the verification of its email address or phone number. */
export const SignUp = record('sign_up_attempt', 'sua', {
  email_address: withDefault(nullable(string()), null),
  phone_number: withDefault(nullable(string()), null),
  external_id: withDefault(nullable(string()), null),
  custom_action: withDefault(boolean(), false),
  abandon_at: time(),
})

export type SignUp = Stored<typeof SignUp>
