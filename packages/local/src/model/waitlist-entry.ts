import { record, type Stored } from './record.js'
import { oneOf, orNull, string, timeOrNull, withDefault } from './schema.js'

export const WaitlistEntry = record('waitlist_entry', 'wle', {
  /** in lower case */
  email_address: string(),
  status: withDefault(oneOf('pending', 'invited', 'completed', 'rejected'), 'pending'),
  invitation_id: orNull(string()),
  invited_at: timeOrNull(),
})

export type WaitlistEntry = Stored<typeof WaitlistEntry>
