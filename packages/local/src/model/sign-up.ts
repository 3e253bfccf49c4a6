import { DAY_IN_MS } from '../support/durations.js'
import { record, type Stored } from './record.js'
import { boolean, orNull, string, time, withDefault } from './schema.js'

/** Clerk's time until an unfinished sign-up is abandoned. */
export const SIGN_UP_DURATION_IN_MS = DAY_IN_MS

/** A sign-up that waits for the verification of its email address or phone number. */
export const SignUp = record('sign_up_attempt', 'sua', {
  email_address: orNull(string()),
  phone_number: orNull(string()),
  external_id: orNull(string()),
  custom_action: withDefault(boolean(), false),
  abandon_at: time(),
})

export type SignUp = Stored<typeof SignUp>
