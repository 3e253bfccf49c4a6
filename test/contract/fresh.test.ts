import { createClerkAuth, type AcceptsToken, type ClerkAuth, type ClerkAuthOptions } from '@clerk-auth/core'
import { startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { hasAdapter, targets, type Served } from './targets.js'

let local: LocalClerk

beforeAll(async () => {
  local = await startLocalClerk()
})
afterAll(() => local.close())
afterEach(() => local.reset())

function sessionIdOf(token: string): string {
  const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { readonly sid: string }
  return claims.sid
}

async function revokeSession(token: string): Promise<void> {
  const { status } = await fetch(`${local.url}/v1/sessions/${sessionIdOf(token)}/revoke`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${local.env.CLERK_SECRET_KEY}` },
  })
  expect(status).toBe(200)
}

describe.each(targets.filter(hasAdapter))('$name', (target) => {
  let served: Served | undefined
  let clerk: ClerkAuth<AcceptsToken> | undefined
  afterEach(async () => {
    await served?.close()
    clerk?.close()
  })

  async function serve(options: ClerkAuthOptions = {}): Promise<void> {
    clerk = createClerkAuth<AcceptsToken>({ now: () => local.clock.now(), ...options }, { ...local.env })
    served = await target.serve({ clerk: [clerk] })
  }

  async function ask(path: string, token?: string) {
    const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` }
    const response = await fetch(`${served!.url}${path}`, { headers })
    const body = (await response.json()) as Record<string, unknown>
    return { status: response.status, headers: response.headers, body }
  }

  async function codeOf(path: string, token?: string): Promise<unknown> {
    const { status, body } = await ask(path, token)
    return status === 200 ? 'passed' : body['code']
  }

  const opaque = {
    'M2M token': ['verifyM2MToken', () => local.m2mToken({ from: 'worker', to: 'api', format: 'opaque' })],
    'OAuth token': ['verifyOAuthAccessToken', () => local.oauthToken({ format: 'opaque' })],
    'API key': ['verifyApiKey', () => local.apiKey({ subject: 'alice' })],
  } as const

  describe('a session at a guard with fresh', () => {
    it('passes while it is active, and Clerk is asked each time', async () => {
      await serve()
      const token = await local.sessionToken()
      for (let i = 1; i <= 3; i++) {
        expect(await ask('/fresh/x', token)).toMatchObject({ status: 200, body: { userId: local.people.alice.id } })
        expect(local.calls('GetSession')).toBe(i)
      }
    })

    it('is refused from the moment of its revocation, although its token is valid elsewhere', async () => {
      await serve()
      const token = await local.sessionToken()
      expect(await codeOf('/fresh/x', token)).toBe('passed')
      await revokeSession(token)
      const { status, headers, body } = await ask('/fresh/x', token)
      expect([status, body['code']]).toEqual([401, 'token-revoked'])
      expect(headers.get('www-authenticate')).toContain('error="invalid_token"')
      expect(await codeOf('/me', token)).toBe('passed')
      expect(await codeOf('/fresh-any/x', token)).toBe('token-revoked')
      expect(await codeOf('/fresh-or-admin/x', token)).toBe('token-revoked')
    })

    it('is refused if Clerk does not know it', async () => {
      await serve()
      expect(await codeOf('/fresh/x', await local.sessionToken({ claims: { sid: 'sess_unknown' } }))).toBe(
        'token-revoked',
      )
    })

    it('is refused if it belongs to another user', async () => {
      await serve()
      const sid = sessionIdOf(await local.sessionToken({ user: 'bob' }))
      expect(await codeOf('/fresh/x', await local.sessionToken({ claims: { sid } }))).toBe('token-revoked')
    })

    it('is not asked about if the request is refused anyway', async () => {
      await serve()
      expect(await codeOf('/fresh/x')).toBe('credentials-missing')
      expect(await codeOf('/fresh/x', await local.m2mToken({ from: 'worker', to: 'api', format: 'opaque' }))).toBe(
        'token-type-mismatch',
      )
      expect(await codeOf('/fresh-owner/x', await local.sessionToken())).toBe('role-missing')
      expect(local.calls('GetSession')).toBe(0)
    })

    it('is asked about before the check of the application', async () => {
      await serve()
      const token = await local.sessionToken()
      expect(await codeOf('/fresh-check/x', token)).toBe('check-failed')
      await revokeSession(token)
      expect(await codeOf('/fresh-check/x', token)).toBe('token-revoked')
    })

    it.each<[string, Parameters<LocalClerk['fault']>[1], string]>([
      ['fails', { status: 500 }, 'verification-unavailable'],
      ['answers garbage', { status: 200, body: '<html>' }, 'verification-unavailable'],
      ['limits the rate', { status: 429, retryAfter: 7 }, 'verification-rate-limited'],
      ['refuses the secret', { status: 401 }, 'verification-misconfigured'],
      ['is replaced by another server', { status: 404, body: '<html>' }, 'verification-misconfigured'],
    ])('gets 503, never 200 or 401, while Clerk %s', async (_what, fault, code) => {
      await serve()
      const token = await local.sessionToken()
      expect(await codeOf('/fresh/x', token)).toBe('passed')
      local.fault('GetSession', fault)
      const { status, headers, body } = await ask('/fresh/x', token)
      expect({ status, code: body['code'] }).toEqual({ status: 503, code })
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
      expect(headers.get('www-authenticate')).toBeNull()
      expect(await codeOf('/me', token)).toBe('passed')
    })

    it('gets 503 when Clerk does not answer in time', async () => {
      await serve({ remote: { timeoutInMs: 100 } })
      local.fault('GetSession', { hang: true })
      expect(await codeOf('/fresh/x', await local.sessionToken())).toBe('verification-unavailable')
    })

    it('gets 503 without a secret key, and a process warning names the variable', async () => {
      const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
      served = await target.serve({ clerk: [{ frontendApiUrl: local.url, now: () => local.clock.now() }] })
      const token = await local.sessionToken()
      for (let i = 0; i < 2; i++)
        expect(await ask('/fresh/x', token)).toMatchObject({
          status: 503,
          body: { code: 'verification-misconfigured' },
        })
      const warnings = emitWarning.mock.calls
        .map(([message]) => String(message))
        .filter((text) => !text.includes('local Clerk instance'))
      emitWarning.mockRestore()
      expect(warnings).toEqual([
        'Clerk cannot be asked about sessions, as "fresh" requires: set CLERK_SECRET_KEY; needed by GET /fresh/:orgId',
      ])
      expect(await codeOf('/me', token)).toBe('passed')
    })

    it('shares no question that began before a revocation with a request that arrives after it', async () => {
      await serve()
      const token = await local.sessionToken()
      await codeOf('/me', token)
      const clear = local.fault('GetSession', { hang: true })
      const before = codeOf('/fresh/x', token)
      await vi.waitUntil(() => local.calls('GetSession') === 1)
      clear()
      await revokeSession(token)
      expect(await codeOf('/fresh/x', token)).toBe('token-revoked')
      expect(local.calls('GetSession')).toBe(2)
      clerk?.close()
      expect(await before).toBe('verification-unavailable')
    })

    it('is asked about a few times only for fifty requests at once', async () => {
      await serve()
      const token = await local.sessionToken()
      await codeOf('/me', token)
      local.fault('GetSession', { delayInMs: 300 })
      const outcomes = await Promise.all(Array.from({ length: 50 }, () => codeOf('/fresh/x', token)))
      expect(new Set(outcomes)).toEqual(new Set(['passed']))
      expect(local.calls('GetSession')).toBeLessThanOrEqual(3)
    })
  })

  describe.each(Object.entries(opaque))('an opaque %s at a guard with fresh', (_kind, [operation, mint]) => {
    it('is refused from the moment of its revocation, although its answer is cached', async () => {
      await serve({ acceptsToken: ['session_token', 'm2m_token', 'oauth_token', 'api_key'] })
      const token = await mint()
      expect(await codeOf('/fresh-any/x', token)).toBe('passed')
      await local.revoke(token)
      expect(await codeOf('/any/x', token)).toBe('passed')
      expect(await codeOf('/fresh-any/x', token)).toBe('token-not-found')
      expect(await codeOf('/any/x', token)).toBe('token-not-found')
    })

    it('is asked about once for a request that would cause a call anyway', async () => {
      await serve()
      const token = await mint()
      expect(await codeOf('/fresh-any/x', token)).toBe('passed')
      expect(local.calls(operation)).toBe(1)
      expect(await codeOf('/fresh-any/x', token)).toBe('passed')
      expect(local.calls(operation)).toBe(2)
    })

    it('gets 503 while Clerk fails, although its answer is cached', async () => {
      await serve({ remote: { staleInMs: 60_000 } })
      const token = await mint()
      expect(await codeOf('/fresh-any/x', token)).toBe('passed')
      local.fault(operation, { status: 500 })
      expect(await codeOf('/fresh-any/x', token)).toBe('verification-unavailable')
      expect(await codeOf('/any/x', token)).toBe('passed')
    })
  })

  it.each([
    ['an M2M token', () => local.m2mToken({ from: 'worker', to: 'api', format: 'jwt' })],
    ['an OAuth token', () => local.oauthToken({ format: 'jwt' })],
    ['a token from a template', () => local.templateToken()],
  ])('a guard with fresh refuses %s in JWT form, which cannot be asked about', async (_what, mint) => {
    await serve()
    expect(await codeOf('/fresh-any/x', await mint())).toBe('token-type-mismatch')
  })

  it('accepts a token that was accepted before while Clerk fails, as remote.staleInMs says', async () => {
    await serve({ remote: { staleInMs: 60_000 } })
    const token = await opaque['API key'][1]()
    expect(await codeOf('/api-key/x', token)).toBe('passed')
    local.fault('verifyApiKey', { status: 503 })
    local.clock.advance(89_000)
    expect(await codeOf('/api-key/x', token)).toBe('passed')
    expect(clerk?.stats().remote.api_key).toMatchObject({ stale: 1 })
    local.clock.advance(1000)
    expect(await codeOf('/api-key/x', token)).toBe('verification-unavailable')
  })
})
