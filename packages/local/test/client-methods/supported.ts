import { after, type Apis, type Arguments } from './fresh.js'
import {
  CONNECTION,
  PIXEL,
  addDomainOfAcme,
  addSatellite,
  allow,
  block,
  createApiKey,
  createEmailAddress,
  createJwtTemplate,
  createM2mToken,
  createOAuthApplication,
  createPermission,
  createPhoneNumber,
  createRedirectUrl,
  createRole,
  createRoleSet,
  createSamlConnection,
  createSession,
  externalAccountId,
  invite,
  inviteToAcme,
  joinWaitlist,
  paidItem,
  passkeyId,
  signUpId,
  walletId,
  workerOf,
} from './made.js'

/** The operation that a method calls, the class of its result, and its arguments. */
type Row<Method> = readonly [operation: string, result: string, args?: Arguments<Method>]

/** Methods that work, with arguments for an instance with the default seed. */
export const SUPPORTED = {
  actorTokens: {
    create: ['CreateActorToken', 'ActorToken', ({ alice, bob }) => [{ userId: alice, actor: { sub: bob } }]],
    revoke: [
      'RevokeActorToken',
      'ActorToken',
      async ({ actorTokens, alice, bob }) => [(await actorTokens.create({ userId: alice, actor: { sub: bob } })).id],
    ],
  },

  allowlistIdentifiers: {
    getAllowlistIdentifierList: ['ListAllowlistIdentifiers', 'page of AllowlistIdentifier', after(allow)],
    createAllowlistIdentifier: [
      'CreateAllowlistIdentifier',
      'AllowlistIdentifier',
      () => [{ identifier: 'erin@acme.example', notify: true }],
    ],
    deleteAllowlistIdentifier: ['DeleteAllowlistIdentifier', 'DeletedObject', async (it) => [(await allow(it)).id]],
  },

  apiKeys: {
    list: [
      'getApiKeys',
      'page of APIKey',
      async (it) => {
        await createApiKey(it)
        return [{ subject: it.alice }]
      },
    ],
    create: ['createApiKey', 'APIKey', ({ alice }) => [{ name: 'deploy', subject: alice, scopes: ['read'] }]],
    get: ['getApiKey', 'APIKey', async (it) => [(await createApiKey(it)).id]],
    update: [
      'updateApiKey',
      'APIKey',
      async (it) => [{ apiKeyId: (await createApiKey(it)).id, subject: it.alice, description: 'for CI' }],
    ],
    delete: ['deleteApiKey', 'DeletedObject', async (it) => [(await createApiKey(it)).id]],
    revoke: ['revokeApiKey', 'APIKey', async (it) => [{ apiKeyId: (await createApiKey(it)).id }]],
    getSecret: ['getApiKeySecret', '{ secret }', async (it) => [(await createApiKey(it)).id]],
    verify: ['verifyApiKey', 'APIKey', async ({ local }) => [await local.apiKey()]],
  },

  billing: {
    getPlanList: ['GetCommercePlanList', 'page of BillingPlan', () => [{ payerType: 'org' }]],
    cancelSubscriptionItem: [
      'CancelCommerceSubscriptionItem',
      'BillingSubscriptionItem',
      async (it) => [(await paidItem(it, it.acme)).id, { endNow: true }],
    ],
    extendSubscriptionItemFreeTrial: [
      'ExtendBillingSubscriptionItemFreeTrial',
      'BillingSubscriptionItem',
      async (it) => {
        const { id, periodEnd } = await paidItem(it, it.globex)
        return [id, { extendTo: new Date(periodEnd! + 86_400_000) }]
      },
    ],
    getOrganizationBillingSubscription: [
      'GetOrganizationBillingSubscription',
      'BillingSubscription',
      ({ acme }) => [acme],
    ],
    getUserBillingSubscription: ['GetUserBillingSubscription', 'BillingSubscription', ({ alice }) => [alice]],
  },

  blocklistIdentifiers: {
    getBlocklistIdentifierList: ['ListBlocklistIdentifiers', 'page of BlocklistIdentifier', after(block)],
    createBlocklistIdentifier: [
      'CreateBlocklistIdentifier',
      'BlocklistIdentifier',
      () => [{ identifier: 'mallory@example.com' }],
    ],
    deleteBlocklistIdentifier: ['DeleteBlocklistIdentifier', 'DeletedObject', async (it) => [(await block(it)).id]],
  },

  clients: {
    getClientList: ['GetClientList', 'page of Client', after(({ local }) => local.cookies())],
    getClient: [
      'GetClient',
      'Client',
      async ({ clients, local }) => [(await clients.verifyClient((await local.cookies()).client)).id],
    ],
    verifyClient: ['VerifyClient', 'Client', async ({ local }) => [(await local.cookies()).client]],
  },

  domains: {
    list: ['ListDomains', 'page of Domain'],
    add: ['AddDomain', 'Domain', () => [{ name: 'shop.example', is_satellite: true }]],
    delete: ['DeleteDomain', 'DeletedObject', async (it) => [(await addSatellite(it)).id]],
    deleteDomain: ['DeleteDomain', 'DeletedObject', async (it) => [(await addSatellite(it)).id]],
  },

  emailAddresses: {
    getEmailAddress: ['GetEmailAddress', 'EmailAddress', async (it) => [(await createEmailAddress(it)).id]],
    createEmailAddress: [
      'CreateEmailAddress',
      'EmailAddress',
      ({ alice }) => [{ userId: alice, emailAddress: 'alice@home.example', verified: true }],
    ],
    updateEmailAddress: [
      'UpdateEmailAddress',
      'EmailAddress',
      async (it) => [(await createEmailAddress(it)).id, { verified: true, primary: true }],
    ],
    deleteEmailAddress: ['DeleteEmailAddress', 'DeletedObject', async (it) => [(await createEmailAddress(it)).id]],
  },

  idPOAuthAccessToken: {
    verify: ['verifyOAuthAccessToken', 'IdPOAuthAccessToken', async ({ local }) => [await local.oauthToken()]],
  },

  instance: {
    get: ['GetInstance', 'Instance'],
    update: ['UpdateInstance', 'undefined', () => [{ supportEmail: 'help@acme.example' }]],
    updateRestrictions: ['UpdateInstanceRestrictions', 'InstanceRestrictions', () => [{ allowlist: true }]],
    getOrganizationSettings: ['GetInstanceOrganizationSettings', 'OrganizationSettings'],
    updateOrganizationSettings: [
      'UpdateInstanceOrganizationSettings',
      'OrganizationSettings',
      () => [{ maxAllowedMemberships: 10 }],
    ],
  },

  invitations: {
    getInvitationList: ['ListInvitations', 'page of Invitation', after(invite)],
    createInvitation: ['CreateInvitation', 'Invitation', () => [{ emailAddress: 'frank@acme.example' }]],
    createInvitationBulk: [
      'CreateBulkInvitations',
      'Invitation[]',
      () => [[{ emailAddress: 'frank@acme.example' }, { emailAddress: 'grace@acme.example' }]],
    ],
    revokeInvitation: ['RevokeInvitation', 'Invitation', async (it) => [(await invite(it)).id]],
  },

  jwks: {
    getJwks: ['GetJWKS', '{ keys }'],
  },

  jwtTemplates: {
    list: ['ListJWTTemplates', 'page of JwtTemplate'],
    get: ['GetJWTTemplate', 'JwtTemplate', async (it) => [(await createJwtTemplate(it)).id]],
    create: ['CreateJWTTemplate', 'JwtTemplate', () => [{ name: 'mail', claims: { to: '{{user.primary_email}}' } }]],
    update: [
      'UpdateJWTTemplate',
      'JwtTemplate',
      async (it) => [{ templateId: (await createJwtTemplate(it)).id, name: 'report', claims: {}, lifetime: 120 }],
    ],
    delete: ['DeleteJWTTemplate', 'DeletedObject', async (it) => [(await createJwtTemplate(it)).id]],
  },

  m2m: {
    list: [
      'getM2MTokens',
      'page of M2MToken',
      async (it) => [{ subject: (await createM2mToken(it)).subject, machineSecretKey: workerOf(it).secretKey }],
    ],
    createToken: ['createM2MToken', 'M2MToken', (it) => [{ machineSecretKey: workerOf(it).secretKey }]],
    revokeToken: ['revokeM2MToken', 'M2MToken', async (it) => [{ m2mTokenId: (await createM2mToken(it)).id }]],
    verify: ['verifyM2MToken', 'M2MToken', async ({ local }) => [{ token: await local.m2mToken() }]],
  },

  machines: {
    get: ['GetMachine', 'Machine', (it) => [workerOf(it).id]],
    list: ['ListMachines', 'page of Machine'],
    create: ['CreateMachine', 'Machine', () => [{ name: 'mailer', defaultTokenTtl: 600 }]],
    update: ['UpdateMachine', 'Machine', (it) => [{ machineId: workerOf(it).id, name: 'night worker' }]],
    delete: ['DeleteMachine', 'DeletedObject', (it) => [workerOf(it).id]],
    getSecretKey: ['GetMachineSecretKey', 'MachineSecretKey', (it) => [workerOf(it).id]],
    rotateSecretKey: [
      'RotateMachineSecretKey',
      'MachineSecretKey',
      (it) => [{ machineId: workerOf(it).id, previousTokenTtl: 60 }],
    ],
    createScope: ['CreateMachineScope', 'MachineScope', (it) => [workerOf(it).id, it.local.machines.billing.id]],
    deleteScope: ['DeleteMachineScope', 'DeletedObject', (it) => [workerOf(it).id, it.local.machines.api.id]],
  },

  oauthApplications: {
    list: ['ListOAuthApplications', 'page of OAuthApplication'],
    get: ['GetOAuthApplication', 'OAuthApplication', async (it) => [(await createOAuthApplication(it)).id]],
    create: [
      'CreateOAuthApplication',
      'OAuthApplication',
      () => [{ name: 'Calendar', redirectUris: ['https://calendar.example/callback'] }],
    ],
    update: [
      'UpdateOAuthApplication',
      'OAuthApplication',
      async (it) => [{ oauthApplicationId: (await createOAuthApplication(it)).id, name: 'Planner' }],
    ],
    revokeToken: [
      'RevokeOAuthApplicationToken',
      'undefined',
      async ({ local, oauthApplications }) => {
        const { id } = (await oauthApplications.list({ orderBy: '+created_at' })).data[0]!
        return [{ oauthApplicationId: id, token: await local.oauthToken({ format: 'opaque' }) }]
      },
    ],
    delete: ['DeleteOAuthApplication', 'DeletedObject', async (it) => [(await createOAuthApplication(it)).id]],
    rotateSecret: [
      'RotateOAuthApplicationSecret',
      'OAuthApplication',
      async (it) => [(await createOAuthApplication(it)).id],
    ],
  },

  organizationPermissions: {
    getOrganizationPermissionList: ['ListOrganizationPermissions', 'page of Permission'],
    getOrganizationPermission: [
      'GetOrganizationPermission',
      'Permission',
      async (it) => [(await createPermission(it)).id],
    ],
    createOrganizationPermission: [
      'CreateOrganizationPermission',
      'Permission',
      () => [{ name: 'Export reports', key: 'org:reports:export' }],
    ],
    updateOrganizationPermission: [
      'UpdateOrganizationPermission',
      'Permission',
      async (it) => [{ permissionId: (await createPermission(it)).id, name: 'Download reports' }],
    ],
    deleteOrganizationPermission: [
      'DeleteOrganizationPermission',
      'DeletedObject',
      async (it) => [(await createPermission(it)).id],
    ],
  },

  organizationRoles: {
    getOrganizationRoleList: ['ListOrganizationRoles', 'page of Role'],
    getOrganizationRole: ['GetOrganizationRole', 'Role', async (it) => [(await createRole(it)).id]],
    createOrganizationRole: ['CreateOrganizationRole', 'Role', () => [{ name: 'Auditor', key: 'org:auditor' }]],
    updateOrganizationRole: [
      'UpdateOrganizationRole',
      'Role',
      async (it) => [{ organizationRoleId: (await createRole(it)).id, name: 'Reviewer' }],
    ],
    deleteOrganizationRole: ['DeleteOrganizationRole', 'DeletedObject', async (it) => [(await createRole(it)).id]],
    assignPermissionToOrganizationRole: [
      'AssignPermissionToOrganizationRole',
      'Role',
      async (it) => [{ organizationRoleId: (await createRole(it)).id, permissionId: (await createPermission(it)).id }],
    ],
    removePermissionFromOrganizationRole: [
      'RemovePermissionFromOrganizationRole',
      'Role',
      async (it) => {
        const permissionId = (await createPermission(it)).id
        return [{ organizationRoleId: (await createRole(it, [permissionId])).id, permissionId }]
      },
    ],
  },

  organizations: {
    getOrganizationList: ['ListOrganizations', 'page of Organization', () => [{ query: 'acme' }]],
    createOrganization: ['CreateOrganization', 'Organization', ({ dave }) => [{ name: 'Initech', createdBy: dave }]],
    getOrganization: ['GetOrganization', 'Organization', () => [{ slug: 'acme', includeMembersCount: true }]],
    updateOrganization: ['UpdateOrganization', 'Organization', ({ acme }) => [acme, { name: 'Acme Inc.' }]],
    updateOrganizationLogo: [
      'UploadOrganizationLogo',
      'Organization',
      ({ acme, alice }) => [acme, { file: PIXEL, uploaderUserId: alice }],
    ],
    deleteOrganizationLogo: [
      'DeleteOrganizationLogo',
      'Organization',
      async ({ organizations, acme }) => [(await organizations.updateOrganizationLogo(acme, { file: PIXEL })).id],
    ],
    updateOrganizationMetadata: [
      'MergeOrganizationMetadata',
      'Organization',
      ({ acme }) => [acme, { publicMetadata: { size: 2 } }],
    ],
    replaceOrganizationMetadata: [
      'ReplaceOrganizationMetadata',
      'Organization',
      ({ acme }) => [acme, { publicMetadata: { size: 2 } }],
    ],
    deleteOrganization: ['DeleteOrganization', 'DeletedObject', ({ acme }) => [acme]],
    getOrganizationMembershipList: [
      'ListOrganizationMemberships',
      'page of OrganizationMembership',
      ({ acme }) => [{ organizationId: acme, role: ['org:admin'] }],
    ],
    getInstanceOrganizationMembershipList: [
      'InstanceGetOrganizationMemberships',
      'page of OrganizationMembership',
      () => [{ limit: 3 }],
    ],
    createOrganizationMembership: [
      'CreateOrganizationMembership',
      'OrganizationMembership',
      ({ acme, dave }) => [{ organizationId: acme, userId: dave, role: 'org:member' }],
    ],
    updateOrganizationMembership: [
      'UpdateOrganizationMembership',
      'OrganizationMembership',
      ({ acme, bob }) => [{ organizationId: acme, userId: bob, role: 'org:admin' }],
    ],
    updateOrganizationMembershipMetadata: [
      'UpdateOrganizationMembershipMetadata',
      'OrganizationMembership',
      ({ acme, bob }) => [{ organizationId: acme, userId: bob, publicMetadata: { team: 'sales' } }],
    ],
    deleteOrganizationMembership: [
      'DeleteOrganizationMembership',
      'OrganizationMembership',
      ({ acme, bob }) => [{ organizationId: acme, userId: bob }],
    ],
    getOrganizationInvitationList: [
      'ListOrganizationInvitations',
      'page of OrganizationInvitation',
      async (it) => [{ organizationId: (await inviteToAcme(it)).organizationId, status: ['pending'] }],
    ],
    createOrganizationInvitation: [
      'CreateOrganizationInvitation',
      'OrganizationInvitation',
      ({ acme }) => [{ organizationId: acme, emailAddress: 'frank@acme.example', role: 'org:member' }],
    ],
    createOrganizationInvitationBulk: [
      'CreateOrganizationInvitationBulk',
      'page of OrganizationInvitation',
      ({ acme }) => [acme, [{ emailAddress: 'frank@acme.example', role: 'org:member' }]],
    ],
    getOrganizationInvitation: [
      'GetOrganizationInvitation',
      'OrganizationInvitation',
      async (it) => [await inviteToAcme(it)],
    ],
    revokeOrganizationInvitation: [
      'RevokeOrganizationInvitation',
      'OrganizationInvitation',
      async (it) => [{ ...(await inviteToAcme(it)), requestingUserId: it.alice }],
    ],
    getOrganizationDomainList: [
      'ListOrganizationDomains',
      'page of organization_domain',
      async (it) => [{ organizationId: (await addDomainOfAcme(it)).organizationId }],
    ],
    createOrganizationDomain: [
      'CreateOrganizationDomain',
      'organization_domain',
      ({ acme }) => [{ organizationId: acme, name: 'acme.example', enrollmentMode: 'automatic_invitation' }],
    ],
    updateOrganizationDomain: [
      'UpdateOrganizationDomain',
      'organization_domain',
      async (it) => [{ ...(await addDomainOfAcme(it)), enrollmentMode: 'automatic_suggestion' }],
    ],
    deleteOrganizationDomain: ['DeleteOrganizationDomain', 'DeletedObject', async (it) => [await addDomainOfAcme(it)]],
  },

  phoneNumbers: {
    getPhoneNumber: ['GetPhoneNumber', 'PhoneNumber', async (it) => [(await createPhoneNumber(it)).id]],
    createPhoneNumber: [
      'CreatePhoneNumber',
      'PhoneNumber',
      ({ alice }) => [{ userId: alice, phoneNumber: '+12025550100', verified: true }],
    ],
    updatePhoneNumber: [
      'UpdatePhoneNumber',
      'PhoneNumber',
      async (it) => [(await createPhoneNumber(it)).id, { reservedForSecondFactor: true }],
    ],
    deletePhoneNumber: ['DeletePhoneNumber', 'DeletedObject', async (it) => [(await createPhoneNumber(it)).id]],
  },

  proxyChecks: {
    verify: [
      'VerifyDomainProxy',
      'ProxyCheck',
      async (it) => [{ domainId: (await addSatellite(it)).id, proxyUrl: it.local.url }],
    ],
  },

  redirectUrls: {
    getRedirectUrlList: ['ListRedirectURLs', 'page of RedirectUrl', after(createRedirectUrl)],
    getRedirectUrl: ['GetRedirectURL', 'RedirectUrl', async (it) => [(await createRedirectUrl(it)).id]],
    createRedirectUrl: ['CreateRedirectURL', 'RedirectUrl', () => [{ url: 'myapp://callback' }]],
    deleteRedirectUrl: ['DeleteRedirectURL', 'DeletedObject', async (it) => [(await createRedirectUrl(it)).id]],
  },

  roleSets: {
    getRoleSetList: ['ListRoleSets', 'page of RoleSet', after(createRoleSet)],
    getRoleSet: ['GetRoleSet', 'RoleSet', async (it) => [(await createRoleSet(it)).key]],
    createRoleSet: [
      'CreateRoleSet',
      'RoleSet',
      () => [
        {
          name: 'Customers',
          roles: ['org:admin', 'org:member'],
          defaultRoleKey: 'org:member',
          creatorRoleKey: 'org:admin',
        },
      ],
    ],
    updateRoleSet: [
      'UpdateRoleSet',
      'RoleSet',
      async (it) => [{ roleSetKeyOrId: (await createRoleSet(it)).id, name: 'Partners' }],
    ],
    addRolesToRoleSet: [
      'AddRolesToRoleSet',
      'RoleSet',
      async (it) => [{ roleSetKeyOrId: (await createRoleSet(it)).id, roleKeys: [(await createRole(it)).key] }],
    ],
    replaceRoleInRoleSet: [
      'ReplaceRoleInRoleSet',
      'RoleSet',
      async (it) => [
        {
          roleSetKeyOrId: (await createRoleSet(it)).id,
          roleKey: 'org:member',
          toRoleKey: (await createRole(it)).key,
        },
      ],
    ],
    replaceRoleSet: [
      'ReplaceRoleSet',
      'DeletedObject',
      async (it) => [
        {
          roleSetKeyOrId: (await createRoleSet(it)).id,
          destRoleSetKey: (await createRoleSet(it, 'Partners')).key,
        },
      ],
    ],
  },

  samlConnections: {
    getSamlConnectionList: ['ListSAMLConnections', 'page of SamlConnection', after(createSamlConnection)],
    createSamlConnection: ['CreateSAMLConnection', 'SamlConnection', () => [CONNECTION]],
    getSamlConnection: ['GetSAMLConnection', 'SamlConnection', async (it) => [(await createSamlConnection(it)).id]],
    updateSamlConnection: [
      'UpdateSAMLConnection',
      'SamlConnection',
      async (it) => [(await createSamlConnection(it)).id, { name: 'Example SSO' }],
    ],
    deleteSamlConnection: [
      'DeleteSAMLConnection',
      'DeletedObject',
      async (it) => [(await createSamlConnection(it)).id],
    ],
  },

  sessions: {
    getSessionList: [
      'GetSessionList',
      'page of Session',
      async (it) => [{ userId: (await createSession(it)).userId, status: 'active' }],
    ],
    getSession: ['GetSession', 'Session', async (it) => [(await createSession(it)).id]],
    createSession: ['createSession', 'Session', ({ alice }) => [{ userId: alice }]],
    revokeSession: ['RevokeSession', 'Session', async (it) => [(await createSession(it)).id]],
    getToken: ['CreateSessionToken', 'Token', async (it) => [(await createSession(it)).id]],
    refreshSession: [
      'RefreshSession',
      'Token',
      async ({ local, sessions, alice }) => {
        const { session, refresh } = await local.cookies({ user: 'alice', ttlInSeconds: -10 })
        const [{ id } = { id: '' }] = (await sessions.getSessionList({ userId: alice })).data
        return [id, { expired_token: session, refresh_token: refresh, request_origin: 'http://localhost:3000' }]
      },
    ],
  },

  signInTokens: {
    createSignInToken: ['CreateSignInToken', 'SignInToken', ({ alice }) => [{ userId: alice, expiresInSeconds: 60 }]],
    revokeSignInToken: [
      'RevokeSignInToken',
      'SignInToken',
      async ({ signInTokens, alice }) => [
        (await signInTokens.createSignInToken({ userId: alice, expiresInSeconds: 60 })).id,
      ],
    ],
  },

  signUps: {
    get: ['GetSignUp', 'SignUpAttempt', (it) => [signUpId(it)]],
    update: ['UpdateSignUp', 'SignUpAttempt', (it) => [{ signUpAttemptId: signUpId(it), externalId: '7' }]],
  },

  testingTokens: {
    createTestingToken: ['CreateTestingToken', 'testing_token'],
  },

  users: {
    getUserList: ['GetUserList', 'page of User', () => [{ query: 'a' }]],
    getUser: ['GetUser', 'User', ({ alice }) => [alice]],
    createUser: ['CreateUser', 'User', () => [{ emailAddress: ['frank@acme.example'], password: 'correct horse' }]],
    updateUser: ['UpdateUser', 'User', ({ alice }) => [alice, { lastName: 'Adams' }]],
    updateUserProfileImage: ['SetUserProfileImage', 'User', ({ alice }) => [alice, { file: PIXEL }]],
    updateUserMetadata: ['UpdateUserMetadata', 'User', ({ alice }) => [alice, { publicMetadata: { level: 1 } }]],
    replaceUserMetadata: ['ReplaceUserMetadata', 'User', ({ alice }) => [alice, { publicMetadata: { level: 1 } }]],
    deleteUser: ['DeleteUser', 'DeletedObject', ({ alice }) => [alice]],
    getCount: ['GetUsersCount', 'number'],
    getUserOauthAccessToken: ['GetOAuthAccessToken', 'page of OauthAccessToken', ({ bob }) => [bob, 'oauth_google']],
    disableUserMFA: ['DisableMFA', '{ user_id }', ({ carol }) => [carol]],
    getOrganizationMembershipList: [
      'UsersGetOrganizationMemberships',
      'page of OrganizationMembership',
      ({ alice }) => [{ userId: alice }],
    ],
    getOrganizationInvitationList: [
      'UsersGetOrganizationInvitations',
      'page of OrganizationInvitation',
      async ({ organizations, acme, dave }) => {
        const emailAddress = 'dave@example.com'
        await organizations.createOrganizationInvitation({ organizationId: acme, emailAddress, role: 'org:member' })
        return [{ userId: dave }]
      },
    ],
    verifyPassword: [
      'VerifyPassword',
      '{ verified }',
      async ({ users, alice }) => {
        await users.updateUser(alice, { password: 'correct horse' })
        return [{ userId: alice, password: 'correct horse' }]
      },
    ],
    verifyTOTP: ['VerifyTOTP', '{ verified, code_type }', ({ carol }) => [{ userId: carol, code: 'carol-code-1' }]],
    banUser: ['BanUser', 'User', ({ alice }) => [alice]],
    unbanUser: ['UnbanUser', 'User', async ({ users, alice }) => [(await users.banUser(alice)).id]],
    lockUser: ['LockUser', 'User', ({ alice }) => [alice]],
    unlockUser: ['UnlockUser', 'User', async ({ users, alice }) => [(await users.lockUser(alice)).id]],
    deleteUserProfileImage: [
      'DeleteUserProfileImage',
      'User',
      async ({ users, alice }) => [(await users.updateUserProfileImage(alice, { file: PIXEL })).id],
    ],
    deleteUserPasskey: [
      'UserPasskeyDelete',
      'DeletedObject',
      async (it) => [{ userId: it.dave, passkeyIdentificationId: await passkeyId(it, it.dave) }],
    ],
    deleteUserWeb3Wallet: [
      'UserWeb3WalletDelete',
      'DeletedObject',
      async (it) => [{ userId: it.dave, web3WalletIdentificationId: await walletId(it, it.dave) }],
    ],
    deleteUserExternalAccount: [
      'DeleteExternalAccount',
      'DeletedObject',
      async (it) => [{ userId: it.bob, externalAccountId: await externalAccountId(it, it.bob) }],
    ],
    deleteUserBackupCodes: ['DeleteBackupCode', '{ user_id }', ({ carol }) => [carol]],
    deleteUserTOTP: ['DeleteTOTP', '{ user_id }', ({ carol }) => [carol]],
  },

  waitlistEntries: {
    list: ['ListWaitlistEntries', 'page of WaitlistEntry', after(joinWaitlist)],
    create: ['CreateWaitlistEntry', 'WaitlistEntry', () => [{ emailAddress: 'frank@acme.example' }]],
    invite: ['InviteWaitlistEntry', 'WaitlistEntry', async (it) => [(await joinWaitlist(it)).id]],
    reject: ['RejectWaitlistEntry', 'WaitlistEntry', async (it) => [(await joinWaitlist(it)).id]],
    delete: ['DeleteWaitlistEntry', 'DeletedObject', async (it) => [(await joinWaitlist(it)).id]],
  },

  webhooks: {
    createSvixApp: ['CreateSvixApp', '{ svix_url }'],
    generateSvixAuthURL: ['GenerateSvixAuthURL', '{ svix_url }', after(({ webhooks }) => webhooks.createSvixApp())],
    deleteSvixApp: ['DeleteSvixApp', 'undefined', after(({ webhooks }) => webhooks.createSvixApp())],
  },
} satisfies { readonly [Api in keyof Apis]?: { readonly [Name in keyof Apis[Api]]?: Row<Apis[Api][Name]> } }
