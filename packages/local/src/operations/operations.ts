import { apiKeys } from './api-keys.js'
import { identifierLists } from './identifier-lists.js'
import { invitations } from './invitations.js'
import { jwks } from './jwks.js'
import { m2mTokens } from './m2m-tokens.js'
import { machines } from './machines.js'
import { memberships } from './memberships.js'
import { messageTemplates } from './message-templates.js'
import { oauthAccessTokens } from './oauth-access-tokens.js'
import { oauthApplications } from './oauth-applications.js'
import type { Operation } from './operation.js'
import { organizations } from './organizations.js'
import { signUps } from './sign-ups.js'
import { users } from './users/users.js'
import { waitlistEntries } from './waitlist-entries.js'

/** Every operation of the Backend API that the instance answers. */
export const OPERATIONS: readonly Operation[] = [
  ...apiKeys,
  ...identifierLists,
  ...invitations,
  ...jwks,
  ...m2mTokens,
  ...machines,
  ...memberships,
  ...messageTemplates,
  ...oauthAccessTokens,
  ...oauthApplications,
  ...organizations,
  ...signUps,
  ...users,
  ...waitlistEntries,
]
