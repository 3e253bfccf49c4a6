import { metadata } from './metadata.js'
import { record, type Stored } from './record.js'
import { oneOf, orNull, string, time, withDefault } from './schema.js'

/** Asks the owner of an email address to join an organization. */
export const OrganizationInvitation = record('organization_invitation', 'orginv', {
  organization_id: string(),
  email_address: string(),
  /** of the future member, such as `org:admin` */
  role: string(),
  inviter_id: orNull(string()),
  /** expired ones are `pending` */
  status: withDefault(oneOf('pending', 'accepted', 'revoked'), 'pending'),
  /** the credential in its link */
  token: string(),
  /** where the application continues after its link was followed */
  redirect_url: orNull(string({ max: 2048 })),
  expires_at: time(),
  /** of the future membership */
  public_metadata: withDefault(metadata(), {}),
  private_metadata: withDefault(metadata(), {}),
  /** who accepted it */
  user_id: orNull(string()),
})

export type OrganizationInvitation = Stored<typeof OrganizationInvitation>
