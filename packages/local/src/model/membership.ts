import { metadata } from './metadata.js'
import { record, type Stored } from './record.js'
import { boolean, list, orNull, string, withDefault } from './schema.js'

/** A user's membership in an organization. */
export const Membership = record('organization_membership', 'orgmem', {
  user_id: string(),
  organization_id: string(),
  /** such as `org:admin` */
  role: string(),
  public_metadata: withDefault(metadata(), {}),
  private_metadata: withDefault(metadata(), {}),
})

export type Membership = Stored<typeof Membership>

/** What members of an organization may be. */
export const Role = record('role', 'role', {
  /** such as `org:admin` */
  key: string(),
  name: string(),
  description: orNull(string()),
  is_creator_eligible: withDefault(boolean(), true),
  /** keys of permissions, such as `org:invoices:read` */
  permissions: withDefault(list(string()), []),
})

export type Role = Stored<typeof Role>
