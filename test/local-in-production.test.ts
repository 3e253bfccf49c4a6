import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { createClerkAuth, type ClerkAuthOptions } from '@clerk-auth/core'
import { startLocalClerk, type LocalClerk } from '@clerk-auth/local'

const PRODUCTION = { NODE_ENV: 'production' }
const REAL_ISSUER = 'https://clerk.example.com'

const local = await startLocalClerk({ algorithm: 'ES256' })
afterAll(() => local.close())
const { env, url } = local
const jwks = (await (await fetch(`${url}/.well-known/jwks.json`)).json()) as { keys: object[] }

async function outcomeOf(token: string, options: ClerkAuthOptions, environment: Record<string, string>) {
  const core = createClerkAuth(options, environment)
  const auth = await core.authenticate({ headers: { authorization: `Bearer ${token}` } })
  core.close()
  return auth.isAuthenticated ? 'accepted' : auth.error.code
}

describe('an API in production', () => {
  it.each<[string, ClerkAuthOptions, Record<string, string>]>([
    ['all variables that the instance prints', {}, { ...env }],
    ['its publishable key', { publishableKey: env.CLERK_PUBLISHABLE_KEY }, {}],
    ['its frontend API', { frontendApiUrl: url }, {}],
    ['its frontend API, by another loopback name', { frontendApiUrl: url.replace('127.0.0.1', '127.1') }, {}],
    ['its secret key and Backend API', { secretKey: env.CLERK_SECRET_KEY, apiUrl: url }, {}],
    ['its machine secret key and Backend API', { machineSecretKey: env.CLERK_MACHINE_SECRET_KEY, apiUrl: url }, {}],
    ['its key set', { jwks }, {}],
    ['its public key and issuer', { jwtKey: local.jwtKey, issuer: url }, {}],
  ])('does not start with %s, unless local issuers are allowed explicitly', (_what, options, environment) => {
    const production = { ...environment, ...PRODUCTION }
    expect(() => createClerkAuth(options, production)).toThrow(/local Clerk instance.*"insecureAllowLocalIssuer"/)
    expect(() => createClerkAuth({ ...options, insecureAllowLocalIssuer: true }, production).close()).not.toThrow()
  })

  // A PEM does not say which instance it belongs to.
  const KEYS = [
    ['PEM', { jwtKey: local.jwtKey }],
    ['PEM, and a real issuer', { jwtKey: local.jwtKey, issuer: REAL_ISSUER }],
    ['JSON Web Key', { jwtKey: JSON.stringify(jwks.keys[0]) }],
  ] as const

  it.each(KEYS)(
    'refuses every token of a local instance, even if configured with its public key as %s',
    async (_what, options) => {
      const iss = { claims: { iss: REAL_ISSUER } }
      const kid = [{ header: { kid: undefined } }, { header: { kid: 'ins_2abc' } }]
      const tokens = await Promise.all([
        local.sessionToken(),
        local.sessionToken(iss),
        ...kid.map(local.sessionToken),
        local.templateToken(iss),
        ...kid.map(local.templateToken),
        local.oauthToken({ claims: { iss: REAL_ISSUER, sub: local.people.bob.id } }),
        local.m2mToken({ format: 'jwt', ...iss }),
      ])
      const all: ClerkAuthOptions = {
        ...options,
        acceptsToken: ['session_token', 'jwt_template', 'oauth_token', 'm2m_token'],
        machineId: env.CLERK_MACHINE_ID,
      }
      for (const token of tokens) expect(await outcomeOf(token, all, PRODUCTION)).toBe('token-invalid-issuer')
      expect(await outcomeOf(tokens[0], { ...all, issuer: url, insecureAllowLocalIssuer: true }, PRODUCTION)).toBe(
        'accepted',
      )
    },
  )

  it.each(KEYS)('refuses its bad tokens too, with the key as %s', async (_what, options) => {
    for (const { name, token } of await local.badTokens())
      expect([name, await outcomeOf(token, options, PRODUCTION)]).not.toEqual([name, 'accepted'])
  })
})

describe('an API in production that reaches a local instance by an https: URL', () => {
  const apiUrl = 'https://tunnel.example'
  const tunnel: ClerkAuthOptions['fetch'] = (input, init) => fetch(input.replace(apiUrl, url), init)
  const options: ClerkAuthOptions = {
    secretKey: env.CLERK_SECRET_KEY,
    machineSecretKey: env.CLERK_MACHINE_SECRET_KEY,
    apiUrl,
    fetch: tunnel,
    acceptsToken: 'any',
  }

  it.each<[string, () => Promise<string>]>([
    ['M2M token', () => local.m2mToken({ format: 'opaque' })],
    ['OAuth token', () => local.oauthToken({ format: 'opaque' })],
    ['API key', () => local.apiKey()],
  ])('does not trust its %s, unless local issuers are allowed explicitly', async (_what, mint) => {
    const token = await mint()
    for (const NODE_ENV of ['production', 'staging'])
      expect(await outcomeOf(token, options, { NODE_ENV })).toBe('verification-misconfigured')
    expect(await outcomeOf(token, { ...options, insecureAllowLocalIssuer: true }, PRODUCTION)).toBe('accepted')
    expect(await outcomeOf(token, options, { NODE_ENV: 'development' })).toBe('accepted')
  })

  it('does not trust its JWTs either', async () => {
    expect(await outcomeOf(await local.sessionToken(), options, PRODUCTION)).toBe('token-invalid-issuer')
  })
})

describe('a local instance', () => {
  const hidden: readonly object[] = [
    { header: { kid: undefined }, claims: { iss: REAL_ISSUER } },
    { header: { kid: 'ins_2abc' }, claims: { iss: 'https://127.0.0.1@clerk.example.com' } },
    { header: { kid: ['ins_local'] }, claims: { iss: undefined } },
    { header: { kid: 'xins_local' }, claims: { iss: 'https://127.0.0.1.example.com' } },
    { header: { kid: 'ins_2abc' }, claims: { iss: 'unknown' } },
  ]

  it.each(hidden)('does not sign a token that cannot be recognized as local: %j', async (input) => {
    const mint = [
      () => local.sessionToken(input),
      () => local.templateToken(input),
      () => local.oauthToken(input),
      () => local.m2mToken({ format: 'jwt', ...input }),
      () => local.cookies(input),
    ]
    for (const token of mint)
      await expect(token()).rejects.toThrow(
        /^the "kid" or the "iss" must identify the token as that of a local instance/,
      )
  })

  it('does not sign one over HTTP either', async () => {
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ header: { kid: 'ins_2abc' }, claims: { iss: REAL_ISSUER } })
    for (const kind of ['session', 'template', 'oauth'])
      expect((await fetch(`${url}/_local/tokens/${kind}`, { method: 'POST', headers, body })).status).toBe(422)
  })

  it('has a reserved key id after a restart and a rotation, also with another host name', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'clerk-auth-production-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const kids: string[] = []
    for (let i = 0; i < 2; i++) {
      const kept: LocalClerk = await startLocalClerk({
        algorithm: 'ES256',
        host: 'localhost',
        data: join(folder, 'db'),
      })
      if (i === 0) await kept.rotateKeys()
      kids.push(kept.kid)
      const token = await kept.sessionToken({ claims: { iss: REAL_ISSUER } })
      expect(await outcomeOf(token, { jwtKey: kept.jwtKey }, PRODUCTION)).toBe('token-invalid-issuer')
      await kept.close()
    }
    expect(kids[0]).toMatch(/^ins_local/)
    expect(kids[1]).toBe(kids[0])
  })
})
