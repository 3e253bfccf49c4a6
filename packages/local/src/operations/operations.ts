import { domains } from './domains.js'
import { instanceSettings } from './instance.js'
import { jwks } from './jwks.js'
import type { Operation } from './operation.js'
import { organizationDomains } from './organization-domains.js'
import { organizationInvitations } from './organization-invitations.js'
import { organizationPermissions } from './organization-permissions.js'
import { organizationRoles } from './organization-roles.js'
import { organizations } from './organizations.js'
import { redirectUrls } from './redirect-urls.js'
import { roleSets } from './role-sets.js'

/** Every operation of the Backend API that the instance answers. */
export const OPERATIONS: readonly Operation[] = [
  ...jwks,
  ...organizations,
  ...organizationInvitations,
  ...organizationDomains,
  ...organizationRoles,
  ...organizationPermissions,
  ...roleSets,
  ...instanceSettings,
  ...domains,
  ...redirectUrls,
]
