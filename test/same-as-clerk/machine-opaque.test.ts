import { deepStrictEqual } from 'node:assert/strict'
import * as fc from 'fast-check'
import { startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { askClerk, askOurs, clerkSdk, ourCode, type ClerkAuthObject } from './both.js'
import { fieldsOf, MACHINE_FIELDS } from './fields.js'
import { custom } from './session-claims.js'

type Kind = keyof typeof MACHINE_FIELDS

let local: LocalClerk

beforeAll(async () => {
  local = await startLocalClerk()
})
afterEach(() => local.reset())
afterAll(() => local.close())

/** Both call the same Backend API, with the same secrets. */
const secrets = () => ({
  secretKey: local.env.CLERK_SECRET_KEY,
  machineSecretKey: local.env.CLERK_MACHINE_SECRET_KEY,
  publishableKey: local.env.CLERK_PUBLISHABLE_KEY,
  apiUrl: local.env.CLERK_API_URL,
})

async function ask(token: string, acceptsToken: Kind) {
  const clerk = await askClerk(token, { acceptsToken }, clerkSdk(secrets()))
  const options = { acceptsToken, jwtKey: local.jwtKey, issuer: local.url, ...secrets() }
  const ours = await askOurs(token, options)
  return { clerk, ours, code: ours.isAuthenticated ? undefined : ours.error.code }
}

const TOKENS: readonly (readonly [what: string, kind: Kind, mint: () => Promise<string>])[] = [
  ['an M2M token', 'm2m_token', () => local.m2mToken()],
  ['an M2M token for one machine', 'm2m_token', () => local.m2mToken({ from: 'worker', to: 'api' })],
  ['an M2M token with claims', 'm2m_token', () => local.m2mToken({ claims: { tier: 'gold', list: [1, { a: null }] } })],
  ['an M2M token that never expires', 'm2m_token', () => local.m2mToken({ ttlInSeconds: null })],
  ['an OAuth access token', 'oauth_token', () => local.oauthToken({ format: 'opaque' })],
  [
    'an OAuth access token with other scopes',
    'oauth_token',
    () => local.oauthToken({ format: 'opaque', user: 'bob', client: 'partner', scopes: ['invoices:read'] }),
  ],
  ['an OAuth access token without a scope', 'oauth_token', () => local.oauthToken({ format: 'opaque', scopes: [] })],
  [
    'an OAuth access token with an actor',
    'oauth_token',
    () => local.oauthToken({ format: 'opaque', actor: 'bob', audience: 'https://api.example.com' }),
  ],
  ['an API key of a user', 'api_key', () => local.apiKey()],
  ['an API key of an organization', 'api_key', () => local.apiKey({ subject: 'acme' })],
  ['an API key with scopes and claims', 'api_key', () => local.apiKey({ scopes: ['a', 'b:c'], claims: { n: 1 } })],
]

describe('an opaque token', () => {
  it.each(TOKENS)('%s gives the same caller', async (_what, kind, mint) => {
    const { clerk, ours } = await ask(await mint(), kind)
    expect(clerk.status).toBe('signed-in')
    const official: ClerkAuthObject = clerk.auth()
    expect(official['id']).toMatch(/^[a-z]+_\w{32}$/)
    expect(fieldsOf(ours, MACHINE_FIELDS[kind])).toStrictEqual(fieldsOf(official, MACHINE_FIELDS[kind]))
    expect([ours.has({ feature: 'x' }), official.has({ feature: 'x' })]).toEqual([false, false])
  })

  it('of a machine gives the same caller, for any claims, scopes and expiry', async () => {
    const grant = fc.record(
      {
        claims: custom,
        ttlInSeconds: fc.option(fc.integer({ min: 60, max: 1e6 })),
        to: fc.constantFrom('api', ['api']),
      },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(grant, async (grant) => {
        const { clerk, ours } = await ask(await local.m2mToken(grant), 'm2m_token')
        deepStrictEqual(fieldsOf(ours, MACHINE_FIELDS.m2m_token), fieldsOf(clerk.auth(), MACHINE_FIELDS.m2m_token))
        expect(ours.isAuthenticated).toBe(true)
      }),
      { seed: 20261130, numRuns: 100 },
    )
  }, 120_000)

  it.each(TOKENS)('%s that is unknown is refused by both', async (_what, kind, mint) => {
    const token = `${(await mint()).slice(0, -4)}AAAA`
    const { clerk, code } = await ask(token, kind)
    expect(clerk).toMatchObject({ status: 'signed-out', reason: 'token-invalid' })
    expect(code).toBe('token-not-found')
  })

  it.each(TOKENS)('%s that was revoked is refused by both', async (_what, kind, mint) => {
    const token = await mint()
    await local.revoke(token)
    const { clerk, code } = await ask(token, kind)
    expect(clerk).toMatchObject({ status: 'signed-out', reason: 'token-invalid' })
    expect(code).toBe('token-not-found')
  })

  it('for another machine is refused by both', async () => {
    const elsewhere = await local.m2mToken({ from: 'worker' })
    const options = { machineSecretKey: local.machines['billing'].secretKey }
    const { status } = await askClerk(elsewhere, { acceptsToken: 'm2m_token' }, clerkSdk({ ...secrets(), ...options }))
    expect(status).toBe('signed-out')
    const code = await ourCode(elsewhere, { acceptsToken: 'm2m_token', ...secrets(), ...options })
    expect(code).toBe('token-not-found')
  })

  it.each(['mt_', 'oat_', 'ak_'])('that is only a prefix, %s, is refused by both', async (prefix) => {
    const kind = ({ mt_: 'm2m_token', oat_: 'oauth_token', ak_: 'api_key' } as const)[prefix]!
    const { clerk, code } = await ask(prefix, kind)
    expect(clerk.status).toBe('signed-out')
    expect(code).toBe('token-malformed')
  })

  it.each(['MT_', 'Oat_', 'AK_'])('is refused if the prefix is in another case: %s', async (prefix) => {
    const kind = ({ MT_: 'm2m_token', Oat_: 'oauth_token', AK_: 'api_key' } as const)[prefix]!
    const { clerk, code } = await ask(`${prefix}${'a'.repeat(32)}`, kind)
    expect(clerk).toMatchObject({ status: 'signed-out', reason: 'token-type-mismatch' })
    expect(code).toBe('token-malformed')
  })
})
