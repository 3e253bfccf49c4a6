import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { start } from './start.js'

/** What the Backend API has for verifying credentials and for making and ending them, by the ids of its specification. */
const OPERATIONS = [
  'CreateActorToken',
  'RevokeActorToken',
  'GetClientList',
  'VerifyClient',
  'GetClient',
  'GetJWKS',
  'ListJWTTemplates',
  'CreateJWTTemplate',
  'GetJWTTemplate',
  'UpdateJWTTemplate',
  'DeleteJWTTemplate',
  'verifyOAuthAccessToken',
  'CreateOrganizationMembership',
  'ListOrganizationMemberships',
  'UpdateOrganizationMembership',
  'DeleteOrganizationMembership',
  'UpdateOrganizationMembershipMetadata',
  'InstanceGetOrganizationMemberships',
  'GetSessionList',
  'createSession',
  'GetSession',
  'RefreshSession',
  'RevokeSession',
  'CreateSessionToken',
  'CreateSessionTokenFromTemplate',
  'ListMachines',
  'CreateMachine',
  'GetMachine',
  'UpdateMachine',
  'DeleteMachine',
  'GetMachineSecretKey',
  'RotateMachineSecretKey',
  'CreateMachineScope',
  'DeleteMachineScope',
  'createM2MToken',
  'getM2MTokens',
  'revokeM2MToken',
  'verifyM2MToken',
  'CreateSignInToken',
  'RevokeSignInToken',
  'CreateTestingToken',
  'UsersGetOrganizationMemberships',
  'CreateSvixApp',
  'DeleteSvixApp',
  'GenerateSvixAuthURL',
  'GetPublicInterstitial',
]

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

test('all 46 operations are answered, and are in the README', async () => {
  const local = await start()
  expect(new Set(OPERATIONS).size).toBe(46)
  for (const operation of OPERATIONS) {
    expect([operation, local.calls(operation)]).toEqual([operation, 0])
    expect(readme).toContain(`\`${operation}\``)
  }
})

test('an operation that is not answered is known by nobody', async () => {
  const local = await start()
  expect(() => local.calls('VerifyPassword')).toThrow(TypeError)
})
