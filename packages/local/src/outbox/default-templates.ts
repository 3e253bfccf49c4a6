/** A template that comes with an instance, by the names of the Backend API and without id and times. */
export interface DefaultTemplate {
  readonly template_type: 'email' | 'sms'
  readonly slug: string
  readonly name: string
  readonly position: number
  readonly subject: string | null
  readonly markup: string
  readonly body: string
  readonly available_variables: readonly string[]
  readonly required_variables: readonly string[]
  /** empty for SMS */
  readonly from_email_name: string
  readonly reply_to_email_name: string
  readonly delivered_by_clerk: boolean
  readonly enabled: boolean
  readonly can_revert: boolean
  readonly can_delete: boolean
  readonly can_edit_body: boolean
  readonly can_toggle: boolean
}

const COMMON = {
  markup: '',
  delivered_by_clerk: true,
  enabled: true,
  can_revert: false,
  can_delete: false,
  can_edit_body: true,
  can_toggle: false,
}

const APP_VARIABLES = ['app.name', 'app.url', 'app.domain_name', 'app.logo_url', 'app.logo_image_url']
const EMAIL_VARIABLES = [...APP_VARIABLES, 'theme.primary_color', 'theme.button_text_color', 'user.public_metadata']
const REQUEST_VARIABLES = ['requested_at', 'requested_by']
const INVITATION_VARIABLES = ['action_url', 'invitation.expires_in_days', 'inviter_name', 'invitation.public_metadata']

/** The templates of a new instance: eight for emails, one for SMS. */
export const DEFAULT_TEMPLATES: readonly DefaultTemplate[] = [
  email(0, 'verification_code', {
    name: 'Verification code',
    subject: '{{otp_code}} is your code for {{app.name}}',
    variables: ['otp_code', ...REQUEST_VARIABLES],
    required: ['otp_code'],
    paragraphs: [
      'Your code is <strong>{{otp_code}}</strong>.',
      'It was requested{{#if requested_at}} on {{requested_at}}{{/if}}{{#if requested_by}} with {{requested_by}}{{/if}}. Ignore this email if it was not you.',
    ],
  }),
  email(1, 'invitation', {
    name: 'Invitation',
    subject: 'You are invited to {{app.name}}',
    variables: INVITATION_VARIABLES,
    required: ['action_url'],
    paragraphs: [
      '{{#if inviter_name}}{{inviter_name}} invites you{{else}}You are invited{{/if}} to sign up for {{app.name}}.',
      '<a href="{{action_url}}">Sign up</a>',
      'The link works for {{invitation.expires_in_days}} days.',
    ],
  }),
  email(2, 'waitlist_invitation', {
    name: 'Waitlist invitation',
    subject: '{{app.name}} is ready for you',
    variables: INVITATION_VARIABLES,
    required: ['action_url'],
    paragraphs: [
      'You are next on the waitlist of {{app.name}} and can sign up now.',
      '<a href="{{action_url}}">Sign up</a>',
      'The link works for {{invitation.expires_in_days}} days.',
    ],
  }),
  email(3, 'organization_invitation', {
    name: 'Organization invitation',
    subject: 'Join {{org.name}} on {{app.name}}',
    variables: [...INVITATION_VARIABLES, 'org.name'],
    required: ['action_url'],
    paragraphs: [
      '{{#if inviter_name}}{{inviter_name}} invites you{{else}}You are invited{{/if}} to the organization {{org.name}}.',
      '<a href="{{action_url}}">Join {{org.name}}</a>',
      'The link works for {{invitation.expires_in_days}} days.',
    ],
  }),
  email(4, 'passkey_added', {
    name: 'Passkey added',
    subject: 'A new passkey for {{app.name}}',
    variables: ['passkey_name', 'greeting_name', 'primary_email_address'],
    required: [],
    paragraphs: [
      'The passkey{{#if passkey_name}} {{passkey_name}}{{/if}} was added to your account at {{app.name}}.',
      'Remove it in your account settings if you did not add it.',
    ],
  }),
  email(5, 'passkey_removed', {
    name: 'Passkey removed',
    subject: 'A passkey for {{app.name}} was removed',
    variables: ['passkey_name', 'greeting_name', 'primary_email_address'],
    required: [],
    paragraphs: [
      'The passkey{{#if passkey_name}} {{passkey_name}}{{/if}} was removed from your account at {{app.name}}.',
      'Contact us if you did not remove it.',
    ],
  }),
  email(6, 'primary_email_address_changed', {
    name: 'Primary email address changed',
    subject: 'Your email address for {{app.name}} has changed',
    variables: ['greeting_name', 'primary_email_address'],
    required: [],
    paragraphs: [
      'The primary email address of your account at {{app.name}} is now {{primary_email_address}}.',
      'Contact us if you did not change it.',
    ],
  }),
  email(7, 'waitlist_confirmation', {
    name: 'Waitlist confirmation',
    subject: 'You are on the waitlist of {{app.name}}',
    variables: [],
    required: [],
    paragraphs: ['You are on the waitlist of {{app.name}}. An email will tell you when you can sign up.'],
  }),
  email(6, 'passkey_removed', {
    name: 'Passkey removed',
    subject: 'A passkey for {{app.name}} was removed',
    variables: ['passkey_name', 'greeting_name', 'primary_email_address'],
    required: [],
    paragraphs: [
      'The passkey{{#if passkey_name}} {{passkey_name}}{{/if}} was removed from your account at {{app.name}}.',
      'Contact us if you did not remove it.',
    ],
  }),
  email(7, 'primary_email_address_changed', {
    name: 'Primary email address changed',
    subject: 'Your email address for {{app.name}} has changed',
    variables: ['greeting_name', 'primary_email_address'],
    required: [],
    paragraphs: [
      'The primary email address of your account at {{app.name}} is now {{primary_email_address}}.',
      'Contact us if you did not change it.',
    ],
  }),
  {
    ...COMMON,
    template_type: 'sms',
    slug: 'verification_code',
    name: 'Verification code',
    position: 0,
    subject: null,
    body: '{{otp_code}} is your code for {{app.name}}. Keep it to yourself.',
    available_variables: [...APP_VARIABLES, 'otp_code'],
    required_variables: ['otp_code'],
    from_email_name: '',
    reply_to_email_name: '',
  },
]

interface Email {
  readonly name: string
  readonly subject: string
  readonly variables: readonly string[]
  readonly required: readonly string[]
  /** HTML */
  readonly paragraphs: readonly string[]
}

function email(
  position: number,
  slug: string,
  { name, subject, variables, required, paragraphs }: Email,
): DefaultTemplate {
  return {
    ...COMMON,
    template_type: 'email',
    slug,
    name,
    position,
    subject,
    body: `<!doctype html>\n<html>\n  <body>\n${paragraphs.map((html) => `    <p>${html}</p>\n`).join('')}  </body>\n</html>\n`,
    available_variables: [...EMAIL_VARIABLES, ...variables],
    required_variables: required,
    from_email_name: 'notifications',
    reply_to_email_name: '',
  }
}
