import type { Email, SmsMessage } from '../model/message.js'

/** One of the numbers for fiction: +1 XXX 555-0100 to 0199. */
const SENDER = '+12025550100'

export function emailAnswer(email: Email) {
  return {
    object: 'email',
    id: email.id,
    slug: email.slug,
    from_email_name: email.from_email_name,
    reply_to_email_name: email.reply_to_email_name,
    to_email_address: email.to_email_address,
    email_address_id: email.email_address_id,
    user_id: email.user_id,
    subject: email.subject,
    body: email.body,
    body_plain: email.body_plain,
    status: 'queued',
    data: email.data,
    delivered_by_clerk: email.delivered_by_clerk,
  }
}

export function smsAnswer(sms: SmsMessage) {
  return {
    object: 'sms_message',
    id: sms.id,
    slug: sms.slug,
    from_phone_number: SENDER,
    to_phone_number: sms.to_phone_number,
    phone_number_id: sms.phone_number_id,
    user_id: sms.user_id,
    message: sms.message,
    status: 'queued',
    data: sms.data,
    delivered_by_clerk: sms.delivered_by_clerk,
    created_at_ms: sms.created_at,
  }
}
