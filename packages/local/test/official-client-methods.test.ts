import { createClerkClient } from '@clerk/backend'
import { expect, test } from 'vitest'
import { start } from './start.js'

type Client = ReturnType<typeof createClerkClient>

/** The APIs of the client that issue and verify credentials, or manage their subjects. */
const APIS = [
  'actorTokens',
  'apiKeys',
  'clients',
  'idPOAuthAccessToken',
  'jwks',
  'jwtTemplates',
  'm2m',
  'machines',
  'organizations',
  'sessions',
  'signInTokens',
  'testingTokens',
  'users',
  'webhooks',
] as const satisfies readonly (keyof Client)[]

const SUPPORTED = {
  actorTokens: ['create', 'revoke'],
  apiKeys: ['list', 'create', 'get', 'update', 'delete', 'revoke', 'getSecret', 'verify'],
  clients: ['getClientList', 'getClient', 'verifyClient'],
  idPOAuthAccessToken: ['verify'],
  jwks: ['getJwks'],
  jwtTemplates: ['list', 'get', 'create', 'update', 'delete'],
  m2m: ['list', 'createToken', 'revokeToken', 'verify'],
  machines: [
    'get',
    'list',
    'create',
    'update',
    'delete',
    'getSecretKey',
    'rotateSecretKey',
    'createScope',
    'deleteScope',
  ],
  organizations: [
    'getOrganizationList',
    'createOrganization',
    'getOrganization',
    'updateOrganization',
    'updateOrganizationMetadata',
    'replaceOrganizationMetadata',
    'deleteOrganization',
    'getOrganizationMembershipList',
    'getInstanceOrganizationMembershipList',
    'createOrganizationMembership',
    'updateOrganizationMembership',
    'updateOrganizationMembershipMetadata',
    'deleteOrganizationMembership',
  ],
  sessions: ['getSessionList', 'getSession', 'createSession', 'revokeSession', 'getToken', 'refreshSession'],
  signInTokens: ['createSignInToken', 'revokeSignInToken'],
  testingTokens: ['createTestingToken'],
  users: [
    'getUserList',
    'getUser',
    'createUser',
    'updateUser',
    'updateUserMetadata',
    'replaceUserMetadata',
    'deleteUser',
    'getCount',
    'getOrganizationMembershipList',
    'banUser',
    'unbanUser',
    'lockUser',
    'unlockUser',
  ],
  webhooks: ['createSvixApp', 'generateSvixAuthURL', 'deleteSvixApp'],
} as const satisfies Record<(typeof APIS)[number], readonly string[]>

const user = { userId: 'user_x' }
const organization = { organizationId: 'org_x' }

/** All other methods of these APIs. */
const UNSUPPORTED: Readonly<Record<string, (client: Client) => Promise<unknown>>> = {
  'clients.getHandshakePayload': ({ clients }) => clients.getHandshakePayload({ nonce: 'x' }),
  'organizations.updateOrganizationLogo': ({ organizations }) =>
    organizations.updateOrganizationLogo('org_x', { file: new Blob(['x']) }),
  'organizations.deleteOrganizationLogo': ({ organizations }) => organizations.deleteOrganizationLogo('org_x'),
  'organizations.getOrganizationInvitationList': ({ organizations }) =>
    organizations.getOrganizationInvitationList(organization),
  'organizations.createOrganizationInvitation': ({ organizations }) =>
    organizations.createOrganizationInvitation({ ...organization, emailAddress: 'a@b.c', role: 'org:member' }),
  'organizations.createOrganizationInvitationBulk': ({ organizations }) =>
    organizations.createOrganizationInvitationBulk('org_x', [{ emailAddress: 'a@b.c', role: 'org:member' }]),
  'organizations.getOrganizationInvitation': ({ organizations }) =>
    organizations.getOrganizationInvitation({ ...organization, invitationId: 'x' }),
  'organizations.revokeOrganizationInvitation': ({ organizations }) =>
    organizations.revokeOrganizationInvitation({ ...organization, invitationId: 'x' }),
  'organizations.getOrganizationDomainList': ({ organizations }) =>
    organizations.getOrganizationDomainList(organization),
  'organizations.createOrganizationDomain': ({ organizations }) =>
    organizations.createOrganizationDomain({ ...organization, name: 'x', enrollmentMode: 'manual_invitation' }),
  'organizations.updateOrganizationDomain': ({ organizations }) =>
    organizations.updateOrganizationDomain({ ...organization, domainId: 'x', enrollmentMode: 'manual_invitation' }),
  'organizations.deleteOrganizationDomain': ({ organizations }) =>
    organizations.deleteOrganizationDomain({ ...organization, domainId: 'x' }),
  'sessions.verifySession': ({ sessions }) => sessions.verifySession('sess_x', 'x'),
  'users.replaceUserEmailAddress': ({ users }) => users.replaceUserEmailAddress('user_x', { emailAddress: 'a@b.c' }),
  'users.replaceUserPhoneNumber': ({ users }) => users.replaceUserPhoneNumber('user_x', { phoneNumber: '+1' }),
  'users.updateUserProfileImage': ({ users }) => users.updateUserProfileImage('user_x', { file: new Blob(['x']) }),
  'users.deleteUserProfileImage': ({ users }) => users.deleteUserProfileImage('user_x'),
  'users.getUserOauthAccessToken': ({ users }) => users.getUserOauthAccessToken('user_x', 'google'),
  'users.getOrganizationInvitationList': ({ users }) => users.getOrganizationInvitationList(user),
  'users.disableUserMFA': ({ users }) => users.disableUserMFA('user_x'),
  'users.removePassword': ({ users }) => users.removePassword('user_x'),
  'users.verifyPassword': ({ users }) => users.verifyPassword({ ...user, password: 'x' }),
  'users.verifyTOTP': ({ users }) => users.verifyTOTP({ ...user, code: 'x' }),
  'users.deleteUserPasskey': ({ users }) => users.deleteUserPasskey({ ...user, passkeyIdentificationId: 'x' }),
  'users.deleteUserWeb3Wallet': ({ users }) => users.deleteUserWeb3Wallet({ ...user, web3WalletIdentificationId: 'x' }),
  'users.deleteUserExternalAccount': ({ users }) =>
    users.deleteUserExternalAccount({ ...user, externalAccountId: 'x' }),
  'users.deleteUserBackupCodes': ({ users }) => users.deleteUserBackupCodes('user_x'),
  'users.deleteUserTOTP': ({ users }) => users.deleteUserTOTP('user_x'),
  'users.setPasswordCompromised': ({ users }) => users.setPasswordCompromised('user_x'),
  'users.unsetPasswordCompromised': ({ users }) => users.unsetPasswordCompromised('user_x'),
}

async function startWithClient() {
  const { CLERK_SECRET_KEY: secretKey, CLERK_API_URL: apiUrl } = (await start()).env
  return createClerkClient({ secretKey, apiUrl })
}

test('every method of these APIs is either supported or known to be unsupported', async () => {
  const client = await startWithClient()
  const all = APIS.flatMap((api) => methodsOf(client[api]).map((method) => `${api}.${method}`))
  const supported = APIS.flatMap((api) => SUPPORTED[api].map((method) => `${api}.${method}`))
  expect(all.toSorted()).toEqual([...supported, ...Object.keys(UNSUPPORTED)].toSorted())
})

test.each(Object.entries(UNSUPPORTED))('%s is rejected as unsupported', async (_, request) => {
  await expect(request(await startWithClient())).rejects.toMatchObject({
    status: 404,
    errors: [{ code: 'resource_not_found', longMessage: expect.stringContaining('The local instance has no') }],
  })
})

function methodsOf(api: object): readonly string[] {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(api))
  return names.filter((name) => name !== 'constructor' && !name.startsWith('_'))
}
