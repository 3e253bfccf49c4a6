import { createServer } from 'node:http'
import { AuthError, createClerkAuth, type ClerkAuthOptions } from '@clerk-auth/core'
import { startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hasAdapter, listen, mountsClerkAuth, rawRequest, targets, type App, type Served } from './targets.js'

let local: LocalClerk
let other: LocalClerk

beforeAll(async () => {
  local = await startLocalClerk()
  other = await startLocalClerk()
})
afterAll(() => Promise.all([local.close(), other.close()]))
afterEach(() => local.reset())

describe.each(targets)('$name', (target) => {
  let served: Served | undefined
  afterEach(() => served?.close())

  const fromLocal = (): ClerkAuthOptions => ({ frontendApiUrl: local.url, now: () => local.clock.now() })

  async function serve(options: ClerkAuthOptions = fromLocal(), app: Omit<App, 'clerk'> = {}): Promise<Served> {
    return (served = await target.serve({ clerk: [options], ...app }))
  }

  async function ask(path: string, token?: string, init: RequestInit = {}) {
    const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` }
    const response = await fetch(`${served!.url}${path}`, {
      ...init,
      headers: { ...headers, ...(init.headers as Record<string, string>) },
    })
    const text = await response.text()
    const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
    return { status: response.status, headers: response.headers, body, text }
  }

  function inSeconds(claim: string, seconds: number) {
    const time = Math.floor(local.clock.now() / 1000) + seconds
    return { iat: time - 60, nbf: time - 60, exp: time + 60, [claim]: time }
  }

  const expiredToken = () => local.sessionToken({ ttlInSeconds: -60 })

  describe('a caller', () => {
    beforeEach(() => serve())

    it('is returned to the handler if signed in', async () => {
      const { status, body } = await ask('/me', await local.sessionToken({ user: 'alice' }))
      expect(status).toBe(200)
      expect(body).toMatchObject({ userId: local.people['alice'].id, orgRole: 'org:admin', hasToken: true })
    })

    it('with a token in the first format has the same fields', async () => {
      const { body } = await ask('/me', await local.sessionToken({ user: 'alice', version: 1 }))
      expect(body).toMatchObject({ userId: local.people['alice'].id, orgRole: 'org:admin' })
    })

    it('without a credential is unauthenticated on a public route, and refused on a guarded one', async () => {
      expect(await ask('/public')).toMatchObject({ status: 200, body: { userId: null, code: 'credentials-missing' } })
      const { status, headers, body } = await ask('/me')
      expect(status).toBe(401)
      expect(headers.get('www-authenticate')).toBe('Bearer realm="api"')
      expect(body).toMatchObject({ code: 'credentials-missing', status: 401 })
    })

    it('with an invalid credential is accepted on a public route, but unauthenticated', async () => {
      expect(await ask('/public', 'nonsense')).toMatchObject({ status: 200, body: { code: 'token-malformed' } })
    })

    it('that is refused gets problem details and a challenge that are not cached', async () => {
      const { headers, body } = await ask('/me', await expiredToken())
      expect(headers.get('content-type')).toMatch(/^application\/problem\+json/)
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('www-authenticate')).toBe(
        'Bearer realm="api", error="invalid_token", error_description="The token has expired"',
      )
      expect(body).toEqual({
        type: 'urn:clerk-auth:token-expired',
        title: 'The token has expired',
        status: 401,
        code: 'token-expired',
        detail: 'Get a new token and retry.',
      })
      expect(headers.get('location')).toBeNull()
      expect(headers.get('set-cookie')).toBeNull()
    })

    it('that sends OPTIONS without a credential is refused like others: cors() comes before the guard', async () => {
      expect(await ask('/me', undefined, { method: 'OPTIONS' })).toMatchObject({ status: 401 })
    })

    it('that sends two Authorization headers is refused as ambiguous', async () => {
      const token = await local.sessionToken()
      const twice = ['Authorization', `Bearer ${token}`, 'Authorization', `Bearer ${token}`]
      const { status, body } = await rawRequest(`${served!.url}/me`, twice)
      expect(status).toBe(400)
      expect(JSON.parse(body)).toMatchObject({ code: 'credentials-ambiguous' })
    })

    it('may write the scheme in any case', async () => {
      const Authorization = `bEaReR ${await local.sessionToken()}`
      expect(await ask('/me', undefined, { headers: { Authorization } })).toMatchObject({ status: 200 })
    })

    it('with a credential of another scheme counts as one without', async () => {
      const { body } = await ask('/me', undefined, { headers: { Authorization: 'Basic YWxpY2U6c2VjcmV0' } })
      expect(body).toMatchObject({ code: 'credentials-missing' })
    })

    it('with a token in the query counts as one without', async () => {
      expect(await ask(`/me?access_token=${await local.sessionToken()}`)).toMatchObject({ status: 401 })
    })
  })

  describe('a token', () => {
    beforeEach(() => serve())

    const machine = { sub: `mch_${'a'.repeat(27)}`, sid: undefined, sts: undefined }
    const cases: [what: string, status: number, code: string, token: () => Promise<string>][] = [
      ['that is not a token', 401, 'token-malformed', async () => 'nonsense'],
      ['with a space in it', 400, 'credentials-malformed', async () => 'a b'],
      ['that is empty', 400, 'credentials-malformed', async () => ''],
      ['that is too large', 401, 'token-too-large', async () => `a.${'b'.repeat(9000)}.c`],
      ['that has expired', 401, 'token-expired', expiredToken],
      [
        'that is not yet valid',
        401,
        'token-not-active-yet',
        () => local.sessionToken({ claims: inSeconds('nbf', 30) }),
      ],
      [
        'issued in the future',
        401,
        'token-iat-in-the-future',
        () => local.sessionToken({ claims: inSeconds('iat', 30) }),
      ],
      ['of another instance', 401, 'jwk-kid-mismatch', () => other.sessionToken()],
      ['of another issuer', 401, 'token-invalid-issuer', () => local.sessionToken({ claims: { iss: other.url } })],
      [
        'signed with another key',
        401,
        'token-invalid-signature',
        () => other.sessionToken({ header: { kid: local.kid } }),
      ],
      ['with a changed payload', 401, 'token-invalid-signature', tamperedToken],
      ['without a signature', 401, 'token-invalid-algorithm', unsignedToken],
      ['of a machine', 401, 'token-type-mismatch', () => local.sessionToken({ claims: machine, header: { cat: M2M } })],
      [
        'of a machine, without a category',
        401,
        'token-type-mismatch',
        () => local.sessionToken({ claims: machine, header: { cat: undefined } }),
      ],
      ['from a template', 401, 'token-type-mismatch', () => local.sessionToken({ header: { cat: TEMPLATE } })],
      [
        'for OAuth',
        401,
        'token-type-mismatch',
        () => local.sessionToken({ header: { typ: 'at+jwt', cat: undefined } }),
      ],
      ['that is an opaque M2M token', 401, 'token-type-mismatch', async () => 'mt_0123456789abcdef'],
      ['that is an API key', 401, 'token-type-mismatch', async () => 'ak_0123456789abcdef'],
      [
        'without a session',
        401,
        'token-type-mismatch',
        () => local.sessionToken({ claims: { sid: undefined }, header: { cat: undefined } }),
      ],
      ['without an expiry', 401, 'token-claim-invalid', () => local.sessionToken({ claims: { exp: undefined } })],
      ['of a pending session', 401, 'session-pending', () => local.sessionToken({ status: 'pending' })],
    ]

    it.each(cases)('%s gets %i %s', async (_what, status, code, token) => {
      expect(await ask('/me', await token())).toMatchObject({ status, body: { code } })
    })

    it('that was valid is refused once it has expired', async () => {
      const token = await local.sessionToken()
      expect(await ask('/me', token)).toMatchObject({ status: 200 })
      local.clock.advance(66_000)
      expect(await ask('/me', token)).toMatchObject({ status: 401, body: { code: 'token-expired' } })
    })

    it('does not appear in the response to a refusal', async () => {
      const token = await other.sessionToken({ claims: { secret: 'hunter2' } })
      const { text, headers } = await ask('/me', token)
      const sent = [...token.split('.'), 'hunter2', other.kid]
      for (const part of sent) expect(text + JSON.stringify(Array.from(headers))).not.toContain(part)
    })

    async function tamperedToken() {
      const [header, , signature] = (await local.sessionToken({ user: 'bob' })).split('.')
      const [, payload] = (await local.sessionToken({ user: 'alice' })).split('.')
      return [header, payload, signature].join('.')
    }

    async function unsignedToken() {
      const [, payload] = (await local.sessionToken()).split('.')
      return `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${payload}.`
    }
  })

  describe('a guard', () => {
    beforeEach(() => serve())

    const acme = () => local.organizations['acme'].id
    const rows: [path: string, user: string, status: number, code: string | undefined][] = [
      ['/admin/x', 'alice', 200, undefined],
      ['/admin/x', 'bob', 403, 'role-missing'],
      ['/admin/x', 'dave', 403, 'role-missing'],
      ['/admin-or-member/x', 'bob', 200, undefined],
      ['/invoices-create/x', 'alice', 200, undefined],
      ['/invoices-create/x', 'bob', 403, 'permission-missing'],
      ['/any-org/x', 'carol', 200, undefined],
      ['/any-org/x', 'dave', 403, 'org-missing'],
      ['/same-org/ACME', 'alice', 200, undefined],
      ['/same-org/ACME', 'carol', 403, 'org-mismatch'],
      ['/same-org/ACME', 'dave', 403, 'org-missing'],
      ['/org-of-nothing/x', 'alice', 403, 'org-mismatch'],
      ['/either-way/x', 'alice', 200, undefined],
      ['/either-way/x', 'bob', 403, 'role-missing'],
      ['/check-true/x', 'alice', 200, undefined],
      ['/check-truthy/x', 'alice', 403, 'check-failed'],
    ]

    it.each(rows)('at %s answers %s with %i %s', async (path, user, status, code) => {
      const answer = await ask(path.replace('ACME', acme()), await local.sessionToken({ user }))
      expect(answer.status).toBe(status)
      expect(answer.body['code']).toBe(code)
      // No `error`: more scopes would not help.
      expect(answer.headers.get('www-authenticate')).toBe(code ? 'Bearer realm="api"' : null)
    })

    it('requires reverification in the format of useReverification()', async () => {
      const token = (factorVerificationAge: [number, number]) => local.sessionToken({ factorVerificationAge })
      expect(await ask('/reverified/x', await token([2, 2]))).toMatchObject({ status: 200 })
      expect(await ask('/reverified/x', await token([60, 60]))).toMatchObject({
        status: 403,
        body: {
          code: 'reverification-required',
          clerk_error: {
            type: 'forbidden',
            reason: 'reverification-error',
            metadata: { reverification: 'strict' },
          },
        },
      })
    })

    it('refuses impersonated sessions if configured', async () => {
      const token = await local.sessionToken({ actor: { sub: local.people['bob'].id } })
      expect(await ask('/me', token)).toMatchObject({ status: 200 })
      expect(await ask('/no-impersonation/x', token)).toMatchObject({
        status: 403,
        body: { code: 'impersonation-denied' },
      })
    })
  })

  describe('an error that is not a refusal', () => {
    it.each(['/org-throws/x', '/check-rejects/x'])(
      'is passed to the framework unchanged: a bug in %s',
      async (path) => {
        const seen: unknown[] = []
        await serve(fromLocal(), { seen })
        expect(await ask(path, await local.sessionToken())).toMatchObject({ status: 500 })
        expect(seen).toEqual([expect.objectContaining({ message: 'a bug of the application' })])
      },
    )

    it.runIf(mountsClerkAuth(target))(
      'is passed to the framework unchanged: a guard without the middleware before it',
      async () => {
        const seen: unknown[] = []
        await serve(fromLocal(), { seen })
        expect(await ask('/unmounted', await local.sessionToken())).toMatchObject({ status: 500 })
        expect(seen).toEqual([expect.any(TypeError)])
      },
    )
  })

  describe('an issuer', () => {
    it('that is down at a cold start causes 503 with Retry-After, never 401', async () => {
      local.fault('GetJWKS', { status: 500 })
      await serve()
      const { status, headers, body } = await ask('/me', await local.sessionToken())
      expect(status).toBe(503)
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
      expect(headers.get('www-authenticate')).toBeNull()
      expect(body).toMatchObject({ code: 'keys-unavailable' })
    })

    it('that is down does not affect public routes', async () => {
      local.fault('GetJWKS', { status: 500 })
      await serve()
      expect(await ask('/public', await local.sessionToken())).toMatchObject({ status: 200, body: { userId: null } })
    })

    it('that goes down later has no effect while its keys are in hand', async () => {
      await serve()
      expect(await ask('/me', await local.sessionToken())).toMatchObject({ status: 200 })
      local.fault('GetJWKS', { status: 500 })
      local.clock.advance(10 * 60_000)
      expect(await ask('/me', await local.sessionToken({ user: 'bob' }))).toMatchObject({ status: 200 })
    })

    it('that rotates its keys is followed at once', async () => {
      await serve()
      const before = await local.sessionToken()
      expect(await ask('/me', before)).toMatchObject({ status: 200 })
      await local.rotateKeys({ overlap: true })
      expect(await ask('/me', await local.sessionToken())).toMatchObject({ status: 200 })
      expect(await ask('/me', before)).toMatchObject({ status: 200 })
      expect(local.calls('GetJWKS')).toBe(2)
    })

    it('that removes a key is followed with the next refresh, including for cached tokens', async () => {
      await serve({ ...fromLocal(), keys: { freshInMs: 1000 } })
      const token = await local.sessionToken()
      expect(await ask('/me', token)).toMatchObject({ status: 200 })
      await local.rotateKeys({ overlap: false })
      local.clock.advance(2000)
      expect(await ask('/me', token)).toMatchObject({ status: 401, body: { code: 'jwk-kid-mismatch' } })
    })

    it('is called once for many concurrent callers', async () => {
      await serve()
      const token = await local.sessionToken()
      const answers = await Promise.all(Array.from({ length: 50 }, () => ask('/me', token)))
      expect(answers.every(({ status }) => status === 200)).toBe(true)
      expect(local.calls('GetJWKS')).toBe(1)
    })
  })

  describe('configuration', () => {
    const sources: [what: string, options: () => Promise<ClerkAuthOptions>][] = [
      ['publishableKey', async () => ({ publishableKey: local.env.CLERK_PUBLISHABLE_KEY })],
      ['frontendApiUrl', async () => ({ frontendApiUrl: local.url })],
      ['secretKey', async () => ({ secretKey: local.env.CLERK_SECRET_KEY, apiUrl: local.url })],
      ['jwtKey', async () => ({ jwtKey: local.jwtKey })],
      [
        'jwks',
        async () => ({ jwks: (await (await fetch(`${local.url}/.well-known/jwks.json`)).json()) as { keys: [] } }),
      ],
    ]

    it.each(sources)('needs only %s', async (_what, options) => {
      await serve(await options())
      expect(await ask('/me', await local.sessionToken())).toMatchObject({ status: 200 })
      expect(await ask('/me', await expiredToken())).toMatchObject({ status: 401 })
    })

    it('accepts an existing instance', async () => {
      const clerk = createClerkAuth(fromLocal())
      await serve(clerk as ClerkAuthOptions)
      expect(await ask('/me', await local.sessionToken())).toMatchObject({ status: 200 })
      expect(clerk.stats().verified.entries).toBe(1)
    })

    it('mounted twice with one instance runs once', async () => {
      const clerk = createClerkAuth(fromLocal())
      served = await target.serve({ clerk: [clerk, clerk] })
      expect(await ask('/me', await local.sessionToken())).toMatchObject({ status: 200 })
      expect(clerk.stats().verified).toMatchObject({ hits: 0, misses: 1 })
    })

    it.runIf(hasAdapter(target))(
      'with `refusals: throw` passes the refusal to the error handler, with status, headers and body',
      async () => {
        const seen: unknown[] = []
        await serve({ ...fromLocal(), refusals: 'throw' }, { seen })
        const { status, headers, body } = await ask('/me')
        expect(body).toEqual({ handledBy: 'the application' })
        expect(status).toBe(401)
        expect(headers.get('www-authenticate')).toBe('Bearer realm="api"')
        expect(headers.get('content-type')).toMatch(/^application\/json/)
        expect(AuthError.is(seen[0])).toBe(true)
      },
    )

    it.runIf(hasAdapter(target))(
      'with `refusalBody` replaces the body, but not the status or the challenge',
      async () => {
        await serve({ ...fromLocal(), realm: 'billing', refusalBody: (error) => ({ oops: error.code }) })
        const { status, headers, body } = await ask('/me')
        expect(body).toEqual({ oops: 'credentials-missing' })
        expect(status).toBe(401)
        expect(headers.get('www-authenticate')).toBe('Bearer realm="billing"')
        expect(headers.get('content-type')).toMatch(/^application\/json/)
      },
    )
  })

  it('waits for an issuer that hangs no longer than its deadline, and answers 503', async () => {
    const hanging = await listen(createServer(() => {}))
    await serve({ frontendApiUrl: hanging.url, keys: { timeoutInMs: 50 } })
    expect(await ask('/me', await local.sessionToken())).toMatchObject({
      status: 503,
      body: { code: 'keys-unavailable' },
    })
    await hanging.close()
  })
})

const M2M = 'cl_B7d4PD333AAA'
const TEMPLATE = 'cl_B7d4PD222AAA'
