import { startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askClerk, askOurs, clerkSdk } from './both.js'
import { fieldsOf, MACHINE_FIELDS, SESSION_FIELDS } from './fields.js'
import { questionsAbout, show } from './questions.js'

let local: LocalClerk

beforeAll(async () => {
  local = await startLocalClerk()
})
afterAll(() => local.close())

/** Both fetch the keys from the Backend API of the instance. */
async function ask(token: string, acceptsToken: 'session_token' | 'm2m_token' | 'oauth_token') {
  const { CLERK_SECRET_KEY: secretKey, CLERK_API_URL: apiUrl } = local.env
  const clerk = await askClerk(token, { acceptsToken, jwtKey: '' }, clerkSdk({ secretKey, apiUrl }))
  const options = { acceptsToken, secretKey, apiUrl, jwtKey: undefined, issuer: local.url, machineId: 'any' }
  return { clerk: clerk.auth(), ours: await askOurs(token, options) }
}

describe('a session token of a local instance', () => {
  const users = ['alice', 'bob', 'carol', 'dave']
  it.each(users.flatMap((user) => [1, 2].map((version) => [user, version as 1 | 2] as const)))(
    'for %s, in format %i, is read in the same way',
    async (user, version) => {
      const { clerk, ours } = await ask(await local.sessionToken({ user, version }), 'session_token')
      expect(fieldsOf(ours, SESSION_FIELDS)).toStrictEqual(fieldsOf(clerk, SESSION_FIELDS))
      const disagreed = questionsAbout(ours['sessionClaims'] as object as Record<string, unknown>).filter(
        (question) => ours.has(question) !== clerk.has(question),
      )
      expect(disagreed.map(show)).toEqual([])
    },
  )

  it('grants what the seed says, not merely the same in both', async () => {
    const { clerk, ours } = await ask(await local.sessionToken({ user: 'alice' }), 'session_token')
    const asked = { role: 'org:admin', permission: 'org:invoices:create' }
    expect([clerk.has(asked), ours.has(asked)]).toEqual([true, true])
  })
})

describe('a machine JWT of a local instance', () => {
  it.each<[what: string, kind: 'm2m_token' | 'oauth_token', mint: () => Promise<string>]>([
    ['an M2M token', 'm2m_token', () => local.m2mToken({ format: 'jwt', claims: { tier: 'gold' } })],
    ['an OAuth access token', 'oauth_token', () => local.oauthToken({ org: 'acme' })],
    ['an OAuth access token with an audience', 'oauth_token', () => local.oauthToken({ audience: ['a', 'b'] })],
  ])('%s is read in the same way', async (_what, kind, mint) => {
    const { clerk, ours } = await ask(await mint(), kind)
    expect(fieldsOf(ours, MACHINE_FIELDS[kind])).toStrictEqual(fieldsOf(clerk, MACHINE_FIELDS[kind]))
    expect(ours.isAuthenticated).toBe(true)
  })
})
