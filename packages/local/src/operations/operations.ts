import { actorTokens } from './actor-tokens.js'
import { apiKeys } from './api-keys.js'
import { plans } from './billing/plans.js'
import { statements } from './billing/statements.js'
import { subscriptionItems } from './billing/subscription-items.js'
import { subscriptions } from './billing/subscriptions.js'
import { clients } from './clients.js'
import { domains } from './domains.js'
import { emailAddresses } from './email-addresses.js'
import { factors } from './factors.js'
import { identifierLists } from './identifier-lists.js'
import { images } from './images.js'
import { instanceSettings } from './instance.js'
import { interstitial } from './interstitial.js'
import { invitations } from './invitations.js'
import { jwks } from './jwks.js'
import { jwtTemplates } from './jwt-templates.js'
import { m2mTokens } from './m2m-tokens.js'
import { machines } from './machines.js'
import { memberships } from './memberships.js'
import { messageTemplates } from './message-templates.js'
import { oauthAccessTokens } from './oauth-access-tokens.js'
import { oauthApplications } from './oauth-applications.js'
import type { Operation } from './operation.js'
import { organizationDomains } from './organization-domains.js'
import { organizationInvitations } from './organization-invitations.js'
import { organizationPermissions } from './organization-permissions.js'
import { organizationRoles } from './organization-roles.js'
import { organizations } from './organizations.js'
import { phoneNumbers } from './phone-numbers.js'
import { redirectUrls } from './redirect-urls.js'
import { roleSets } from './role-sets.js'
import { samlConnections } from './saml-connections.js'
import { sessionRefresh } from './session-refresh.js'
import { sessions } from './sessions.js'
import { signInTokens } from './sign-in-tokens.js'
import { signUps } from './sign-ups.js'
import { svix } from './svix.js'
import { testingTokens } from './testing-tokens.js'
import { userAccounts } from './user-accounts.js'
import { users } from './users/users.js'
import { waitlistEntries } from './waitlist-entries.js'

/** Every operation of the Backend API that the instance answers. */
export const OPERATIONS: readonly Operation[] = [
  ...actorTokens,
  ...apiKeys,
  ...plans,
  ...statements,
  ...subscriptionItems,
  ...subscriptions,
  ...clients,
  ...domains,
  ...emailAddresses,
  ...factors,
  ...identifierLists,
  ...images,
  ...instanceSettings,
  ...interstitial,
  ...invitations,
  ...jwks,
  ...jwtTemplates,
  ...m2mTokens,
  ...machines,
  ...memberships,
  ...messageTemplates,
  ...oauthAccessTokens,
  ...oauthApplications,
  ...organizationDomains,
  ...organizationInvitations,
  ...organizationPermissions,
  ...organizationRoles,
  ...organizations,
  ...phoneNumbers,
  ...redirectUrls,
  ...roleSets,
  ...samlConnections,
  ...sessionRefresh,
  ...sessions,
  ...signInTokens,
  ...signUps,
  ...svix,
  ...testingTokens,
  ...userAccounts,
  ...users,
  ...waitlistEntries,
]
