import type { ClerkAuthOptions } from '@clerk-auth/core'
import { startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hasAdapter, targets, type Served } from './targets.js'

const APP = 'https://app.example.com'

let local: LocalClerk

beforeAll(async () => {
  local = await startLocalClerk()
})
afterAll(() => local.close())

describe.each(targets)('$name, with cookies', (target) => {
  let served: Served
  const options = (): ClerkAuthOptions => ({
    publishableKey: local.env.CLERK_PUBLISHABLE_KEY,
    authorizedParties: [APP],
    cookies: true,
  })
  beforeEach(async () => {
    served = await target.serve({ clerk: [options()] })
  })
  afterEach(() => served.close())

  const session = () => local.sessionToken({ azp: APP })

  async function ask(cookie: string, { method = 'GET', ...headers }: Record<string, string> = {}) {
    const response = await fetch(`${served.url}/me`, { method, headers: { Cookie: cookie, ...headers } })
    return { status: response.status, headers: response.headers, body: (await response.json()) as object }
  }

  it('authenticates a browser by its cookie, and gives its token to the handler', async () => {
    const { status, body } = await ask(`theme=dark; __session=${await session()}`)
    expect(status).toBe(200)
    expect(body).toMatchObject({ userId: local.people['alice'].id, hasToken: true })
  })

  it('uses the header, not the cookie, if both are present', async () => {
    const Authorization = `Bearer ${await local.sessionToken({ user: 'bob', azp: APP })}`
    const { body } = await ask(`__session=${await session()}`, { Authorization })
    expect(body).toMatchObject({ userId: local.people['bob'].id })
  })

  it.each([
    ['a POST from the application', 200, { method: 'POST', Origin: APP }],
    ['a POST from its own origin', 200, { method: 'POST', 'Sec-Fetch-Site': 'same-origin' }],
    ['a POST from another site', 403, { method: 'POST', Origin: 'https://evil.example' }],
    ['a POST without an origin', 403, { method: 'POST' }],
  ])('answers %s with %i', async (_name, expected, init) => {
    const { status, headers, body } = await ask(`__session=${await session()}`, init)
    expect(status).toBe(expected)
    expect(headers.get('set-cookie')).toBeNull()
    if (expected === 200) return
    expect(body).toMatchObject({ code: 'origin-not-allowed' })
    expect(headers.get('www-authenticate')).toBe('Bearer realm="api"')
  })

  it.runIf(hasAdapter(target))('sends a Vary header with a refusal', async () => {
    const { headers } = await ask('__session=nonsense')
    expect(headers.get('vary')).toBe('Authorization, Cookie, Origin, Sec-Fetch-Site')
    expect(headers.get('cache-control')).toBe('no-store')
  })

  it('refuses the cookie of a session of another party', async () => {
    const token = await local.sessionToken({ azp: 'https://preview.example.com' })
    expect(await ask(`__session=${token}`)).toMatchObject({
      status: 401,
      body: { code: 'token-invalid-authorized-parties' },
    })
  })

  it('reads no cookie by default', async () => {
    await served.close()
    served = await target.serve({ clerk: [{ ...options(), cookies: false }] })
    expect(await ask(`__session=${await session()}`)).toMatchObject({
      status: 401,
      body: { code: 'credentials-missing' },
    })
  })
})
