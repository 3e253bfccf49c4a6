import type { World } from '../state/world.js'
import { linksInHtml, linksInText } from './html.js'

interface OutboxMessage {
  readonly id: string
  /** of its template, such as `invitation` */
  readonly slug: string
  /** email address or phone number */
  readonly to: string
  /** HTML in an email, text in a text message */
  readonly body: string
  /** addresses of the links in the body */
  readonly links: readonly string[]
  /** `null`: the recipient is not a user yet */
  readonly userId: string | null
  /** `false`: your application sends it, prompted by the webhook `email.created` or `sms.created` */
  readonly deliveredByClerk: boolean
  /** milliseconds since the epoch, by the instance's clock */
  readonly sentAt: number
}

/** An email that Clerk would have sent. */
export interface OutboxEmail extends OutboxMessage {
  readonly subject: string
  /** the body without HTML */
  readonly text: string
}

/** A text message that Clerk would have sent. */
export interface OutboxSms extends OutboxMessage {}

/** What the instance would have sent. It holds the last 1000 of each kind. */
export interface LocalOutbox {
  /** newest first */
  readonly emails: () => readonly OutboxEmail[]
  /** newest first */
  readonly smsMessages: () => readonly OutboxSms[]
  readonly clear: () => void
}

export function createOutbox(world: World): LocalOutbox {
  const { emails, sms_messages } = world
  return {
    emails: () =>
      emails
        .all()
        .toReversed()
        .map(({ to_email_address: to, subject, body, body_plain: text, ...email }) => ({
          ...fieldsOf(email),
          to,
          subject,
          body,
          text,
          links: linksInHtml(body),
        })),
    smsMessages: () =>
      sms_messages
        .all()
        .toReversed()
        .map(({ to_phone_number: to, message: body, ...sms }) => ({
          ...fieldsOf(sms),
          to,
          body,
          links: linksInText(body),
        })),
    clear: () =>
      world.transaction(() => {
        for (const { id } of emails.all()) emails.remove(id)
        for (const { id } of sms_messages.all()) sms_messages.remove(id)
      }),
  }
}

interface AnyMessage {
  readonly id: string
  readonly slug: string
  readonly user_id: string | null
  readonly delivered_by_clerk: boolean
  readonly created_at: number
}

function fieldsOf({ id, slug, user_id, delivered_by_clerk, created_at }: AnyMessage) {
  return { id, slug, userId: user_id, deliveredByClerk: delivered_by_clerk, sentAt: created_at }
}
