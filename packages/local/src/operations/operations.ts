import { apiKeys } from './api-keys.js'
import { jwks } from './jwks.js'
import { memberships } from './memberships.js'
import type { Operation } from './operation.js'
import { organizations } from './organizations.js'
import { users } from './users/users.js'

/** Every operation of the Backend API that the instance answers. */
export const OPERATIONS: readonly Operation[] = [
  ...jwks,
  ...memberships,
  ...organizations,
  ...users,
import { m2mTokens } from './m2m-tokens.js'
import { machines } from './machines.js'
import { oauthAccessTokens } from './oauth-access-tokens.js'
import { oauthApplications } from './oauth-applications.js'
import { identifierLists } from './identifier-lists.js'
import { invitations } from './invitations.js'
import { jwks } from './jwks.js'
import { messageTemplates } from './message-templates.js'
import type { Operation } from './operation.js'
import { organizations } from './organizations.js'
import { signUps } from './sign-ups.js'
import { waitlistEntries } from './waitlist-entries.js'

/** Every operation of the Backend API that the instance answers. */
export const OPERATIONS: readonly Operation[] = [
  ...apiKeys,
  ...jwks,
  ...m2mTokens,
  ...machines,
  ...oauthAccessTokens,
  ...oauthApplications,
  ...organizations,
  ...jwks,
  ...organizations,
  ...invitations,
  ...identifierLists,
  ...waitlistEntries,
  ...signUps,
  ...messageTemplates,
]
