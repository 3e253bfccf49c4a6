import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { start } from './start.js'

/** The operations that create, verify and revoke credentials, by their ids in the specification of the Backend API. */
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

test('all 46 operations are supported, and listed in the README', async () => {
  const local = await start()
  expect(new Set(OPERATIONS).size).toBe(46)
  for (const operation of OPERATIONS) {
    expect([operation, local.calls(operation)]).toEqual([operation, 0])
    expect(readme).toContain(`\`${operation}\``)
  }
})

test('calls() refuses an unsupported operation', async () => {
  const local = await start()
  expect(() => local.calls('ListNothing')).toThrow(TypeError)
})
