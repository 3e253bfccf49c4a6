import { createHash, randomBytes } from 'node:crypto'
import { createClerkAuth } from '@clerk-auth/core'
import { startLocalClerk } from '@clerk-auth/local'
import { afterAll, describe, expect, it } from 'vitest'

const API = 'https://api.example/mcp'
const CALLBACK = 'http://127.0.0.1:5555/callback'

const client = {
  redirectUris: ['http://127.0.0.1/callback'],
  scopes: ['offline_access', 'invoices:read'],
}
const local = await startLocalClerk({
  seed: {
    organizations: {},
    people: { alice: { firstName: 'Alice', email: 'alice@acme.example' } },
    clients: { jwt: { name: 'JWT', ...client }, opaque: { name: 'Opaque', ...client, accessTokens: 'opaque' } },
    oauth: { scopes: ['invoices:read'] },
  },
})
afterAll(() => local.close())

const { CLERK_FAPI, CLERK_API_URL, CLERK_SECRET_KEY } = local.env
const api = {
  frontendApiUrl: CLERK_FAPI,
  apiUrl: CLERK_API_URL,
  secretKey: CLERK_SECRET_KEY,
  acceptsToken: 'oauth_token',
  audience: API,
} as const

type Form = Readonly<Record<string, string>>

/** Logs alice in to a client, and returns the answer of the token endpoint. */
async function login(clientId: string, resource: string) {
  const code_verifier = randomBytes(32).toString('base64url')
  const asked = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: CALLBACK,
    scope: 'invoices:read offline_access',
    resource,
    code_challenge: createHash('sha256').update(code_verifier).digest('base64url'),
    code_challenge_method: 'S256',
    _local_user: 'alice',
  })
  const redirect = await fetch(`${local.url}/oauth/authorize?${asked.toString()}`, { redirect: 'manual' })
  const code = new URL(redirect.headers.get('location') ?? '').searchParams.get('code') ?? ''
  return ask('/oauth/token', {
    grant_type: 'authorization_code',
    client_id: clientId,
    redirect_uri: CALLBACK,
    code,
    code_verifier,
  })
}

async function ask(path: string, form: Form): Promise<{ access_token: string; refresh_token: string }> {
  const response = await fetch(local.url + path, { method: 'POST', body: new URLSearchParams(form) })
  expect(response.status).toBe(200)
  return JSON.parse((await response.text()) || '{}') as { access_token: string; refresh_token: string }
}

describe.each(['jwt', 'opaque'] as const)('a token of a login, %s,', (name) => {
  const { id } = local.clients[name]
  // Without a memory, so that a revocation counts at once.
  const clerk = createClerkAuth({ ...api, remote: { rememberInMs: 0 } })
  const authenticate = (token: string) => clerk.authenticate({ headers: { authorization: `Bearer ${token}` } })

  it('is verified with its user, client, scopes and audience', async () => {
    const { access_token } = await login(id, API)
    expect(await authenticate(access_token)).toMatchObject({
      isAuthenticated: true,
      tokenType: 'oauth_token',
      userId: local.people.alice.id,
      clientId: id,
      scopes: ['invoices:read', 'offline_access'],
      audience: [API],
    })
  })

  it('is refused if it is for another API', async () => {
    const { access_token } = await login(id, 'https://other.example/')
    expect(await authenticate(access_token)).toMatchObject({ error: { code: 'token-invalid-audience' } })
  })

  it('is replaced by the refresh token, with the same audience', async () => {
    const { refresh_token } = await login(id, API)
    const { access_token } = await ask('/oauth/token', { grant_type: 'refresh_token', client_id: id, refresh_token })
    expect(await authenticate(access_token)).toMatchObject({ isAuthenticated: true, audience: [API] })
  })
})

it('an opaque token is refused once its client has revoked it', async () => {
  const clerk = createClerkAuth({ ...api, remote: { rememberInMs: 0 } })
  const { access_token } = await login(local.clients.opaque.id, API)
  const source = { headers: { authorization: `Bearer ${access_token}` } }
  expect(await clerk.authenticate(source)).toMatchObject({ isAuthenticated: true })
  await ask('/oauth/token/revoke', { client_id: local.clients.opaque.id, token: access_token })
  expect(await clerk.authenticate(source)).toMatchObject({ isAuthenticated: false, error: { status: 401 } })
})
