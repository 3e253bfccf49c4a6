import { record, type Stored } from './record.js'
import { boolean, json, orNull, string, withDefault } from './schema.js'

const MESSAGE = {
  /** of the template, such as `invitation` */
  slug: string(),
  /** `null`: the recipient is not a user yet */
  user_id: orNull(string()),
  /** `false`: the application sends it, prompted by the webhook */
  delivered_by_clerk: withDefault(boolean(), true),
  /** what the template was rendered with */
  data: withDefault(json(), {}),
} as const

/** An email that Clerk would have sent. */
export const Email = record('email', 'ema', {
  ...MESSAGE,
  from_email_name: withDefault(string(), ''),
  reply_to_email_name: withDefault(string(), ''),
  to_email_address: string(),
  email_address_id: orNull(string()),
  subject: string(),
  body: string(),
  body_plain: withDefault(string(), ''),
})

export type Email = Stored<typeof Email>

/** A text message that Clerk would have sent. */
export const SmsMessage = record('sms_message', 'sms', {
  ...MESSAGE,
  to_phone_number: string(),
  phone_number_id: orNull(string()),
  message: string(),
})

export type SmsMessage = Stored<typeof SmsMessage>
