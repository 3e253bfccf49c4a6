import type { Template } from '../model/template.js'
import type { JsonObject } from '../model/schema.js'
import type { World } from '../state/world.js'
import { renderTemplate, type Rendered } from './template.js'

/** What is sent: a template, to whom, and what it is rendered with besides `app`. */
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
    delivered_by_clerk: template.delivered_by_clerk,
    subject: subject.text,
    body: body.text,
    body_plain: plainText(body.text),
  })
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
}

function templateOf({ templates }: World, type: Template['template_type'], slug: string): Template | undefined {
  return templates.where('slug', slug).find(({ template_type, enabled }) => template_type === type && enabled)
}

function appOf({ url }: World) {
  return { name: 'Local application', url: url(), domain_name: new URL(url()).host }
}

function isRendered(rendered: Rendered): rendered is { readonly text: string } {
  return 'text' in rendered
}

/** The text of an HTML email, with the addresses of links. */
function plainText(html: string): string {
  return html
    .replaceAll(/<a\s[^>]*href="([^"]*)"[^>]*>(.*?)<\/a>/gs, '$2 ($1)')
    .replaceAll(/<\/(p|h\d|div|li)>|<br\s*\/?>/g, '\n')
    .replaceAll(/<[^>]+>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .trim()
}
