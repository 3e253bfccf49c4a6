import { createClerkAuth, type ClerkAuthEvent, type ClerkAuthOptions } from '@clerk-auth/core'
import { startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest'
import { hasAdapter, mountsClerkAuth, targets, type App, type Served } from './targets.js'

let local: LocalClerk
let other: LocalClerk

beforeAll(async () => {
  local = await startLocalClerk()
  other = await startLocalClerk()
})
afterAll(() => Promise.all([local.close(), other.close()]))
afterEach(() => local.reset())

describe.each(targets.filter(hasAdapter))('$name', (target) => {
  let served: Served | undefined
  let seen: unknown[]
  beforeEach(() => void (seen = []))
  afterEach(() => served?.close())

  const of = ({ url }: LocalClerk): ClerkAuthOptions => ({ frontendApiUrl: url, now: () => local.clock.now() })

  async function serve(...clerk: App['clerk']): Promise<void> {
    served = await target.serve({ clerk, seen })
  }

  async function ask(path: string, token?: string, method = 'GET') {
    const headers: HeadersInit = token === undefined ? {} : { Authorization: `Bearer ${token}` }
    const response = await fetch(`${served!.url}${path}`, { headers, method })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }

  describe.runIf(mountsClerkAuth(target))('two instances on one request', () => {
    it('a guard that is bound to one of them accepts only the callers of that one', async () => {
      await serve(of(local), of(other))
      const [first, second] = [await local.sessionToken(), await other.sessionToken()]
      expect(await ask('/by/0', first)).toMatchObject({ status: 200, body: { tokenType: 'session_token' } })
      expect(await ask('/by/0', second)).toMatchObject({ status: 401, body: { code: 'jwk-kid-mismatch' } })
      expect(await ask('/by/1', second)).toMatchObject({ status: 200, body: { tokenType: 'session_token' } })
      expect(await ask('/by/1', first)).toMatchObject({ status: 401, body: { code: 'jwk-kid-mismatch' } })
    })

    it('two mounts of one instance count as one: a guard bound to either accepts its callers', async () => {
      const clerk = createClerkAuth(of(local))
      await serve(clerk, clerk)
      const token = await local.sessionToken()
      for (const path of ['/by/0', '/by/1', '/me', '/public'])
        expect(await ask(path, token)).toMatchObject({ status: 200 })
    })
  })

  describe('getAuth(request, guard)', () => {
    beforeEach(() => serve(of(local)))

    it.each(['/named/passed', '/named/outer'])('returns the caller that the guard accepted: %s', async (path) => {
      const { status, body } = await ask(path, await local.sessionToken({ user: 'alice' }))
      expect(status).toBe(200)
      expect(body).toMatchObject({ userId: local.people['alice'].id, orgRole: 'org:admin' })
    })

    it.each(['/named/unguarded', '/named/other'])(
      'throws a TypeError if that guard has not accepted the request, even if the caller is valid: %s',
      async (path) => {
        expect(await ask(path, await local.sessionToken({ user: 'alice' }))).toMatchObject({ status: 500 })
        expect(seen).toEqual([expect.any(TypeError)])
        expect(String(seen[0])).toContain('a guard that has not accepted this request')
      },
    )
  })

  it('a route that is marked as public answers a caller without a credential', async () => {
    await serve(of(local))
    expect(await ask('/health')).toMatchObject({ status: 200, body: { code: 'credentials-missing' } })
  })

  describe('an event about a refusal', () => {
    let events: ClerkAuthEvent[]
    beforeEach(() => {
      events = []
      return serve({ ...of(local), onEvent: (event) => void events.push(event) })
    })
    const refusals = () => events.filter(({ type }) => type === 'requirement-refused')

    it('names the method and the pattern of the route, never the path or the query', async () => {
      await ask('/admin/secret?token=secret', await local.sessionToken({ user: 'bob' }), 'POST')
      expect(refusals()).toEqual([
        {
          type: 'requirement-refused',
          code: 'role-missing',
          tokenType: 'session_token',
          message: 'The role is not sufficient',
          method: 'POST',
          route: '/admin/:orgId',
        },
      ])
      expect(JSON.stringify(events)).not.toContain('secret')
    })

    it('is emitted for a request without a credential, and for an invalid one', async () => {
      await ask('/me')
      await ask('/me', await local.sessionToken({ ttlInSeconds: -60 }))
      expect(refusals()).toMatchObject([
        { code: 'credentials-missing', tokenType: null, route: '/me' },
        { code: 'token-expired', tokenType: 'session_token', route: '/me' },
      ])
    })

    it('is not emitted on a route that refuses no one', async () => {
      await ask('/public')
      expect(refusals()).toEqual([])
    })
  })

  describe('a process warning', () => {
    let emitWarning: MockInstance<typeof process.emitWarning>
    beforeEach(() => void (emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})))
    afterEach(() => emitWarning.mockRestore())
    const warnings = () =>
      emitWarning.mock.calls
        .map(([message]) => String(message))
        .filter((text) => !text.includes('local Clerk instance'))

    it('names the variable that a guard lacks, and its route, at the first refused request', async () => {
      await serve(of(local))
      await ask('/api-key/x')
      await ask('/api-key/x', 'ak_0123456789abcdef0123')
      expect(warnings()).toEqual([
        'no key or secret to verify api_key: set CLERK_SECRET_KEY; needed by GET /api-key/:orgId',
      ])
    })

    it('names the variable that is missing for one form of a token', async () => {
      await serve({ ...of(local), machineSecretKey: 'ak_machine' })
      const jwt = await local.sessionToken({
        claims: { sub: `mch_${'a'.repeat(27)}`, sid: undefined },
        header: { cat: M2M },
      })
      for (let i = 0; i < 2; i++)
        expect(await ask('/machine/x', jwt)).toMatchObject({
          status: 503,
          body: { code: 'verification-misconfigured' },
        })
      expect(warnings()).toEqual([
        'no key or secret to verify m2m_token in JWT form: set CLERK_MACHINE_ID; needed by GET /machine/:orgId',
      ])
    })

    it('says that the issuer returned no keys, once per outage', async () => {
      local.fault('GetJWKS', { status: 500 })
      await serve(of(local))
      const down = `keys-unavailable: ${local.url} (set by CLERK_FAPI or option "frontendApiUrl") returned no keys for session_token (the issuer responded with 500); needed by GET /me`
      for (let i = 0; i < 2; i++) expect(await ask('/me', await local.sessionToken())).toMatchObject({ status: 503 })
      expect(warnings()).toEqual([down])

      local.reset()
      local.clock.advance(10_000)
      expect(await ask('/me', await local.sessionToken())).toMatchObject({ status: 200 })
      local.fault('GetJWKS', { status: 500 })
      local.clock.advance(2 * 3_600_000)
      expect(await ask('/me', await local.sessionToken())).toMatchObject({ status: 503 })
      expect(warnings()).toEqual([down, down])
    })

    it('says what Clerk answered to the secret key of another instance', async () => {
      await serve({ ...of(local), secretKey: 'sk_test_foreign', apiUrl: local.url })
      for (const name of ['one', 'two'])
        expect(await ask('/api-key/x', `ak_0123456789abcdef_${name}`)).toMatchObject({ status: 503 })
      expect(warnings()).toEqual([
        `verification-misconfigured: ${local.url} (set by CLERK_API_URL or option "apiUrl") did not verify api_key with CLERK_SECRET_KEY (Clerk responded with 401); needed by GET /api-key/:orgId`,
      ])
      expect(warnings().join()).not.toContain('sk_test')
    })

    it('is also emitted on a public route that asks for the caller', async () => {
      local.fault('GetJWKS', { status: 500 })
      await serve(of(local))
      expect(await ask('/public', await local.sessionToken())).toMatchObject({ status: 200 })
      expect(warnings()).toEqual([expect.stringMatching(/^keys-unavailable: .*; needed by GET \/public$/)])
    })
  })
})

const M2M = 'cl_B7d4PD333AAA'

describe.each(targets.filter((one) => mountsClerkAuth(one) && !one.name.startsWith('Fastify')))(
  '$name, with two instances',
  (target) => {
    let served: Served
    const seen: unknown[] = []
    beforeEach(async () => {
      seen.length = 0
      served = await target.serve({ clerk: [{ frontendApiUrl: local.url }, { frontendApiUrl: other.url }], seen })
    })
    afterEach(() => served.close())

    it.each([
      ['a guard', '/me', 'requireAuth(): two instances'],
      ['getAuth()', '/public', 'getAuth(): two instances'],
      ['getToken()', '/token', 'getToken(): two instances'],
      ['a guard that is bound to a clerkAuth() that did not run', '/by/unmounted', 'did not run on this request'],
    ])('%s throws a TypeError unless it names a clerkAuth() that has run', async (_what, path, message) => {
      const headers = { Authorization: `Bearer ${await local.sessionToken()}` }
      expect((await fetch(`${served.url}${path}`, { headers })).status).toBe(500)
      expect(seen).toEqual([expect.any(TypeError)])
      expect(String(seen[0])).toContain(message)
    })
  },
)
