import { metadata } from './metadata.js'
import { record, type Stored } from './record.js'
import { oneOf, orNull, string, time, withDefault } from './schema.js'

/** Invites a person to sign up. A pending one expires, which `people/invitation.ts` derives from the time. */
export const Invitation = record('invitation', 'inv', {
  /** in lower case */
  email_address: string(),
  public_metadata: withDefault(metadata(), {}),
  status: withDefault(oneOf('pending', 'accepted', 'revoked'), 'pending'),
  /** the credential in its link */
  token: string(),
  /** where the application continues after its link was followed */
  redirect_url: orNull(string()),
  expires_at: time(),
})

export type Invitation = Stored<typeof Invitation>
