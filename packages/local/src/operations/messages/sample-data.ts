import type { JsonObject } from '../../model/schema.js'
import { ticketUrl } from '../../people/ticket.js'
import type { World } from '../../state/world.js'
import { appOf } from '../../outbox/app.js'

/** A value for each variable of the default templates, for previews. */
export function sampleData(world: World): JsonObject {
  return {
    app: appOf(world),
    theme: { primary_color: '#6c47ff', button_text_color: '#ffffff' },
    user: { public_metadata: {} },
    org: { name: 'Acme' },
    otp_code: '123456',
    requested_at: new Date(world.now()).toUTCString(),
    requested_by: 'Firefox, Linux',
    action_url: ticketUrl(world, 'sample'),
    inviter_name: 'Alice',
    invitation: { expires_in_days: 30, public_metadata: {} },
    passkey_name: 'Laptop',
    greeting_name: 'Bob',
    primary_email_address: 'bob@example.com',
  }
}
