import { describe, expect, onTestFinished, test } from 'vitest'
import type { ClerkAuthEvent } from '../src/auth/events.js'
import { sessionStatus, type SessionStatusOptions } from '../src/introspection/session-status.js'
import { callsStarted } from '../src/support/single-flight.js'
import { codeOf, fakeClock, fakeIssuer, outcomeOf, refusalOf, SECOND, turn, withResolvers } from './fixtures.js'
import { CLERK_ERROR } from './fixtures-machines.js'

const SESSION = { sessionId: 'sess_1', userId: 'user_alice' }
const BODY = { object: 'session', id: 'sess_1', user_id: 'user_alice', status: 'active' }
const NOT_FOUND = {
  errors: [{ message: 'Session not found', long_message: 'No session was found', code: 'resource_not_found' }],
  clerk_trace_id: '0'.repeat(32),
}

/** Clerk, which answers that the session is active unless a test changes that. */
function start(options: Partial<SessionStatusOptions> = {}) {
  const clock = fakeClock()
  const clerk = fakeIssuer()
  clerk.answer(() => Response.json(BODY))
  const events: ClerkAuthEvent[] = []
  const closing = new AbortController()
  const { check, stats } = sessionStatus({
    apiUrl: 'https://api.example.com',
    apiVersion: 'v1',
    secret: 'sk_test_secret',
    fetch: clerk.fetch,
    clock,
    emit: (event) => void events.push(event),
    closed: closing.signal,
    ...options,
  })
  return { clock, clerk, events, stats, closing, check: (session = SESSION) => check(session, callsStarted()) }
}

describe('sessionStatus', () => {
  test('asks the Backend API about the session, with the secret key', async () => {
    const { check, clerk, events } = start({ apiVersion: 'v2' })
    await check()
    const [{ url, init }] = clerk.requests as [(typeof clerk.requests)[0]]
    expect(url).toBe('https://api.example.com/v2/sessions/sess_1')
    expect(init).toMatchObject({ headers: { Authorization: 'Bearer sk_test_secret' }, redirect: 'manual' })
    expect([init.method, init.body]).toEqual([undefined, undefined])
    expect(events).toEqual([{ type: 'verification-asked', tokenType: 'session_token', outcome: 'passed', tookInMs: 0 }])
  })

  test.each(['a/b', 'a?b', 'a#b', 'a%2fb', 'a b'])('asks about no other path for the id %j', async (sessionId) => {
    const { check, clerk } = start()
    clerk.answer(() => Response.json({ ...BODY, id: sessionId }))
    await check({ ...SESSION, sessionId })
    expect(new URL(clerk.requests[0]!.url).pathname).toBe(`/v1/sessions/${encodeURIComponent(sessionId)}`)
  })

  test('caches nothing', async () => {
    const { check, clerk } = start()
    await check()
    await check()
    expect(clerk.calls).toBe(2)
    clerk.answer(() => Response.json({ ...BODY, status: 'revoked' }))
    expect(await codeOf(() => check())).toBe('token-revoked')
  })

  test.each(['revoked', 'ended', 'removed', 'expired', 'abandoned', 'replaced', 'pending', 'ACTIVE', 'new'])(
    'refuses a session with the status %s',
    async (status) => {
      const { check, clerk, events } = start()
      clerk.answer(() => Response.json({ ...BODY, status }))
      expect(await refusalOf(() => check())).toMatchObject({ code: 'token-revoked', tokenType: 'session_token' })
      expect(events).toMatchObject([{ outcome: 'token-revoked' }])
    },
  )

  test('refuses a session of another user', async () => {
    const { check, clerk } = start()
    clerk.answer(() => Response.json({ ...BODY, user_id: 'user_mallory' }))
    expect(await codeOf(() => check())).toBe('token-revoked')
  })

  test('refuses a session that Clerk does not know', async () => {
    const { check, clerk } = start()
    clerk.answer(() => Response.json(NOT_FOUND, { status: 404 }))
    expect(await codeOf(() => check())).toBe('token-revoked')
  })

  const json = (body: unknown, init?: ResponseInit) => () => Response.json(body, init)
  test.each<[string, () => Response | Promise<Response>, string]>([
    ['404 without the body of Clerk', () => new Response('<html>', { status: 404 }), 'verification-misconfigured'],
    ['404 with another body', json({ error: 'gone' }, { status: 404 }), 'verification-misconfigured'],
    ['404 without an error', json({ errors: [] }, { status: 404 }), 'verification-misconfigured'],
    ['404 with another code', json(CLERK_ERROR, { status: 404 }), 'verification-misconfigured'],
    ['401', json(NOT_FOUND, { status: 401 }), 'verification-misconfigured'],
    ['403', json(NOT_FOUND, { status: 403 }), 'verification-misconfigured'],
    ['400', json(NOT_FOUND, { status: 400 }), 'verification-misconfigured'],
    ['a redirect', () => new Response(null, { status: 302 }), 'verification-misconfigured'],
    ['500', () => new Response('', { status: 500 }), 'verification-unavailable'],
    ['503', () => new Response('', { status: 503 }), 'verification-unavailable'],
    ['a reset connection', () => Promise.reject(new Error('reset')), 'verification-unavailable'],
    ['no JSON', () => new Response('active'), 'verification-unavailable'],
    ['null', json(null), 'verification-unavailable'],
    ['a list', json([BODY]), 'verification-unavailable'],
    ['another session', json({ ...BODY, id: 'sess_2' }), 'verification-unavailable'],
    ['no user', json({ ...BODY, user_id: undefined }), 'verification-unavailable'],
    ['no status', json({ ...BODY, status: undefined }), 'verification-unavailable'],
    ['a status that is not a string', json({ ...BODY, status: ['active'] }), 'verification-unavailable'],
    ['a body that is too large', json({ ...BODY, more: 'x'.repeat(70_000) }), 'verification-unavailable'],
    ['a local instance', json(BODY, { headers: { 'clerk-auth-local': '1' } }), 'verification-misconfigured'],
  ])('answers 503, never 401, to %s', async (_what, answer, code) => {
    const { check, clerk } = start()
    clerk.answer(answer)
    expect(await refusalOf(() => check())).toMatchObject({ code, status: 503, retryAfter: 1 })
  })

  test('reads no member that the response has only inherited', async () => {
    const { check, clerk } = start()
    clerk.answer(() => Response.json({ ...BODY, status: undefined }))
    // oxlint-disable-next-line no-extend-native -- as a polluted prototype does
    Object.assign(Object.prototype, { status: 'active' })
    onTestFinished(() => void delete (Object.prototype as { status?: string }).status)
    expect(await codeOf(() => check())).toBe('verification-unavailable')
  })

  test('gives up after the timeout', async () => {
    const { check, clerk } = start({ timeoutInMs: 20 })
    clerk.hold()
    expect(await codeOf(() => check())).toBe('verification-unavailable')
  })

  test('ends pending calls when the instance is closed', async () => {
    const { check, clerk, closing } = start()
    clerk.hold()
    const waiting = codeOf(() => check())
    await turn()
    closing.abort(new Error('closed'))
    expect(await waiting).toBe('verification-unavailable')
  })

  test('honours the Retry-After of a 429, for all sessions', async () => {
    const { check, clerk, clock, stats } = start()
    clerk.answer(() => new Response('', { status: 429, headers: { 'Retry-After': '7' } }))
    const limited = { code: 'verification-rate-limited', status: 503, retryAfter: 7 }
    expect(await refusalOf(() => check())).toMatchObject(limited)
    expect(await refusalOf(() => check({ ...SESSION, sessionId: 'sess_2' }))).toMatchObject(limited)
    expect(stats()).toMatchObject({ calls: 1, refused: 1 })
    clerk.answer(() => Response.json(BODY))
    clock.advance(7 * SECOND)
    await check()
  })

  test('stops asking while Clerk is failing, and answers 503 at once', async () => {
    const { check, clerk, clock, events } = start()
    clerk.fail(500)
    for (let i = 0; i < 10; i++) expect(await codeOf(() => check())).toBe('verification-unavailable')
    expect(clerk.calls).toBe(5)
    expect(events).toContainEqual({ type: 'breaker-opened', tokenType: 'session_token', tokens: 'known' })
    expect(events).toContainEqual({
      type: 'verification-not-asked',
      tokenType: 'session_token',
      code: 'verification-unavailable',
    })
    clerk.answer(() => Response.json(BODY))
    clock.advance(SECOND)
    await check()
    expect(events).toContainEqual({ type: 'breaker-closed', tokenType: 'session_token', tokens: 'known' })
  })

  test('asks at most 20 times at once, then 10 times a second', async () => {
    const { check, clerk, clock } = start()
    const flood = (count: number) =>
      Promise.all(Array.from({ length: count }, (_, i) => outcomeOf(() => check({ ...SESSION, sessionId: `s${i}` }))))
    clerk.answer(() => Response.json(NOT_FOUND, { status: 404 }))
    const outcomes = await flood(30)
    expect(outcomes.filter((outcome) => outcome === 'verification-rate-limited')).toHaveLength(10)
    clock.advance(SECOND)
    await flood(30)
    expect(clerk.calls).toBe(30)
  })
})

describe('sessionStatus › concurrent callers', () => {
  test('of one session cause at most two calls', async () => {
    const { check, clerk, stats } = start()
    const release = clerk.hold()
    const waiting = Array.from({ length: 50 }, () => check())
    await turn()
    release()
    await Promise.all(waiting)
    expect(clerk.calls).toBe(2)
    expect(stats()).toEqual({ calls: 2, saved: 48, refused: 0, billed: 0, stale: 0 })
  })

  test('of one session share no call that began before a request arrived', async () => {
    const { check, clerk } = start()
    const { promise, resolve } = withResolvers<Response>()
    clerk.answer(() => promise)
    const before = outcomeOf(() => check())
    await turn()
    // The session is revoked while the first answer is on its way.
    clerk.answer(() => Response.json({ ...BODY, status: 'revoked' }))
    const after = outcomeOf(() => check())
    resolve(Response.json(BODY))
    expect([await before, await after]).toEqual(['passed', 'token-revoked'])
  })

  test('of one session with tokens of different users are not confused', async () => {
    const { check, clerk } = start()
    const release = clerk.hold()
    const outcomes = ['user_first', 'user_mallory', 'user_alice'].map((userId) =>
      outcomeOf(() => check({ ...SESSION, userId })),
    )
    await turn()
    release()
    expect(await Promise.all(outcomes)).toEqual(['token-revoked', 'token-revoked', 'passed'])
    expect(clerk.calls).toBe(2)
  })
})
