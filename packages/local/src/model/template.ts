import { record, type Stored } from './record.js'
import { boolean, integer, list, oneOf, orNull, string, withDefault } from './schema.js'

/** A Handlebars template of an email or a text message. */
export const Template = record('template', 'tmpl', {
  template_type: oneOf('email', 'sms'),
  slug: string(),
  name: string(),
  position: withDefault(integer(), 0),
  subject: orNull(string()),
  markup: withDefault(string(), ''),
  body: string(),
  available_variables: withDefault(list(string()), []),
  required_variables: withDefault(list(string()), []),
  from_email_name: withDefault(string(), ''),
  reply_to_email_name: withDefault(string(), ''),
  /** `false`: the application sends it, prompted by the webhook */
  delivered_by_clerk: withDefault(boolean(), true),
  enabled: withDefault(boolean(), true),
  can_revert: withDefault(boolean(), false),
  can_delete: withDefault(boolean(), false),
  can_edit_body: withDefault(boolean(), true),
  can_toggle: withDefault(boolean(), false),
})

export type Template = Stored<typeof Template>
