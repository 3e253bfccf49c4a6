import { createClerkAuth, type ClerkAuthOptions } from '@clerk-auth/core'
import { defaultSeed, startLocalClerk } from '@clerk-auth/local'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { hasAdapter, targets, type Served } from './targets.js'

const seed = {
  ...defaultSeed,
  machines: { worker: { scopes: ['api'] }, other: { scopes: ['api'] }, stranger: { scopes: ['worker'] }, api: {} },
} as const

const start = () => startLocalClerk({ seed })
let local: Awaited<ReturnType<typeof start>>

beforeAll(async () => {
  local = await start()
})
afterAll(() => local.close())
afterEach(() => local.reset())

const VERIFY = ['verifyM2MToken', 'verifyOAuthAccessToken', 'verifyApiKey'] as const
const callsToClerk = () => VERIFY.reduce((sum, operation) => sum + local.calls(operation), 0)

describe.each(targets)('$name', (target) => {
  let served: Served | undefined
  afterEach(() => served?.close())

  /** The environment of an API that verifies every kind. */
  const everything = (): ClerkAuthOptions => ({
    frontendApiUrl: local.url,
    secretKey: local.env.CLERK_SECRET_KEY,
    machineSecretKey: local.machines.api.secretKey,
    machineId: local.machines.api.id,
    apiUrl: local.url,
    now: () => local.clock.now(),
  })

  async function serve(options: ClerkAuthOptions = everything()): Promise<void> {
    const callers = { worker: local.machines.worker.id, cli: local.clients.cli.id }
    served = await target.serve({ clerk: [options], callers })
  }

  async function ask(path: string, token?: string) {
    const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` }
    const response = await fetch(`${served!.url}${path}`, { headers })
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Record<string, unknown>,
    }
  }

  const tokens = {
    session: () => local.sessionToken(),
    'M2M token': () => local.m2mToken({ from: 'worker', to: 'api' }),
    'M2M JWT': () => local.m2mToken({ from: 'worker', to: 'api', format: 'jwt' }),
    'OAuth token': () => local.oauthToken({ format: 'opaque', scopes: ['invoices:read'] }),
    'OAuth JWT': () => local.oauthToken({ format: 'jwt', scopes: ['invoices:read'] }),
    'API key': () => local.apiKey({ subject: 'alice', scopes: ['invoices:read'] }),
    'template token': () => local.templateToken(),
  }
  type Kind = keyof typeof tokens
  const kinds = Object.keys(tokens) as Kind[]

  const passes: Record<string, readonly Kind[]> = {
    '/me': ['session'],
    '/machine/x': ['M2M token', 'M2M JWT'],
    '/worker/x': ['M2M token', 'M2M JWT'],
    '/oauth/x': ['OAuth token', 'OAuth JWT'],
    '/cli/x': ['OAuth token', 'OAuth JWT'],
    '/api-key/x': ['API key'],
    '/api-key-scope/x': ['API key'],
    '/admin-or-worker/x': ['session', 'M2M token', 'M2M JWT'],
    '/any/x': ['session', 'M2M token', 'M2M JWT', 'OAuth token', 'OAuth JWT', 'API key'],
  }

  it.each([
    ['M2M token', '/machine/x'],
    ['OAuth token', '/oauth/x'],
    ['API key', '/api-key/x'],
  ] as const)('a wrong path in apiUrl is a misconfiguration, not a refusal: %s', async (kind, path) => {
    await serve({ ...everything(), apiUrl: `${local.url}/v2` })
    const { status, body } = await ask(path, await tokens[kind]())
    expect([status, body['code']]).toEqual([503, 'verification-misconfigured'])
  })

  it.each(Object.entries(passes))('%s accepts exactly these kinds: %j', async (path, expected) => {
    await serve()
    for (const kind of kinds) {
      const { status, body } = await ask(path, await tokens[kind]())
      const code = expected.includes(kind) ? undefined : 'token-type-mismatch'
      expect({ kind, status, code: body['code'] }).toEqual({ kind, status: code ? 401 : 200, code })
    }
  })

  it('never calls Clerk for public routes and routes for users, whatever a caller sends', async () => {
    await serve()
    for (const path of ['/public', '/me', '/admin/x']) for (const kind of kinds) await ask(path, await tokens[kind]())
    await ask('/public', `mt_${'made_up'.repeat(5)}`)
    expect(callsToClerk()).toBe(0)
  })

  it('gives a handler the machine, and no fields of other kinds', async () => {
    await serve()
    const { body } = await ask('/machine/x', await tokens['M2M token']())
    expect(body).toMatchObject({
      tokenType: 'm2m_token',
      machineId: local.machines.worker.id,
      subject: local.machines.worker.id,
      scopes: [local.machines.api.id],
      hasToken: true,
    })
    expect(body).not.toHaveProperty('userId')
  })

  it('gives a handler the user of the client, and the owner of the key', async () => {
    await serve()
    const userId = local.people.alice.id
    const oauth = await local.oauthToken({
      client: 'cli',
      scopes: ['invoices:read'],
      org: 'acme',
      audience: 'https://api',
    })
    expect((await ask('/oauth/x', oauth)).body).toMatchObject({
      userId,
      clientId: local.clients.cli.id,
      orgId: local.organizations.acme.id,
      audience: ['https://api'],
    })
    expect((await ask('/api-key/x', await local.apiKey({ subject: 'acme' }))).body).toMatchObject({
      userId: null,
      orgId: local.organizations.acme.id,
    })
    expect((await ask('/api-key/x', await tokens['API key']())).body).toMatchObject({ userId, orgId: null })
  })

  const refusals: [what: string, path: string, status: number, code: string, token: () => Promise<string>][] = [
    ['another machine', '/worker/x', 403, 'machine-not-allowed', () => local.m2mToken({ from: 'other', to: 'api' })],
    ['a machine out of scope', '/machine/x', 401, 'token-not-found', () => local.m2mToken({ from: 'stranger' })],
    [
      'a machine out of scope, with a JWT',
      '/machine/x',
      401,
      'machine-out-of-scope',
      () => local.m2mToken({ from: 'stranger', format: 'jwt' }),
    ],
    [
      'another client',
      '/cli/x',
      403,
      'client-not-allowed',
      () => local.oauthToken({ client: 'partner', scopes: ['invoices:read'] }),
    ],
    [
      'a client without the scope',
      '/cli/x',
      403,
      'scope-missing',
      () => local.oauthToken({ client: 'cli', scopes: ['profile'] }),
    ],
    ['a key without the scope', '/api-key-scope/x', 403, 'scope-missing', () => local.apiKey({ subject: 'alice' })],
    [
      'a key of a user if an organization is required',
      '/same-org-by-key/x',
      403,
      'org-missing',
      () => local.apiKey({ subject: 'alice' }),
    ],
    [
      'a key of another organization',
      '/same-org-by-key/x',
      403,
      'org-mismatch',
      () => local.apiKey({ subject: 'acme' }),
    ],
    ['a made-up token', '/machine/x', 401, 'token-not-found', async () => `mt_${'0'.repeat(32)}`],
    ['a token of the wrong shape', '/machine/x', 401, 'token-malformed', async () => 'mt_short'],
    [
      'an expired JWT',
      '/machine/x',
      401,
      'token-expired',
      () =>
        local.m2mToken({
          from: 'worker',
          format: 'jwt',
          claims: { exp: 1_700_000_000, iat: 1_600_000_000, nbf: 1_600_000_000 },
        }),
    ],
    [
      'a member, if an admin or a machine is required',
      '/admin-or-worker/x',
      403,
      'role-missing',
      () => local.sessionToken({ user: 'bob' }),
    ],
    [
      'another machine, if an admin or a machine is required',
      '/admin-or-worker/x',
      403,
      'machine-not-allowed',
      () => local.m2mToken({ from: 'other', to: 'api' }),
    ],
  ]

  it.each(refusals)('refuses %s at %s with %i %s', async (_what, path, status, code, token) => {
    await serve()
    expect(await ask(path, await token())).toMatchObject({ status, body: { code } })
  })

  it('names the missing scopes in the challenge to an OAuth client, which can request them', async () => {
    await serve()
    const apiKey = await ask('/api-key-scope/x', await local.apiKey({ subject: 'alice' }))
    expect(apiKey.headers.get('www-authenticate')).toBe('Bearer realm="api"')
    const { headers } = await ask('/cli/x', await local.oauthToken({ client: 'cli', scopes: ['profile'] }))
    expect(headers.get('www-authenticate')).toBe(
      'Bearer realm="api", error="insufficient_scope", error_description="A scope is missing", scope="invoices:read"',
    )
  })

  it('detects a revocation once the cached result has expired, or at once after forget()', async () => {
    const clerk = createClerkAuth(everything())
    served = await target.serve({ clerk: [clerk] })
    const token = await tokens['M2M token']()
    const { body } = await ask('/machine/x', token)
    await local.revoke(token)
    expect(await ask('/machine/x', token)).toMatchObject({ status: 200 })
    clerk.forget({ tokenId: String(body['id']) })
    expect(await ask('/machine/x', token)).toMatchObject({ status: 401, body: { code: 'token-not-found' } })
  })

  it('makes one call for fifty callers with one token', async () => {
    await serve()
    const token = await tokens['M2M token']()
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask('/machine/x', token)))
    expect(answers.every(({ status }) => status === 200)).toBe(true)
    expect(callsToClerk()).toBe(1)
  })

  const outages: [what: string, fault: object, code: string][] = [
    ['is down', { status: 500 }, 'verification-unavailable'],
    ['answers garbage', { status: 200, body: '<html>' }, 'verification-unavailable'],
    ['limits the rate', { status: 429, retryAfter: 7 }, 'verification-rate-limited'],
    ['refuses our secret', { status: 401 }, 'verification-misconfigured'],
    ['is replaced by another server', { status: 404, body: '<html>' }, 'verification-misconfigured'],
  ]

  it.each(outages)('answers 503, never 401, while Clerk %s', async (_what, fault, code) => {
    local.fault('verifyM2MToken', fault)
    await serve()
    const { status, headers, body } = await ask('/machine/x', await tokens['M2M token']())
    expect({ status, code: body['code'] }).toEqual({ status: 503, code })
    expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect(headers.get('www-authenticate')).toBeNull()
  })

  it('needs only a machine secret for opaque M2M tokens', async () => {
    await serve({ machineSecretKey: local.machines.api.secretKey, apiUrl: local.url })
    expect(await ask('/machine/x', await tokens['M2M token']())).toMatchObject({ status: 200 })
    expect(await ask('/machine/x', await tokens['M2M JWT']())).toMatchObject({
      status: 503,
      body: { code: 'verification-misconfigured' },
    })
  })

  it('needs only a publishable key and a machine id for M2M tokens in JWT form', async () => {
    await serve({ publishableKey: local.env.CLERK_PUBLISHABLE_KEY, machineId: local.machines.api.id })
    expect(await ask('/machine/x', await tokens['M2M JWT']())).toMatchObject({ status: 200 })
    expect(await ask('/machine/x', await tokens['M2M token']())).toMatchObject({ status: 503 })
  })

  it('cannot verify an M2M JWT without a machine id', async () => {
    await serve({ publishableKey: local.env.CLERK_PUBLISHABLE_KEY })
    expect(await ask('/machine/x', await tokens['M2M JWT']())).toMatchObject({
      status: 503,
      body: { code: 'verification-misconfigured' },
    })
  })

  it.each(['opaque', 'jwt'] as const)('compares the audience of an OAuth token, %s', async (format) => {
    await serve({ ...everything(), audience: 'https://this.example' })
    const forAudience = (audience?: string) => local.oauthToken({ format, ...(audience && { audience }) })
    expect(await ask('/oauth/x', await forAudience('https://this.example'))).toMatchObject({ status: 200 })
    for (const audience of ['https://other.example', undefined])
      expect(await ask('/oauth/x', await forAudience(audience))).toMatchObject({
        status: 401,
        body: { code: 'token-invalid-audience' },
      })
  })

  it('refuses a forged token of another kind with its own code, regardless of other faults', async () => {
    await serve({ machineSecretKey: local.machines.api.secretKey, apiUrl: local.url })
    expect(await ask('/machine/x', await local.sessionToken())).toMatchObject({
      status: 401,
      body: { code: 'token-type-mismatch' },
    })
  })

  it.runIf(hasAdapter(target))('verifies the kinds configured in the middleware, on public routes too', async () => {
    await serve({ ...everything(), acceptsToken: ['session_token', 'm2m_token'] })
    await ask('/public', await tokens['M2M token']())
    expect(callsToClerk()).toBe(1)
  })
})
