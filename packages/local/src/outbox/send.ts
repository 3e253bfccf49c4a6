import type { Email, SmsMessage } from '../model/message.js'
import type { Template } from '../model/template.js'
import type { JsonObject } from '../model/schema.js'
import type { Table } from '../state/table.js'
import type { World } from '../state/world.js'
import { appOf } from './app.js'
import { plainText } from './html.js'
import { renderTemplate, type Rendered } from './template.js'

/** A template, its variables besides `app`, and the recipient. */
interface Message {
  /** of the template, such as `invitation` */
  readonly slug: string
  readonly data?: JsonObject
  /** if the recipient is a user */
  readonly user_id?: string | null
}

export interface EmailMessage extends Message {
  readonly to_email_address: string
  readonly email_address_id?: string | null
}

export interface TextMessage extends Message {
  readonly to_phone_number: string
  readonly phone_number_id?: string | null
}

/** Puts an email into the outbox. A template that is missing, disabled or cannot be rendered sends nothing. */
export function sendEmail(world: World, { slug, data = {}, ...to }: EmailMessage): void {
  const template = templateOf(world, 'email', slug)
  if (!template) return
  const variables = { app: appOf(world), ...data }
  const subject = renderTemplate(template.subject ?? '', variables, 'text')
  const body = renderTemplate(template.body, variables, 'html')
  if (!isRendered(subject) || !isRendered(body)) return
  world.emails.add({
    slug,
    ...to,
    data: variables,
    from_email_name: template.from_email_name,
    reply_to_email_name: template.reply_to_email_name,
    delivered_by_clerk: template.delivered_by_clerk,
    subject: subject.text,
    body: body.text,
    body_plain: plainText(body.text),
  })
  dropOldest(world.emails, (email) => email.subject.length + email.body.length + email.body_plain.length)
}

/** Puts a text message into the outbox, like {@link sendEmail}. */
export function sendSms(world: World, { slug, data = {}, ...to }: TextMessage): void {
  const template = templateOf(world, 'sms', slug)
  if (!template) return
  const variables = { app: appOf(world), ...data }
  const message = renderTemplate(template.body, variables, 'text')
  if (!isRendered(message)) return
  world.sms_messages.add({
    slug,
    ...to,
    data: variables,
    delivered_by_clerk: template.delivered_by_clerk,
    message: message.text,
  })
  dropOldest(world.sms_messages, (sms) => sms.message.length)
}

/** A long-running instance must not fill up: it holds the last thousand messages of each kind. */
const MAX_MESSAGES = 1000

/** A caller's template can make messages large. */
const MAX_CHARACTERS = 16 * 1024 * 1024

function dropOldest<Message extends Email | SmsMessage>(
  messages: Pick<Table<Message>, 'all' | 'remove'>,
  lengthOf: (message: Message) => number,
): void {
  const all = messages.all()
  let characters = all.reduce((sum, message) => sum + lengthOf(message), 0)
  for (const [index, message] of all.entries()) {
    if (all.length - index <= MAX_MESSAGES && characters <= MAX_CHARACTERS) return
    messages.remove(message.id)
    characters -= lengthOf(message)
  }
}

function templateOf({ templates }: World, type: Template['template_type'], slug: string): Template | undefined {
  return templates.where('slug', slug).find(({ template_type, enabled }) => template_type === type && enabled)
}

function isRendered(rendered: Rendered): rendered is { readonly text: string } {
  return 'text' in rendered
}
