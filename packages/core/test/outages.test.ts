import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createClerkAuth } from '../src/clerk-auth.js'
import type { ClerkAuthOptions } from '../src/config/options.js'
import { issuerKey, NOW } from './fixtures.js'
import { fakeClerk, good, MACHINE, opaque } from './fixtures-machines.js'

const KEY = issuerKey()
const bearing = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

function start(options: ClerkAuthOptions = {}) {
  const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  onTestFinished(() => emitWarning.mockRestore())
  const network = fakeClerk()
  const clerk = createClerkAuth(
    {
      jwks: { keys: [KEY.jwk] },
      secretKey: 'sk_live_secret',
      acceptsToken: ['session_token', 'api_key'],
      remote: { rememberInMs: 0, retries: 0 },
      now: () => NOW,
      fetch: network.fetch,
      ...options,
    },
    {},
  )
  onTestFinished(() => clerk.close())
  const send = (name: string) => clerk.authenticate(bearing(opaque('api_key', name)))
  return { clerk, network, send, warnings: () => emitWarning.mock.calls.map(([message]) => String(message)) }
}

const failing = (status: number) => () => new Response('', { status })
const REFUSED =
  'verification-misconfigured: https://api.clerk.com (set by CLERK_API_URL or option "apiUrl") did not verify api_key with CLERK_SECRET_KEY (Clerk responded with 401)'

describe('warnings for the operator', () => {
  test('are emitted once, and again after the problem was solved', async () => {
    const { network, send, warnings } = start()
    network.answer(failing(401))
    await send('one')
    await send('two')
    expect(warnings()).toEqual([REFUSED])
    network.answer(() => good('api_key'))
    expect(await send('three')).toMatchObject({ isAuthenticated: true })
    network.answer(failing(401))
    await send('four')
    expect(warnings()).toEqual([REFUSED, REFUSED])
  })

  test('are emitted by verifyToken() too', async () => {
    const { clerk, network, warnings } = start()
    network.answer(failing(500))
    await expect(clerk.verifyToken(opaque('api_key'))).rejects.toMatchObject({ code: 'verification-unavailable' })
    expect(warnings()).toEqual([expect.stringMatching(/^verification-unavailable: .*\(Clerk responded with 500\)$/)])
  })

  test('name the machine secret if it was used', async () => {
    const { clerk, network, warnings } = start({ machineSecretKey: 'ak_machine', acceptsToken: 'm2m_token' })
    network.answer(failing(401))
    await clerk.authenticate(bearing(opaque('m2m_token')))
    expect(warnings()).toEqual([expect.stringContaining('did not verify m2m_token with CLERK_MACHINE_SECRET_KEY')])
  })

  test('name the secret key if it is the source of keys', async () => {
    const { clerk, warnings } = start({ jwks: undefined as never, fetch: async () => failing(401)() })
    await clerk.authenticate(bearing(KEY.token()))
    await clerk.authenticate(bearing(KEY.token({}, { cat: 'cl_B7d4PD111AAA' })))
    const origin = 'https://api.clerk.com (set by CLERK_API_URL or option "apiUrl")'
    expect(warnings()).toEqual([
      // The header of the first token does not show its kind.
      `keys-unavailable: ${origin} returned no keys with CLERK_SECRET_KEY (the issuer responded with 401)`,
      `keys-unavailable: ${origin} returned no keys for session_token with CLERK_SECRET_KEY (the issuer responded with 401)`,
    ])
  })

  test('are not emitted for a local rate limit, nor for one of Clerk', async () => {
    const { network, send, warnings } = start({ remote: { maxInFlight: 1, callsPerSecond: 1, retries: 0 } })
    for (let i = 0; i < 10; i++) await send(`token_${i}`)
    expect(await send('last')).toMatchObject({ error: { code: 'verification-rate-limited' } })
    expect(network.calls).toBeLessThan(10)
    const limited = start()
    limited.network.answer(failing(429))
    expect(await limited.send('one')).toMatchObject({ error: { code: 'verification-rate-limited' } })
    expect([...warnings(), ...limited.warnings()]).toEqual([])
  })

  test('are not emitted for a refused token', async () => {
    const { clerk, warnings } = start()
    expect(await clerk.authenticate(bearing(KEY.token({ exp: 2, iat: 1, nbf: 1 })))).toMatchObject({
      error: { code: 'token-expired' },
    })
    expect(warnings()).toEqual([])
  })

  test.each([
    ['api_key', opaque('api_key'), 'no key or secret to verify api_key: set CLERK_SECRET_KEY'],
    [
      'm2m_token',
      opaque('m2m_token'),
      'no key or secret to verify m2m_token: set CLERK_MACHINE_SECRET_KEY, or for tokens in JWT form CLERK_MACHINE_ID',
    ],
    [
      'oauth_token',
      opaque('oauth_token'),
      'no key or secret to verify oauth_token in opaque form: set CLERK_SECRET_KEY',
    ],
    [
      'm2m_token',
      KEY.token({ sub: MACHINE, sid: undefined }),
      'no key or secret to verify m2m_token: set CLERK_MACHINE_SECRET_KEY, or for tokens in JWT form CLERK_MACHINE_ID',
    ],
  ] as const)('are emitted once for a missing variable of %s', async (acceptsToken, token, message) => {
    const { clerk, warnings } = start({ secretKey: undefined as never, acceptsToken: 'session_token' })
    for (let i = 0; i < 2; i++)
      expect(await clerk.authenticate(bearing(token), { acceptsToken })).toMatchObject({
        error: { code: 'verification-misconfigured' },
      })
    expect(warnings()).toEqual([message])
  })
})
