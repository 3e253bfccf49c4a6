import { createClerkClient } from '@clerk/backend'
import { expect, test } from 'vitest'
import { start } from './start.js'

type Client = ReturnType<typeof createClerkClient>

/** What an instance is asked for that issues and verifies credentials. */
const PARTS = [
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

const ANSWERED = {
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
} as const satisfies Record<(typeof PARTS)[number], readonly string[]>

const ofUser = { userId: 'user_x' }
const ofOrganization = { organizationId: 'org_x' }

/** Everything else that the client has of these parts. */
const MISSING: Readonly<Record<string, (client: Client) => Promise<unknown>>> = {
  'clients.getHandshakePayload': ({ clients }) => clients.getHandshakePayload({ nonce: 'x' }),
  'organizations.updateOrganizationLogo': ({ organizations }) =>
    organizations.updateOrganizationLogo('org_x', { file: new Blob(['x']) }),
  'organizations.deleteOrganizationLogo': ({ organizations }) => organizations.deleteOrganizationLogo('org_x'),
  'organizations.getOrganizationInvitationList': ({ organizations }) =>
    organizations.getOrganizationInvitationList(ofOrganization),
  'organizations.createOrganizationInvitation': ({ organizations }) =>
    organizations.createOrganizationInvitation({ ...ofOrganization, emailAddress: 'a@b.c', role: 'org:member' }),
  'organizations.createOrganizationInvitationBulk': ({ organizations }) =>
    organizations.createOrganizationInvitationBulk('org_x', [{ emailAddress: 'a@b.c', role: 'org:member' }]),
  'organizations.getOrganizationInvitation': ({ organizations }) =>
    organizations.getOrganizationInvitation({ ...ofOrganization, invitationId: 'x' }),
  'organizations.revokeOrganizationInvitation': ({ organizations }) =>
    organizations.revokeOrganizationInvitation({ ...ofOrganization, invitationId: 'x' }),
  'organizations.getOrganizationDomainList': ({ organizations }) =>
    organizations.getOrganizationDomainList(ofOrganization),
  'organizations.createOrganizationDomain': ({ organizations }) =>
    organizations.createOrganizationDomain({ ...ofOrganization, name: 'x', enrollmentMode: 'manual_invitation' }),
  'organizations.updateOrganizationDomain': ({ organizations }) =>
    organizations.updateOrganizationDomain({ ...ofOrganization, domainId: 'x', enrollmentMode: 'manual_invitation' }),
  'organizations.deleteOrganizationDomain': ({ organizations }) =>
    organizations.deleteOrganizationDomain({ ...ofOrganization, domainId: 'x' }),
  'sessions.verifySession': ({ sessions }) => sessions.verifySession('sess_x', 'x'),
  'users.replaceUserEmailAddress': ({ users }) => users.replaceUserEmailAddress('user_x', { emailAddress: 'a@b.c' }),
  'users.replaceUserPhoneNumber': ({ users }) => users.replaceUserPhoneNumber('user_x', { phoneNumber: '+1' }),
  'users.updateUserProfileImage': ({ users }) => users.updateUserProfileImage('user_x', { file: new Blob(['x']) }),
  'users.deleteUserProfileImage': ({ users }) => users.deleteUserProfileImage('user_x'),
  'users.getUserOauthAccessToken': ({ users }) => users.getUserOauthAccessToken('user_x', 'google'),
  'users.getOrganizationInvitationList': ({ users }) => users.getOrganizationInvitationList(ofUser),
  'users.disableUserMFA': ({ users }) => users.disableUserMFA('user_x'),
  'users.removePassword': ({ users }) => users.removePassword('user_x'),
  'users.verifyPassword': ({ users }) => users.verifyPassword({ ...ofUser, password: 'x' }),
  'users.verifyTOTP': ({ users }) => users.verifyTOTP({ ...ofUser, code: 'x' }),
  'users.deleteUserPasskey': ({ users }) => users.deleteUserPasskey({ ...ofUser, passkeyIdentificationId: 'x' }),
  'users.deleteUserWeb3Wallet': ({ users }) =>
    users.deleteUserWeb3Wallet({ ...ofUser, web3WalletIdentificationId: 'x' }),
  'users.deleteUserExternalAccount': ({ users }) =>
    users.deleteUserExternalAccount({ ...ofUser, externalAccountId: 'x' }),
  'users.deleteUserBackupCodes': ({ users }) => users.deleteUserBackupCodes('user_x'),
  'users.deleteUserTOTP': ({ users }) => users.deleteUserTOTP('user_x'),
  'users.setPasswordCompromised': ({ users }) => users.setPasswordCompromised('user_x'),
  'users.unsetPasswordCompromised': ({ users }) => users.unsetPasswordCompromised('user_x'),
}

async function startWithClient() {
  const { CLERK_SECRET_KEY: secretKey, CLERK_API_URL: apiUrl } = (await start()).env
  return createClerkClient({ secretKey, apiUrl })
}

test('every method of the official client on these parts is answered, or known to be missing', async () => {
  const client = await startWithClient()
  const all = PARTS.flatMap((part) => methodsOf(client[part]).map((method) => `${part}.${method}`))
  const answered = PARTS.flatMap((part) => ANSWERED[part].map((method) => `${part}.${method}`))
  expect(all.toSorted()).toEqual([...answered, ...Object.keys(MISSING)].toSorted())
})

test.each(Object.entries(MISSING))('%s is told that the instance has no such thing', async (_, ask) => {
  await expect(ask(await startWithClient())).rejects.toMatchObject({
    status: 404,
    errors: [{ code: 'resource_not_found', longMessage: expect.stringContaining('The local instance has no') }],
  })
})

function methodsOf(part: object): readonly string[] {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(part))
  return names.filter((name) => name !== 'constructor' && !name.startsWith('_'))
}
