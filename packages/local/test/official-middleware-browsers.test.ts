import { decodeJwt } from 'jose'
import { afterEach, describe, expect, test } from 'vitest'
import { FRAMEWORKS, factsOf, startWithOfficialApps } from './official-apps.js'

const { local, apps } = await startWithOfficialApps()
afterEach(() => local.reset())

/** What a browser sends when somebody opens a page. */
const PAGE = { 'sec-fetch-dest': 'document', accept: 'text/html' }

describe.each(FRAMEWORKS)('the official middleware of %s', (framework) => {
  const { ask, url } = apps[framework]

  test.each([
    ['a page', PAGE],
    ['a script', {}],
  ])('takes whom the cookies of a browser say for signed in: %s', async (_what, headers) => {
    const { header: cookie, session } = await local.cookies({ user: 'bob', azp: url })
    const met = await ask('/people', { ...headers, cookie })
    expect(met.status).toBe(200)
    expect(factsOf(met)).toMatchObject({
      isAuthenticated: true,
      tokenType: 'session_token',
      userId: local.people.bob.id,
      sessionId: decodeJwt(session)['sid'],
      orgRole: 'org:member',
      sessionClaims: decodeJwt(session),
    })
    expect(await met.auth?.getToken()).toBe(session)
  })

  test('reads the plain cookies of a browser alone too', async () => {
    const { session, clientUat, devBrowser } = await local.cookies({ user: 'bob' })
    const cookie = `__session=${session}; __client_uat=${clientUat}; __clerk_db_jwt=${devBrowser}`
    expect((await ask('/people', { cookie })).auth?.['userId']).toBe(local.people.bob.id)
  })

  test('refreshes an expired session by the cookies of a browser, and hands the new ones on', async () => {
    const { header: cookie, session: expired } = await local.cookies({ user: 'bob', azp: url, ttlInSeconds: -10 })
    const met = await ask('/people', { cookie })
    expect(met.status).toBe(200)
    const token = (await met.auth?.getToken()) ?? ''
    expect(decodeJwt(token)).toMatchObject({ sub: local.people.bob.id, sid: decodeJwt(expired)['sid'] })
    expect(decodeJwt(token).exp! * 1000).toBeGreaterThan(Date.now())
    expect(met.headers.getSetCookie().filter((it) => it.startsWith(`__session=${token};`))).toHaveLength(1)
    expect(local.calls('RefreshSession')).toBe(1)
  })

  test('refreshes nothing for a session that was revoked', async () => {
    const { header: cookie, session } = await local.cookies({ user: 'bob', azp: url, ttlInSeconds: -10 })
    const { status } = await fetch(`${local.url}/v1/sessions/${String(decodeJwt(session)['sid'])}/revoke`, {
      method: 'POST',
      headers: { authorization: `Bearer ${local.env.CLERK_SECRET_KEY}` },
    })
    expect(status).toBe(200)
    const met = await ask('/people', { cookie })
    expect([met.status, met.auth?.['userId'], met.reason]).toEqual([
      401,
      null,
      'session-token-expired-refresh-session_refresh_inactive_session',
    ])
  })

  test('takes nobody for signed in by the cookie of a machine', async () => {
    const { header, session } = await local.cookies({ user: 'bob', azp: url })
    const cookie = header.replaceAll(session, await local.m2mToken({ format: 'jwt' }))
    const met = await ask('/people', { cookie })
    expect([met.status, met.reason]).toEqual([401, 'token-type-mismatch'])
  })

  test('prefers a header to the cookies', async () => {
    const { header: cookie } = await local.cookies({ user: 'bob', azp: url })
    const met = await ask('/people', { cookie, ...(await local.as('carol')) })
    expect(met.auth?.['userId']).toBe(local.people.carol.id)
  })

  test('sends a browser that is nobody’s yet to the frontend API, which the instance does not have', async () => {
    const met = await ask('/people', PAGE)
    expect([met.status, met.reason, met.auth]).toEqual([307, 'dev-browser-missing', undefined])
    const { host, pathname } = new URL(met.headers.get('location') ?? '')
    expect([host, pathname]).toEqual([new URL(local.url).host, '/v1/client/handshake'])
  })
})
