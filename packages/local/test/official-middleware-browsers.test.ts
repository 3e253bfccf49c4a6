import { decodeJwt } from 'jose'
import { afterEach, describe, expect, test } from 'vitest'
import { FRAMEWORKS, factsOf, startWithOfficialApps } from './official-apps.js'

const { local, apps } = await startWithOfficialApps()
afterEach(() => local.reset())

/** Headers that a browser sends when it opens a page. */
const PAGE = { 'sec-fetch-dest': 'document', accept: 'text/html' }

describe.each(FRAMEWORKS)('the official middleware of %s', (framework) => {
  const { send, url } = apps[framework]

  test.each([
    ['a page load', PAGE],
    ['a request by a script', {}],
  ])('accepts the cookies of a browser on %s', async (_name, headers) => {
    const { header: cookie, session } = await local.cookies({ user: 'bob', azp: url })
    const outcome = await send('/people', { ...headers, cookie })
    expect(outcome.status).toBe(200)
    expect(factsOf(outcome)).toMatchObject({
      isAuthenticated: true,
      tokenType: 'session_token',
      userId: local.people.bob.id,
      sessionId: decodeJwt(session)['sid'],
      orgRole: 'org:member',
      sessionClaims: decodeJwt(session),
    })
    expect(await outcome.auth?.getToken()).toBe(session)
  })

  test('accepts unsuffixed cookies', async () => {
    const { session, clientUat, devBrowser } = await local.cookies({ user: 'bob' })
    const cookie = `__session=${session}; __client_uat=${clientUat}; __clerk_db_jwt=${devBrowser}`
    expect((await send('/people', { cookie })).auth?.['userId']).toBe(local.people.bob.id)
  })

  test('refreshes an expired session from cookies, and sets new cookies', async () => {
    const { header: cookie, session: expired } = await local.cookies({ user: 'bob', azp: url, ttlInSeconds: -10 })
    const outcome = await send('/people', { cookie })
    expect(outcome.status).toBe(200)
    const token = (await outcome.auth?.getToken()) ?? ''
    expect(decodeJwt(token)).toMatchObject({ sub: local.people.bob.id, sid: decodeJwt(expired)['sid'] })
    expect(decodeJwt(token).exp! * 1000).toBeGreaterThan(Date.now())
    expect(outcome.headers.getSetCookie().filter((it) => it.startsWith(`__session=${token};`))).toHaveLength(1)
    expect(local.calls('RefreshSession')).toBe(1)
  })

  test('does not refresh a revoked session', async () => {
    const { header: cookie, session } = await local.cookies({ user: 'bob', azp: url, ttlInSeconds: -10 })
    const { status } = await fetch(`${local.url}/v1/sessions/${String(decodeJwt(session)['sid'])}/revoke`, {
      method: 'POST',
      headers: { authorization: `Bearer ${local.env.CLERK_SECRET_KEY}` },
    })
    expect(status).toBe(200)
    const outcome = await send('/people', { cookie })
    expect([outcome.status, outcome.auth?.['userId'], outcome.reason]).toEqual([
      401,
      null,
      'session-token-expired-refresh-session_refresh_inactive_session',
    ])
  })

  test('refuses a machine token in the session cookie', async () => {
    const { header, session } = await local.cookies({ user: 'bob', azp: url })
    const cookie = header.replaceAll(session, await local.m2mToken({ format: 'jwt' }))
    const outcome = await send('/people', { cookie })
    expect([outcome.status, outcome.reason]).toEqual([401, 'token-type-mismatch'])
  })

  test('prefers a header to the cookies', async () => {
    const { header: cookie } = await local.cookies({ user: 'bob', azp: url })
    const outcome = await send('/people', { cookie, ...(await local.as('carol')) })
    expect(outcome.auth?.['userId']).toBe(local.people.carol.id)
  })

  test('redirects a browser without cookies to the frontend API, which the instance does not have', async () => {
    const outcome = await send('/people', PAGE)
    expect([outcome.status, outcome.reason, outcome.auth]).toEqual([307, 'dev-browser-missing', undefined])
    const { host, pathname } = new URL(outcome.headers.get('location') ?? '')
    expect([host, pathname]).toEqual([new URL(local.url).host, '/v1/client/handshake'])
  })
})
