import { apiKeys } from './api-keys.js'
import { emailAddresses } from './email-addresses.js'
import { factors } from './factors.js'
import { identifierLists } from './identifier-lists.js'
import { images } from './images.js'
import { invitations } from './invitations.js'
import { jwks } from './jwks.js'
import { m2mTokens } from './m2m-tokens.js'
import { machines } from './machines.js'
import { messageTemplates } from './message-templates.js'
import { oauthAccessTokens } from './oauth-access-tokens.js'
import { oauthApplications } from './oauth-applications.js'
import { plans } from './billing/plans.js'
import { statements } from './billing/statements.js'
import { subscriptionItems } from './billing/subscription-items.js'
import { subscriptions } from './billing/subscriptions.js'
import type { Operation } from './operation.js'
import { organizations } from './organizations.js'
import { phoneNumbers } from './phone-numbers.js'
import { samlConnections } from './saml-connections.js'
import { signUps } from './sign-ups.js'
import { userAccounts } from './user-accounts.js'
import { waitlistEntries } from './waitlist-entries.js'

/** Every operation of the Backend API that the instance answers. */
export const OPERATIONS: readonly Operation[] = [
  ...apiKeys,
  ...emailAddresses,
  ...factors,
  ...identifierLists,
  ...images,
  ...invitations,
  ...jwks,
  ...m2mTokens,
  ...machines,
  ...messageTemplates,
  ...oauthAccessTokens,
  ...oauthApplications,
  ...organizations,
  ...phoneNumbers,
  ...plans,
  ...samlConnections,
  ...signUps,
  ...statements,
  ...subscriptionItems,
  ...subscriptions,
  ...userAccounts,
  ...waitlistEntries,
]
