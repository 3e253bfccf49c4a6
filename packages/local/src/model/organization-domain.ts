import { ENROLLMENT_MODES } from './instance-settings.js'
import { record, type Stored } from './record.js'
import { oneOf, string, timeOrNull } from './schema.js'

/** An email domain whose users can join an organization. */
export const OrganizationDomain = record('organization_domain', 'orgdmn', {
  organization_id: string(),
  /** in lower case */
  name: string({ min: 1, max: 253 }),
  enrollment_mode: oneOf(...ENROLLMENT_MODES, 'enterprise_sso'),
  /** `null`: not verified */
  verified_at: timeOrNull(),
})

export type OrganizationDomain = Stored<typeof OrganizationDomain>
