import { plans } from './billing/plans.js'
import { statements } from './billing/statements.js'
import { subscriptionItems } from './billing/subscription-items.js'
import { subscriptions } from './billing/subscriptions.js'
import { images } from './images/images.js'
import { domains } from './instance/domains.js'
import { instanceSettings } from './instance/instance.js'
import { redirectUrls } from './instance/redirect-urls.js'
import { samlConnections } from './instance/saml-connections.js'
import { svix } from './instance/svix.js'
import { apiKeys } from './machines/api-keys.js'
import { m2mTokens } from './machines/m2m-tokens.js'
import { machines } from './machines/machines.js'
import { oauthAccessTokens } from './machines/oauth-access-tokens.js'
import { oauthApplications } from './machines/oauth-applications.js'
import { messageTemplates } from './messages/message-templates.js'
import type { Operation } from './operation.js'
import { memberships } from './organizations/memberships.js'
import { organizationDomains } from './organizations/organization-domains.js'
import { organizationInvitations } from './organizations/organization-invitations.js'
import { organizationPermissions } from './organizations/organization-permissions.js'
import { organizationRoles } from './organizations/organization-roles.js'
import { organizations } from './organizations/organizations.js'
import { roleSets } from './organizations/role-sets.js'
import { actorTokens } from './sessions/actor-tokens.js'
import { clients } from './sessions/clients.js'
import { interstitial } from './sessions/interstitial.js'
import { jwks } from './sessions/jwks.js'
import { jwtTemplates } from './sessions/jwt-templates.js'
import { sessionRefresh } from './sessions/session-refresh.js'
import { sessions } from './sessions/sessions.js'
import { signInTokens } from './sessions/sign-in-tokens.js'
import { testingTokens } from './sessions/testing-tokens.js'
import { identifierLists } from './sign-up/identifier-lists.js'
import { invitations } from './sign-up/invitations.js'
import { signUps } from './sign-up/sign-ups.js'
import { waitlistEntries } from './sign-up/waitlist-entries.js'
import { emailAddresses } from './users/email-addresses.js'
import { factors } from './users/factors.js'
import { phoneNumbers } from './users/phone-numbers.js'
import { userAccounts } from './users/user-accounts.js'
import { users } from './users/users.js'

/** Every operation of the Backend API that the instance answers. */
export const OPERATIONS: readonly Operation[] = [
  ...plans,
  ...statements,
  ...subscriptionItems,
  ...subscriptions,
  ...images,
  ...domains,
  ...instanceSettings,
  ...redirectUrls,
  ...samlConnections,
  ...svix,
  ...apiKeys,
  ...m2mTokens,
  ...machines,
  ...oauthAccessTokens,
  ...oauthApplications,
  ...messageTemplates,
  ...memberships,
  ...organizationDomains,
  ...organizationInvitations,
  ...organizationPermissions,
  ...organizationRoles,
  ...organizations,
  ...roleSets,
  ...actorTokens,
  ...clients,
  ...interstitial,
  ...jwks,
  ...jwtTemplates,
  ...sessionRefresh,
  ...sessions,
  ...signInTokens,
  ...testingTokens,
  ...identifierLists,
  ...invitations,
  ...signUps,
  ...waitlistEntries,
  ...emailAddresses,
  ...factors,
  ...phoneNumbers,
  ...userAccounts,
  ...users,
]
