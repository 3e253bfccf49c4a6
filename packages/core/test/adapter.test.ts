import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { AcceptsToken } from '../src/kinds/accepts-token.js'
import {
  authOf,
  boundTo,
  guard,
  identify,
  instanceOf,
  isInstance,
  passedBy,
  settle,
  STATE,
  tokenOf,
  type Refusal,
} from '../src/adapter/index.js'
import { createClerkAuth, internalsOf, type ClerkAuth } from '../src/clerk-auth.js'
import type { AuthError } from '../src/auth/errors.js'
import type { ClerkAuthEvent, MatchedRoute } from '../src/auth/events.js'
import type { MaybePromise } from '../src/support/maybe-promise.js'
import type { ClerkAuthOptions } from '../src/config/options.js'
import type { Requirements } from '../src/guard/requirement.js'
import { issuerKey, NOW, tampered, turn } from './fixtures.js'
import { fakeClerk, good, HERE, KINDS, MACHINE, opaque, USER } from './fixtures-machines.js'
import { typeErrorOf } from './fixtures-tokens.js'

const KEY = issuerKey()
const M2M_JWT = KEY.token({ sub: MACHINE, sid: undefined, scopes: HERE })
const OAUTH_JWT = KEY.token({ sub: USER, sid: undefined, client_id: 'client' }, { typ: 'at+jwt' })
const SESSION = KEY.token()

/** An instance that can verify every kind, and counts how often it asks Clerk. */
function start(options: ClerkAuthOptions = {}) {
  const clerk = fakeClerk()
  const events: ClerkAuthEvent[] = []
  const instance: ClerkAuth<AcceptsToken> = createClerkAuth(
    {
      jwks: { keys: [KEY.jwk] },
      issuer: 'https://clerk.example.com',
      secretKey: 'sk_live_secret',
      machineId: HERE,
      now: () => NOW,
      fetch: clerk.fetch,
      onEvent: (event) => void events.push(event),
      ...options,
    },
    {},
  )
  onTestFinished(() => instance.close())
  return { instance, clerk, events }
}

interface FakeRequest {
  readonly headers: Record<string, string>
  readonly params?: Record<string, string>
}

const bearing = (token?: string): FakeRequest => ({
  headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
})

/** A request that passed through the middleware of `instance`. */
async function arrived(instance: ClerkAuth<AcceptsToken>, token?: string): Promise<FakeRequest> {
  const request = bearing(token)
  await identify(request, request, instance)
  return request
}

function ask(requirement: Requirements<any>, request: FakeRequest): MaybePromise<Refusal | undefined> {
  return guard<FakeRequest>(requirement)(request, request)
}

/** `passed`, or the error code of the response. */
async function outcome(requirement: Requirements<any>, request: FakeRequest): Promise<unknown> {
  const refusal = await ask(requirement, request)
  if (!refusal) return 'passed'
  return refusal.answer ? (refusal.answer.body as { code: string }).code : refusal.error.code
}

describe('identify', () => {
  test('stores the caller of a request, and refuses no request', async () => {
    const { instance } = start()
    expect(authOf(await arrived(instance, SESSION))).toMatchObject({ isAuthenticated: true, userId: 'user_alice' })
    expect(authOf(await arrived(instance, 'garbage'))).toMatchObject({ error: { code: 'token-malformed' } })
    expect(authOf(await arrived(instance))).toMatchObject({ error: { code: 'credentials-missing' } })
  })

  test('identifies the caller of a cached token without a promise', async () => {
    const { instance } = start()
    await arrived(instance, SESSION)
    const request = bearing(SESSION)
    expect(identify(request, request, instance)).toBeUndefined()
    expect(authOf(request)).toMatchObject({ userId: 'user_alice' })
  })

  test('runs once per instance, and keeps the results of two instances apart', async () => {
    const { instance } = start()
    const request = await arrived(instance, SESSION)
    const state = (request as unknown as Record<symbol, unknown>)[STATE]
    await identify(request, bearing(), instance)
    expect((request as unknown as Record<symbol, unknown>)[STATE]).toBe(state)
    const second = start({ issuer: 'https://other.example.com' }).instance
    await identify(request, request, second)
    expect(authOf(request, {}, second)).toMatchObject({ error: { code: 'token-invalid-issuer' } })
    expect(authOf(request, {}, instance)).toMatchObject({ userId: 'user_alice' })
    expect(tokenOf(request, request, second)).toBe(SESSION)
  })

  test.each(KINDS)('does not call Clerk about %s, unless the options accept it', async (kind) => {
    const quiet = start()
    await arrived(quiet.instance, opaque(kind))
    expect(quiet.clerk.calls).toBe(0)
    const eager = start({ acceptsToken: kind })
    const request = await arrived(eager.instance, opaque(kind))
    expect(eager.clerk.calls).toBe(1)
    expect(authOf(request, { acceptsToken: kind })).toMatchObject({ tokenType: kind })
  })

  test('ignores properties that other libraries set on the request', () => {
    const request = { ...bearing(), auth: { isAuthenticated: true, userId: 'user_mallory' } }
    expect(typeErrorOf(() => authOf(request))).toMatch(/needs clerkAuth\(\) to run first/)
  })
})

describe('guard', () => {
  test.each([
    ['session_token', SESSION],
    ['m2m_token', M2M_JWT],
    ['m2m_token', opaque('m2m_token')],
    ['oauth_token', OAUTH_JWT],
    ['oauth_token', opaque('oauth_token')],
    ['api_key', opaque('api_key')],
  ] as const)('verifies %s, which the middleware skipped', async (kind, token) => {
    const { instance } = start()
    const request = await arrived(instance, token)
    expect(await outcome({ acceptsToken: kind }, request)).toBe('passed')
    expect(authOf(request)).toMatchObject({ isAuthenticated: true, tokenType: kind })
  })

  test.each(KINDS)('for sessions refuses %s with 401 without calling Clerk, valid or not', async (kind) => {
    const { instance, clerk } = start()
    for (const name of ['one', 'bad', 'x']) {
      const request = await arrived(instance, opaque(kind, name))
      expect(await outcome({}, request)).toBe('token-type-mismatch')
      expect(await outcome([{ role: 'admin' }, { org: true }], request)).toBe('token-type-mismatch')
      expect(authOf(request)).toMatchObject({ isAuthenticated: false, error: { code: 'token-type-mismatch' } })
    }
    expect(clerk.calls).toBe(0)
  })

  test.each(KINDS)('for other kinds does not call Clerk about %s', async (kind) => {
    const { instance, clerk } = start()
    const others = KINDS.filter((other) => other !== kind)
    expect(await outcome({ acceptsToken: others }, await arrived(instance, opaque(kind)))).toBe('token-type-mismatch')
    expect(clerk.calls).toBe(0)
  })

  test('does not call Clerk about a string that cannot be a token', async () => {
    const { instance, clerk } = start()
    for (const token of ['mt_', 'mt_short', `mt_${'x'.repeat(600)}`, `mt_${'x'.repeat(20)}.y.z`])
      expect(await outcome({ acceptsToken: 'any' }, await arrived(instance, token))).toBe('token-malformed')
    expect(clerk.calls).toBe(0)
  })

  test('calls Clerk once, regardless of the number of guards', async () => {
    const { instance, clerk } = start({ remote: { rememberInMs: 0 } })
    const request = await arrived(instance, opaque('m2m_token'))
    expect(await outcome({ acceptsToken: 'm2m_token' }, request)).toBe('passed')
    expect(await outcome({ acceptsToken: ['m2m_token', 'session_token'] }, request)).toBe('passed')
    expect(await outcome({ acceptsToken: 'm2m_token', machine: MACHINE }, request)).toBe('passed')
    expect(clerk.calls).toBe(1)
  })

  test('calls Clerk once about a refused token, regardless of the number of guards', async () => {
    const { instance, clerk } = start()
    clerk.answer(() => Response.json({}, { status: 500 }))
    const request = await arrived(instance, opaque('m2m_token'))
    for (let i = 0; i < 3; i++)
      expect(await outcome({ acceptsToken: 'm2m_token' }, request)).toBe('verification-unavailable')
    expect(clerk.calls).toBe(1)
  })

  test('checks its own requirement on a token that another guard verified', async () => {
    const { instance } = start()
    const request = await arrived(instance, opaque('m2m_token'))
    expect(await outcome({ acceptsToken: 'm2m_token' }, request)).toBe('passed')
    expect(await outcome({}, request)).toBe('token-type-mismatch')
    expect(authOf(request)).toMatchObject({ isAuthenticated: false })
  })

  test('verifies a token whose kind the previous guard refused', async () => {
    const { instance } = start()
    const request = await arrived(instance, opaque('m2m_token'))
    expect(await outcome({ role: 'admin' }, request)).toBe('token-type-mismatch')
    expect(await outcome({ acceptsToken: 'm2m_token' }, request)).toBe('passed')
  })

  test.each<[string, string | undefined, string]>([
    ['a session token', SESSION, 'token-type-mismatch'],
    ['a forged session token', tampered(SESSION, { sub: 'x' }), 'token-invalid-signature'],
    ['a forged M2M token', tampered(M2M_JWT, { iss: 'x' }), 'token-invalid-signature'],
    ['an OAuth token', OAUTH_JWT, 'token-type-mismatch'],
    [
      'a token with contradictory header and claims',
      KEY.token({ sub: MACHINE }, { typ: 'at+jwt' }),
      'token-type-mismatch',
    ],
    ['garbage', 'garbage', 'token-malformed'],
    ['nothing', undefined, 'credentials-missing'],
  ])('for machines refuses %s', async (_name, token, code) => {
    const { instance, clerk } = start()
    expect(await outcome({ acceptsToken: 'm2m_token' }, await arrived(instance, token))).toBe(code)
    expect(clerk.calls).toBe(0)
  })

  test('answers 503 for a kind that has no key or secret configured', async () => {
    const { instance } = start({ secretKey: undefined as never })
    const refusal = await ask({ acceptsToken: 'api_key' }, await arrived(instance, opaque('api_key')))
    expect(refusal).toMatchObject({ answer: { status: 503, body: { code: 'verification-misconfigured' } } })
  })

  test('with only a machine secret refuses a session token by its kind, and answers 503 only if the guard is for sessions', async () => {
    const { instance } = start({
      jwks: undefined as never,
      secretKey: undefined as never,
      machineSecretKey: 'ak_machine',
    })
    const request = await arrived(instance, KEY.token({}, { cat: 'cl_B7d4PD111AAA' }))
    expect(await outcome({ acceptsToken: 'm2m_token' }, request)).toBe('token-type-mismatch')
    expect(await outcome({}, request)).toBe('verification-misconfigured')
    const machine = await arrived(instance, opaque('m2m_token'))
    expect(await outcome({ acceptsToken: 'm2m_token' }, machine)).toBe('passed')
  })

  test('answers cached tokens without a promise', async () => {
    const { instance } = start()
    for (const token of [M2M_JWT, opaque('m2m_token')]) {
      expect(ask({ acceptsToken: 'm2m_token' }, await arrived(instance, token))).toBeInstanceOf(Promise)
      await turn()
      expect(ask({ acceptsToken: 'm2m_token' }, await arrived(instance, token))).toBeUndefined()
    }
  })

  test('answers a refusal with a status, headers and a body', async () => {
    const { instance, clerk } = start()
    clerk.answer(() => new Response('', { status: 429, headers: { 'Retry-After': '7' } }))
    const limited = await ask({ acceptsToken: 'm2m_token' }, await arrived(instance, opaque('m2m_token')))
    expect(limited).toMatchObject({ answer: { status: 503, headers: { 'Retry-After': '7' } } })
    const wanted = await ask({ acceptsToken: 'oauth_token', scope: 'a:b' }, await arrived(instance, OAUTH_JWT))
    expect(wanted).toMatchObject({
      answer: { status: 403, headers: { 'WWW-Authenticate': expect.stringContaining('scope="a:b"') as unknown } },
    })
  })

  test('throws a TypeError at start for a requirement that can never be met', () => {
    expect(typeErrorOf(() => guard({ acceptsToken: 'm2m_token', role: 'admin' }))).toMatch(/can never be met/)
    expect(typeErrorOf(() => guard({ acceptsToken: 'template' as never }))).toMatch(/"acceptsToken" must be/)
  })

  test('throws a TypeError if the middleware did not run', () => {
    const request = bearing(SESSION)
    expect(typeErrorOf(() => void ask({}, request))).toMatch(/^requireAuth\(\) needs clerkAuth\(\)/)
  })

  test('does not verify again a token that the middleware refused, and emits that it refused the request', async () => {
    const { instance, events } = start()
    const request = await arrived(instance, tampered(SESSION, { sub: 'x' }))
    await ask({ acceptsToken: 'any' }, request)
    const refused = { code: 'token-invalid-signature', tokenType: null, message: expect.any(String) as string }
    expect(events).toEqual([
      { type: 'credential-refused', ...refused },
      { type: 'requirement-refused', ...refused },
    ])
  })

  test('emits each request that it lets pass, with the route', async () => {
    const { instance, events } = start()
    const request = await arrived(instance, SESSION)
    const route = { method: 'GET', route: '/orgs/:orgId' }
    for (const check of [() => true, async () => true])
      await guard<FakeRequest>({ check }, { routeOf: () => route })(request, request)
    const met = { type: 'requirement-met', tokenType: 'session_token', ...route }
    expect(events.slice(1)).toEqual([met, met])
  })

  test('creates no event if nothing listens, and does not ask for the route of a request that passes', async () => {
    const { instance } = start({ onEvent: [] })
    const emit = vi.spyOn(internalsOf(instance)!, 'emit')
    const routeOf = vi.fn<() => MatchedRoute>(() => ({ route: '/' }))
    const request = await arrived(instance, SESSION)
    expect(await guard<FakeRequest>({}, { routeOf })(request, request)).toBeUndefined()
    expect(routeOf).not.toHaveBeenCalled()
    expect(await outcome({ role: 'org:owner' }, request)).toBe('role-missing')
    expect(emit).not.toHaveBeenCalled()
  })

  test('emits a refused kind of token, once the guard has refused it', async () => {
    const { instance, events } = start()
    const request = await arrived(instance, opaque('m2m_token'))
    expect(events).toEqual([])
    await ask({}, request)
    expect(events).toMatchObject([{ type: 'requirement-refused', code: 'token-type-mismatch', tokenType: 'm2m_token' }])
  })

  test('emits both ids of an impersonation, whether the guard allows it or not', async () => {
    const { instance, events } = start()
    const request = await arrived(instance, KEY.token({ act: { sub: 'user_support' } }))
    const ids = { userId: 'user_alice', actorId: 'user_support' }
    expect(events).toEqual([
      { type: 'credential-accepted', tokenType: 'session_token', cached: false },
      { type: 'impersonation', ...ids },
    ])
    expect(await outcome({}, request)).toBe('passed')
    expect(await outcome({ impersonation: 'deny' }, request)).toBe('impersonation-denied')
    expect(events.slice(2)).toMatchObject([
      { type: 'requirement-met', tokenType: 'session_token' },
      { type: 'requirement-refused', code: 'impersonation-denied', tokenType: 'session_token', impersonation: ids },
    ])
  })

  test('accepts tokens of a template only if it names their kind', async () => {
    const { instance } = start({ acceptsToken: 'any' })
    const template = KEY.token({ sid: undefined, plan: 'pro' }, { cat: 'cl_B7d4PD222AAA' })
    expect(await outcome({ acceptsToken: 'any' }, await arrived(instance, template))).toBe('token-type-mismatch')
    const request = await arrived(instance, template)
    expect(await outcome({ acceptsToken: 'jwt_template' }, request)).toBe('passed')
    expect(authOf(request)).toMatchObject({ tokenType: 'jwt_template', userId: 'user_alice', claims: { plan: 'pro' } })
    expect(await outcome({ acceptsToken: 'jwt_template' }, await arrived(instance, SESSION))).toBe(
      'token-type-mismatch',
    )
    expect(typeErrorOf(() => guard({ acceptsToken: 'jwt_template', role: 'admin' }))).toMatch(/can never be met/)
    expect(typeErrorOf(() => guard({ acceptsToken: 'jwt_template', impersonation: 'deny' }))).toMatch(/never be met/)
  })

  test('passes on an error thrown by a check of the application, and then the caller is not identified', async () => {
    const { instance } = start()
    const bug = new RangeError('a bug')
    const request = await arrived(instance, opaque('m2m_token'))
    const check = () => Promise.reject(bug)
    await expect(Promise.resolve(ask({ acceptsToken: 'm2m_token', check }, request))).rejects.toBe(bug)
    expect(authOf(request)).toMatchObject({ isAuthenticated: false })
  })
})

test('boundTo refuses a middleware that is not in an object, because the guard would not be bound to it', () => {
  const middleware = () => {}
  for (const options of [middleware, 'staff', 1])
    expect(typeErrorOf(() => boundTo('requireAuth()', options as never))).toBe(
      'requireAuth(): its last argument must be an object such as { by: … }',
    )
})

test('boundTo refuses an option that does not exist', () => {
  expect(typeErrorOf(() => boundTo('requireAuth()', { bye: 1 } as never))).toBe(
    'requireAuth(): unknown option "bye"; did you mean "by"?',
  )
})

describe('passedBy', () => {
  const notPassed = 'getAuth() got a guard that has not accepted this request: add that guard to the route'
  /** A guard whose result can change. */
  function changingGuard() {
    const answer = { passes: true }
    return { answer, check: guard<FakeRequest>({ check: () => answer.passes }) }
  }

  test('returns the caller that the guard accepted, for each of several guards', async () => {
    const { instance } = start()
    const request = await arrived(instance, SESSION)
    const [outer, inner] = [guard<FakeRequest>({}), guard<FakeRequest>({ acceptsToken: 'any' })]
    void outer(request, request)
    expect(typeErrorOf(() => passedBy(request, inner))).toBe(notPassed)
    void inner(request, request)
    expect(passedBy(request, inner)).toMatchObject({ userId: 'user_alice' })
    expect(passedBy(request, outer)).toBe(passedBy(request, inner))
  })

  test('throws a TypeError for a guard that accepted another request, or none', async () => {
    const { instance } = start()
    const signedIn = guard<FakeRequest>({})
    const request = await arrived(instance, SESSION)
    void signedIn(request, request)
    expect(typeErrorOf(() => passedBy(bearing(SESSION), signedIn))).toBe(notPassed)
    const another = await arrived(instance, SESSION)
    expect(typeErrorOf(() => passedBy(another, signedIn))).toBe(notPassed)
    expect(typeErrorOf(() => passedBy(request, guard<FakeRequest>({})))).toBe(notPassed)
  })

  test('does not return a caller that the guard refused when it ran again', async () => {
    const { instance } = start()
    const request = await arrived(instance, SESSION)
    const { answer, check } = changingGuard()
    const others = [guard<FakeRequest>({}), guard<FakeRequest>({})]
    void others[0]!(request, request)
    expect(check(request, request)).toBeUndefined()
    void others[1]!(request, request)
    answer.passes = false
    expect(check(request, request)).toMatchObject({ answer: { status: 403 } })
    expect(typeErrorOf(() => passedBy(request, check))).toBe(notPassed)
    for (const other of others) expect(passedBy(request, other)).toMatchObject({ userId: 'user_alice' })
  })

  test('does not return a caller while the guard is still checking', async () => {
    const { instance } = start()
    const request = await arrived(instance, SESSION)
    let mayGoOn = (_passes: boolean) => {}
    const check = guard<FakeRequest>({ check: () => new Promise<boolean>((resolve) => (mayGoOn = resolve)) })
    const first = check(request, request)
    mayGoOn(true)
    await first
    expect(passedBy(request, check)).toMatchObject({ userId: 'user_alice' })
    void check(request, request)
    expect(typeErrorOf(() => passedBy(request, check))).toBe(notPassed)
  })

  test('returns the caller of the instance that the guard is bound to', async () => {
    const [first, second] = [start().instance, start({ acceptsToken: 'm2m_token' }).instance]
    const request = await arrived(first, SESSION)
    await identify(request, bearing(opaque('m2m_token')), second)
    const sessionGuard = guard<FakeRequest>({}, { clerkFor: () => first })
    const machines = guard<FakeRequest>({ acceptsToken: 'm2m_token' }, { clerkFor: () => second })
    void sessionGuard(request, request)
    void machines(request, request)
    expect(passedBy(request, sessionGuard)).toMatchObject({ userId: 'user_alice' })
    expect(passedBy(request, machines)).toMatchObject({ machineId: MACHINE })
  })
})

describe('two instances on one request', () => {
  test('cause a TypeError for a guard that is bound to neither, or to a third instance', async () => {
    const [first, second, third] = [start().instance, start().instance, start().instance]
    const request = await arrived(first, SESSION)
    expect(await outcome({}, request)).toBe('passed')
    await identify(request, request, second)
    const several = /two instances have identified this request; pass the clerkAuth\(\) to use as \{ by: … \}$/
    expect(typeErrorOf(() => void ask({}, request))).toMatch(several)
    expect(typeErrorOf(() => authOf(request))).toMatch(several)
    expect(typeErrorOf(() => tokenOf(request, request))).toMatch(several)
    const bound = guard<FakeRequest>({}, { clerkFor: () => third })
    expect(typeErrorOf(() => void bound(request, request))).toMatch(/did not run on this request/)
    expect(typeErrorOf(() => authOf(request, {}, third))).toMatch(/did not run on this request/)
  })

  test.each([undefined, null, {}, () => {}, 'clerk'])(
    'are distinguished by the value that clerkAuth() returned, not by %s',
    (by) => {
      expect(typeErrorOf(() => boundTo('requireAuth()', { by } as never))).toBe(
        'requireAuth(): "by" must be the value that clerkAuth() returned',
      )
    },
  )
})

describe('authOf', () => {
  test('returns only sessions by default, and ignores other kinds', async () => {
    const { instance } = start({ acceptsToken: 'any' })
    for (const kind of KINDS)
      expect(authOf(await arrived(instance, opaque(kind)))).toMatchObject({
        isAuthenticated: false,
        userId: null,
        machineId: null,
        error: { code: 'token-type-mismatch', tokenType: kind },
      })
  })

  test('returns the requested kinds', async () => {
    const { instance } = start({ acceptsToken: 'any' })
    const request = await arrived(instance, opaque('m2m_token'))
    expect(authOf(request, { acceptsToken: 'm2m_token' })).toMatchObject({ machineId: MACHINE })
    expect(authOf(request, { acceptsToken: ['session_token', 'm2m_token'] })).toMatchObject({ machineId: MACHINE })
    expect(authOf(request, { acceptsToken: 'any' })).toMatchObject({ machineId: MACHINE })
    expect(authOf(request, { acceptsToken: ['api_key', 'oauth_token'] })).toMatchObject({
      isAuthenticated: false,
      error: { code: 'token-type-mismatch' },
    })
  })

  test('returns, behind a guard, the kinds that the guard accepts', async () => {
    const { instance } = start()
    const request = await arrived(instance, opaque('m2m_token'))
    await ask([{ role: 'admin' }, { acceptsToken: 'm2m_token' }], request)
    expect(authOf(request)).toMatchObject({ machineId: MACHINE })
    expect(authOf(request, { acceptsToken: 'session_token' })).toMatchObject({ error: { code: 'token-type-mismatch' } })
    expect(authOf(request, { acceptsToken: 'm2m_token' })).toMatchObject({ machineId: MACHINE })
  })

  test.each<[string, string | undefined]>([
    ['a machine', opaque('m2m_token')],
    ['a session', SESSION],
    ['garbage', 'x'],
    ['nothing', undefined],
  ])('throws a TypeError for a kind that is not verified here, whatever was sent: %s', async (_name, token) => {
    const { instance } = start()
    const request = await arrived(instance, token)
    for (const acceptsToken of ['m2m_token', ['session_token', 'm2m_token']] as const)
      expect(typeErrorOf(() => authOf(request, { acceptsToken }))).toBe(
        'getAuth() asks for "m2m_token", which neither clerkAuth() nor a guard of this route accepts',
      )
    await ask({ acceptsToken: 'm2m_token' }, request)
    expect(typeErrorOf(() => authOf(request, { acceptsToken: 'm2m_token' }))).toBeUndefined()
    expect(typeErrorOf(() => authOf(request, { acceptsToken: 'api_key' }))).toMatch(/"api_key"/)
  })

  test.each([null, '', 'template', [], ['any'], {}])('throws a TypeError if acceptsToken is %j', async (value) => {
    const request = await arrived(start().instance, SESSION)
    expect(typeErrorOf(() => authOf(request, { acceptsToken: value as never }))).toMatch(/^getAuth\(\): "acceptsToken"/)
  })

  test('returns the reason why the caller is not authenticated', async () => {
    const { instance, clerk } = start({ acceptsToken: 'm2m_token' })
    clerk.answer(() => good('m2m_token', { revoked: true }))
    const request = await arrived(instance, opaque('m2m_token'))
    expect(authOf(request, { acceptsToken: 'm2m_token' })).toMatchObject({ error: { code: 'token-revoked' } })
  })
})

describe('tokenOf', () => {
  test.each([SESSION, opaque('m2m_token'), 'x'])('returns the token to pass on: %.10s', (token) => {
    expect(tokenOf({}, bearing(token))).toBe(token)
  })

  test.each([{}, { authorization: 'Basic x' }, { authorization: 'Bearer' }, { authorization: 'Bearer a b' }])(
    'returns null for %j',
    (headers) => {
      expect(tokenOf({}, { headers })).toBeNull()
    },
  )

  test('returns null for two credentials, and passes on errors that are bugs', () => {
    const rawHeaders = ['authorization', 'Bearer a', 'authorization', 'Bearer b']
    expect(tokenOf({}, { headers: {}, rawHeaders })).toBeNull()
    expect(() => tokenOf({}, {} as never)).toThrow(TypeError)
  })
})

describe('with the option cookies', () => {
  const given = { cookies: true, authorizedParties: ['https://app.example.com'] }
  const browser = (cookie: string, method = 'GET', headers: Record<string, string> = {}) => ({
    headers: { cookie: `__session=${cookie}`, ...headers },
    method,
  })
  async function sent(request: ReturnType<typeof browser>, options: ClerkAuthOptions = {}) {
    const started = start({ ...given, ...options })
    await identify(request, request, started.instance)
    return { request, ...started }
  }

  test('a session cookie is accepted, and its token can be passed on', async () => {
    const { request } = await sent(browser(SESSION))
    expect(await outcome({}, request)).toBe('passed')
    expect(authOf(request)).toMatchObject({ userId: 'user_alice' })
    expect(tokenOf(request, request)).toBe(SESSION)
    expect(tokenOf({}, request)).toBeNull()
  })

  test('a session is verified by the guard if the middleware is for machines', async () => {
    const { request } = await sent(browser(SESSION), { acceptsToken: 'm2m_token' })
    expect(await outcome({ acceptsToken: 'm2m_token' }, request)).toBe('token-type-mismatch')
    expect(await outcome({}, request)).toBe('passed')
  })

  test.each([
    ['an M2M token', M2M_JWT, 'm2m_token'],
    ['an opaque M2M token', opaque('m2m_token'), 'm2m_token'],
    ['an OAuth token', OAUTH_JWT, 'oauth_token'],
    ['an API key', opaque('api_key'), 'api_key'],
    ['a token of a template', KEY.token({ sid: undefined }), 'jwt_template'],
  ] as const)('%s in a cookie is ignored, whatever the route accepts', async (_name, token, acceptsToken) => {
    const { request, clerk } = await sent(browser(token), { acceptsToken: ['session_token', acceptsToken] })
    for (const accepted of ['session_token', acceptsToken, ['session_token', acceptsToken]] as const)
      expect(await outcome({ acceptsToken: accepted }, request)).toBe('token-type-mismatch')
    expect(clerk.calls).toBe(0)
  })

  test('a request that another site may have caused is refused with 403, and its cookie is read once', async () => {
    const { request, events } = await sent(browser(SESSION, 'POST', { origin: 'https://evil.example' }))
    const refusal = await ask({}, request)
    expect(refusal).toMatchObject({ answer: { status: 403, body: { code: 'origin-not-allowed' } } })
    expect(tokenOf(request, request)).toBeNull()
    expect(events).toMatchObject([
      { type: 'credential-refused', code: 'origin-not-allowed', tokenType: 'session_token' },
      { type: 'requirement-refused', code: 'origin-not-allowed', tokenType: 'session_token' },
    ])
  })

  test('a refusal has a Vary header, but not without this option', async () => {
    const Vary = 'Authorization, Cookie, Origin, Sec-Fetch-Site'
    const { request } = await sent(browser('garbage'))
    expect(await ask({}, request)).toMatchObject({ answer: { status: 401, headers: { Vary } } })
    const thrown = await sent(browser('garbage'), { refusals: 'throw', realm: 'billing' })
    const { error } = (await ask({}, thrown.request)) as { error: AuthError }
    expect(Object.keys(error.headers).sort()).toEqual(['Cache-Control', 'Vary', 'WWW-Authenticate'])
    expect(error.headers).toMatchObject({ Vary, 'WWW-Authenticate': expect.stringContaining('realm="billing"') })
    const plain = await ask({}, await arrived(start().instance, 'garbage'))
    expect(plain).not.toHaveProperty('answer.headers.Vary')
  })
})

describe('instanceOf', () => {
  test('returns an instance unchanged, and creates one from options', () => {
    const { instance } = start()
    expect(instanceOf(instance)).toBe(instance)
    expect(isInstance(instance)).toBe(true)
    const made = instanceOf({ machineSecretKey: 'ak_machine' }, {})
    expect(isInstance(made)).toBe(true)
    expect(instanceOf(undefined, { CLERK_MACHINE_SECRET_KEY: 'ak_machine' })).not.toBe(made)
    expect(typeErrorOf(() => instanceOf({}, {}))).toMatch(/^no key source/)
  })
})

describe('settle', () => {
  const bug = new Error('a bug')
  const throwing = (): never => {
    throw bug
  }
  test.each<[string, () => MaybePromise<number>, unknown[]]>([
    ['a value, in the same turn', () => 1, ['done', 1]],
    ['a promise', () => Promise.resolve(1), ['done', 1]],
    ['a throw', throwing, ['fail', bug]],
    ['a rejection', () => Promise.reject(bug), ['fail', bug]],
  ])('calls the continuation with %s', async (_name, work, expected) => {
    const outcomes: unknown[][] = []
    settle(
      work,
      (value) => outcomes.push(['done', value]),
      (error) => outcomes.push(['fail', error]),
    )
    await turn()
    expect(outcomes).toEqual([expected])
  })

  test('passes on what the continuation throws later, so that a response that was already sent does not end the process', async () => {
    const onError = vi.fn<(error: unknown) => void>()
    settle(() => Promise.resolve(1), throwing, onError)
    await turn()
    expect(onError.mock.calls).toEqual([[bug]])
  })
})
