import { createClerkClient } from '@clerk/backend'
import { createClerkAuth, type ClerkAuthOptions, type TokenType } from '@clerk-auth/core'
import { startLocalClerk } from '@clerk-auth/local'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { targets, type Served } from './contract/targets.js'

const local = await startLocalClerk()
afterAll(() => local.close())

const KINDS = ['session_token', 'm2m_token', 'oauth_token', 'api_key', 'jwt_template'] as const
const byKind = await Promise.all(
  KINDS.map(async (acceptsToken) => ({ acceptsToken, badTokens: await local.badTokens({ acceptsToken }) })),
)
const goodTokens: Record<TokenType, () => Promise<string>> = {
  session_token: () => local.sessionToken(),
  m2m_token: () => local.m2mToken(),
  oauth_token: () => local.oauthToken(),
  api_key: () => local.apiKey(),
  jwt_template: () => local.templateToken(),
}

const { CLERK_PUBLISHABLE_KEY, CLERK_SECRET_KEY, CLERK_MACHINE_SECRET_KEY, CLERK_MACHINE_ID, CLERK_API_URL } = local.env

/** The API's environment. */
const options: ClerkAuthOptions = {
  publishableKey: CLERK_PUBLISHABLE_KEY,
  secretKey: CLERK_SECRET_KEY,
  machineSecretKey: CLERK_MACHINE_SECRET_KEY,
  machineId: CLERK_MACHINE_ID,
  apiUrl: CLERK_API_URL,
}

describe.each(byKind)('core, accepting $acceptsToken,', ({ acceptsToken, badTokens }) => {
  const clerk = createClerkAuth(options)
  const ask = (token: string) => clerk.authenticate({ headers: { authorization: `Bearer ${token}` } }, { acceptsToken })

  it.each(badTokens)('refuses a token: $name', async ({ token, status, code }) => {
    const auth = await ask(token)
    expect(auth.isAuthenticated ? 'accepted' : [auth.error.status, auth.error.code]).toEqual([status, code])
  })

  it('accepts a valid token', async () => {
    expect(await ask(await goodTokens[acceptsToken]())).toMatchObject({ isAuthenticated: true })
  })
})

describe.each(['PS256', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const)('core, with keys for %s,', async (algorithm) => {
  const other = await startLocalClerk({ algorithm })
  afterAll(() => other.close())
  const clerk = createClerkAuth({ frontendApiUrl: other.url })

  it.each(await other.badTokens())('refuses a token: $name', async ({ token, status, code }) => {
    const auth = await clerk.authenticate({ headers: { authorization: `Bearer ${token}` } })
    expect(auth.isAuthenticated ? 'accepted' : [auth.error.status, auth.error.code]).toEqual([status, code])
  })
})

describe('if Clerk reports the status of invalid opaque tokens', async () => {
  const other = await startLocalClerk({ settings: { invalidOpaqueTokens: '200', outOfScope: '403' } })
  afterAll(() => other.close())
  const { CLERK_SECRET_KEY: secretKey, CLERK_API_URL: apiUrl } = other.env
  const clerk = createClerkAuth({ secretKey, apiUrl, machineId: 'any', acceptsToken: 'any' })

  describe.each(['m2m_token', 'oauth_token', 'api_key'] as const)('core, accepting %s,', async (acceptsToken) => {
    const badTokens = (await other.badTokens({ acceptsToken })).filter(({ code }) =>
      /^token-(revoked|expired|not-found)$/.test(code),
    )

    it.each(badTokens)('refuses a token: $name', async ({ token, status, code }) => {
      const auth = await clerk.authenticate({ headers: { authorization: `Bearer ${token}` } }, { acceptsToken })
      expect(auth.isAuthenticated ? 'accepted' : [auth.error.status, auth.error.code]).toEqual([status, code])
    })

    it('receives revoked and expired tokens', () => {
      expect(badTokens.map(({ code }) => code)).toEqual(expect.arrayContaining(['token-revoked', 'token-expired']))
    })
  })
})

const PATHS: Partial<Record<TokenType, string>> = {
  session_token: '/me',
  m2m_token: '/machine/x',
  oauth_token: '/oauth/x',
  api_key: '/api-key/x',
}

describe.each(targets)('$name', (target) => {
  let served: Served
  beforeAll(async () => {
    served = await target.serve({ clerk: [options] })
  })
  afterAll(() => served.close())

  async function ask(path: string, token: string) {
    const response = await fetch(`${served.url}${path}`, { headers: { authorization: `Bearer ${token}` } })
    const { code } = (await response.json()) as { code?: string }
    return { status: response.status, code, challenge: response.headers.get('www-authenticate') ?? '' }
  }

  const routes = byKind.flatMap((row) => (PATHS[row.acceptsToken] ? [{ ...row, path: PATHS[row.acceptsToken]! }] : []))

  describe.each(routes)('on a route for $acceptsToken', ({ acceptsToken, badTokens, path }) => {
    it.each(badTokens)('refuses a token: $name', async ({ token, status, code }) => {
      const answer = await ask(path, token)
      expect(answer).toMatchObject({ status, code })
      expect(answer.challenge).toContain(`error="${status === 400 ? 'invalid_request' : 'invalid_token'}"`)
    })

    it('accepts a valid token', async () => {
      expect(await ask(path, await goodTokens[acceptsToken]())).toMatchObject({ status: 200 })
    })
  })
})

// Tokens that the instance signed, but that Clerk would never issue. Clerk's SDK accepts these, and we refuse them.
const SIGNED_BY_THE_INSTANCE = [
  'that never expires',
  'of another issuer',
  'bound to a key of its sender',
  'of our issuer and a slash',
  'of two issuers',
  'without an issuer',
  'too large',
  'nested too deep',
  'that is not UTF-8',
  'with half a surrogate pair',
  'with a duplicate claim',
  'with a duplicate header parameter',
  'with a critical extension',
  'with an unencoded payload',
  'with an encryption parameter',
]

const acceptedByClerk: Record<Exclude<TokenType, 'jwt_template'>, readonly string[]> = {
  session_token: [...SIGNED_BY_THE_INSTANCE, 'with padding', 'without a session', 'without a time of issue'],
  m2m_token: [...SIGNED_BY_THE_INSTANCE, 'for another machine', 'for no machine'],
  oauth_token: [...SIGNED_BY_THE_INSTANCE, 'without a client', 'of the category of session tokens'],
  api_key: [],
}

describe.each(byKind.filter((row) => row.acceptsToken in acceptedByClerk))(
  'the Clerk SDK, accepting $acceptsToken,',
  ({ acceptsToken: kind, badTokens }) => {
    const acceptsToken = kind as keyof typeof acceptedByClerk
    const clerk = createClerkClient({
      publishableKey: CLERK_PUBLISHABLE_KEY,
      secretKey: CLERK_SECRET_KEY,
      machineSecretKey: CLERK_MACHINE_SECRET_KEY,
      apiUrl: CLERK_API_URL,
      telemetry: { disabled: true },
    })

    async function isAccepted(token: string): Promise<boolean> {
      const headers = { authorization: `Bearer ${token}` }
      const state = await clerk.authenticateRequest(new Request('https://api.example', { headers }), { acceptsToken })
      return state.isAuthenticated && state.toAuth().isAuthenticated
    }

    it.each(badTokens)('accepts or refuses a token as listed: $name', async ({ name, token }) => {
      expect(await isAccepted(token)).toBe(acceptedByClerk[acceptsToken].includes(name))
    })

    it('accepts a valid token', async () => {
      expect(await isAccepted(await goodTokens[acceptsToken]())).toBe(true)
    })

    it('is tested with every listed token', () => {
      expect(badTokens.map(({ name }) => name)).toEqual(expect.arrayContaining([...acceptedByClerk[acceptsToken]]))
    })
  },
)
