import type { ClerkAuthOptions } from '@clerk-auth/core'
import { authOf, guard, identify } from '@clerk-auth/core/adapter'
import { describe, expect, test } from 'vitest'
import { CALLERS, JWTS, SESSION } from './callers.js'
import { bearing, EVERY_KIND, KEY, startInstance } from './instance.js'

const SOURCES: Record<string, ClerkAuthOptions> = {
  'a fetched key set': {},
  'an inline key set': { jwks: { keys: [KEY.jwk] } },
  'a single key': { jwtKey: JSON.stringify(KEY.jwk) },
}

describe.each(Object.entries(SOURCES))('with %s', (_source, options) => {
  test.each(CALLERS)(
    '%s that is cached is refused wherever its kind is not accepted',
    async (_name, { token, tokenType }) => {
      const { clerk, network, issuer, outcomeOf } = startInstance(options)
      expect(await outcomeOf(token)).toBe('passed')
      const calls = () => network.calls + issuer.calls
      const before = calls()
      for (const kind of EVERY_KIND)
        expect([kind, await outcomeOf(token, kind)]).toEqual([
          kind,
          kind === tokenType ? 'passed' : 'token-type-mismatch',
        ])
      expect(await outcomeOf(token, 'any')).toBe(tokenType === 'jwt_template' ? 'token-type-mismatch' : 'passed')
      const others = EVERY_KIND.filter((kind) => kind !== tokenType)
      expect(await outcomeOf(token, others)).toBe('token-type-mismatch')
      expect(await clerk.authenticate(bearing(token), { acceptsToken: others })).toMatchObject({
        isAuthenticated: false,
        userId: null,
        error: { code: 'token-type-mismatch', tokenType },
      })
      expect(calls()).toBe(before)
    },
  )
})

test.each(CALLERS)(
  '%s that a guard accepted is not authenticated for the next guard, of another kind',
  async (_name, caller) => {
    const { clerk } = startInstance()
    const own = guard({ acceptsToken: caller.tokenType })
    for (const kind of EVERY_KIND.filter((one) => one !== caller.tokenType)) {
      const request = {}
      await identify(request, bearing(caller.token), clerk)
      expect(await own(request, request)).toBeUndefined()
      expect(authOf(request)).toMatchObject({ isAuthenticated: true, tokenType: caller.tokenType })
      expect(await guard({ acceptsToken: kind })(request, request)).toMatchObject({
        answer: { status: 401, body: { code: 'token-type-mismatch' } },
      })
    }
  },
)

test('a token of another kind than a session, cached from a header, is ignored in a cookie', async () => {
  const { clerk, outcomeOf } = startInstance({ cookies: true, authorizedParties: ['https://app.example.com'] })
  const jwts = JWTS.map(([, caller]) => caller).filter(({ tokenType }) => tokenType !== 'session_token')
  expect(jwts.map(({ tokenType }) => tokenType)).toEqual(['jwt_template', 'm2m_token', 'oauth_token'])
  for (const { token, tokenType } of jwts) {
    expect(await outcomeOf(token)).toBe('passed')
    const source = { method: 'GET', headers: { cookie: `__session=${token}` } }
    expect(await clerk.authenticate(source, { acceptsToken: EVERY_KIND })).toMatchObject({
      isAuthenticated: false,
      error: { code: 'token-type-mismatch', tokenType },
    })
  }
})

test('a session cached from a header still needs an origin in a cookie', async () => {
  const { clerk, outcomeOf } = startInstance({ cookies: true, authorizedParties: ['https://app.example.com'] })
  const { token } = SESSION
  expect(await outcomeOf(token)).toBe('passed')
  const post = (origin: string) =>
    clerk.authenticate({ method: 'POST', headers: { cookie: `__session=${token}`, origin } })
  expect(await post('https://evil.example')).toMatchObject({ error: { code: 'origin-not-allowed', status: 403 } })
  expect(await post('https://app.example.com')).toMatchObject({ isAuthenticated: true })
})
