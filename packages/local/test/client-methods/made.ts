import { ask, type Fresh } from './fresh.js'

// What methods need that is not in the default seed.

export const PIXEL = new Blob([Buffer.from('R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw==', 'base64')])
export const CONNECTION = { name: 'Example', domain: 'sso.example', provider: 'saml_custom' } as const

export const allow = ({ allowlistIdentifiers }: Fresh) =>
  allowlistIdentifiers.createAllowlistIdentifier({ identifier: 'erin@acme.example', notify: false })

export const block = ({ blocklistIdentifiers }: Fresh) =>
  blocklistIdentifiers.createBlocklistIdentifier({ identifier: 'mallory@example.com' })

export const createApiKey = ({ apiKeys, alice }: Fresh) => apiKeys.create({ name: 'deploy', subject: alice })

export const addSatellite = ({ domains }: Fresh) => domains.add({ name: 'shop.example', is_satellite: true })

export const createEmailAddress = ({ emailAddresses, alice }: Fresh) =>
  emailAddresses.createEmailAddress({ userId: alice, emailAddress: 'alice@home.example' })

export const createPhoneNumber = ({ phoneNumbers, alice }: Fresh) =>
  phoneNumbers.createPhoneNumber({ userId: alice, phoneNumber: '+12025550100', verified: true })

export const invite = ({ invitations }: Fresh) => invitations.createInvitation({ emailAddress: 'frank@acme.example' })

export const joinWaitlist = ({ waitlistEntries }: Fresh) =>
  waitlistEntries.create({ emailAddress: 'frank@acme.example' })

export const createJwtTemplate = ({ jwtTemplates }: Fresh) => jwtTemplates.create({ name: 'mail', claims: {} })

export const createOAuthApplication = ({ oauthApplications }: Fresh) =>
  oauthApplications.create({ name: 'Calendar', redirectUris: ['https://calendar.example/callback'] })

export const createRedirectUrl = ({ redirectUrls }: Fresh) =>
  redirectUrls.createRedirectUrl({ url: 'myapp://callback' })

export const createSamlConnection = ({ samlConnections }: Fresh) => samlConnections.createSamlConnection(CONNECTION)

export const createSession = ({ sessions, alice }: Fresh) => sessions.createSession({ userId: alice })

export const createPermission = ({ organizationPermissions }: Fresh) =>
  organizationPermissions.createOrganizationPermission({ name: 'Export reports', key: 'org:reports:export' })

export const createRole = ({ organizationRoles }: Fresh, permissions: string[] = []) =>
  organizationRoles.createOrganizationRole({ name: 'Auditor', key: 'org:auditor', permissions })

export const createRoleSet = ({ roleSets }: Fresh, name = 'Customers') =>
  roleSets.createRoleSet({
    name,
    roles: ['org:admin', 'org:member'],
    defaultRoleKey: 'org:member',
    creatorRoleKey: 'org:admin',
  })

export async function inviteToAcme({ organizations, acme: organizationId }: Fresh) {
  const frank = { emailAddress: 'frank@acme.example', role: 'org:member' }
  const { id: invitationId } = await organizations.createOrganizationInvitation({ organizationId, ...frank })
  return { organizationId, invitationId }
}

export async function addDomainOfAcme({ organizations, acme: organizationId }: Fresh) {
  const domain = { name: 'acme.example', enrollmentMode: 'automatic_invitation' } as const
  const { id: domainId } = await organizations.createOrganizationDomain({ organizationId, ...domain })
  return { organizationId, domainId }
}

export const workerOf = ({ local }: Fresh) => local.machines.worker

export const createM2mToken = (it: Fresh) => it.m2m.createToken({ machineSecretKey: workerOf(it).secretKey })

/** The item of the plan that an organization pays for. */
export async function paidItem({ billing }: Fresh, organizationId: string) {
  const { subscriptionItems } = await billing.getOrganizationBillingSubscription(organizationId)
  return subscriptionItems.find(({ plan }) => plan?.slug === 'pro')!
}

/** No operation lists sign-ups. */
export const signUpId = ({ local }: Fresh) => local.signUp({ emailAddress: 'frank@acme.example' }).id

/** The client's type of a user has no passkeys. */
export async function passkeyId(it: Fresh, userId: string): Promise<string> {
  const { passkeys } = (await (await ask(it, 'GET', `/v1/users/${userId}`)).json()) as { passkeys: { id: string }[] }
  return passkeys[0]!.id
}

export async function walletId({ users }: Fresh, userId: string): Promise<string> {
  return (await users.getUser(userId)).web3Wallets[0]!.id
}

export async function externalAccountId({ users }: Fresh, userId: string): Promise<string> {
  return (await users.getUser(userId)).externalAccounts[0]!.id
}
