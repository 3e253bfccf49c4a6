import { toChallenge, type Auth } from '@clerk-auth/core'
import { describe, expect, test } from 'vitest'
import { good, opaque, unknownToken } from '../../packages/core/test/fixtures-machines.js'
import { CALLERS, REMOTE_MEMBERS, SESSION } from './callers.js'
import { bearing, EVERY_KIND, startInstance } from './instance.js'
import { objectsIn, functionsIn, tamperWith } from './object-graph.js'

function start() {
  const instance = startInstance()
  instance.network.answer(({ tokenType }) => good(tokenType, REMOTE_MEMBERS[tokenType]))
  const authenticate = (token: string): Promise<Auth> =>
    instance.clerk.authenticate(bearing(token), { acceptsToken: EVERY_KIND })
  return { ...instance, authenticate }
}

/** What the next handler sees, with what `has()` says. */
const seen = (auth: Auth) => JSON.stringify([auth, auth.has({ role: 'org:admin' }), auth.has({ feature: 'invoices' })])

describe.each(CALLERS)('%s', (_name, { token, tokenType }) => {
  test('cannot be changed by a handler, nor anything that hangs on it, on the first request and on the next', async () => {
    const { authenticate } = start()
    const first = await authenticate(token)
    expect(first).toMatchObject({ isAuthenticated: true, tokenType })
    const before = seen(first)
    expect(objectsIn(first).flatMap(tamperWith)).toEqual([])

    const next = await authenticate(token)
    expect(next).toBe(first)
    expect(objectsIn(next).flatMap(tamperWith)).toEqual([])
    expect(seen(next)).toBe(before)
  })

  test('has no function on which a handler could leave something for the next request', async () => {
    const { authenticate } = start()
    const functions = functionsIn(await authenticate(token))
    expect(functions.map(({ path }) => path)).toEqual(['auth.has'])
    expect(functions.flatMap(tamperWith)).toEqual([])
  })
})

test('the graph of a session goes down to every claim, so that the tests above leave nothing out', async () => {
  const { authenticate } = start()
  const paths = objectsIn(await authenticate(SESSION.token)).map(({ path }) => path)
  // An object is told by the first way to it: the actor is a claim too.
  for (const path of [
    '',
    '.orgPermissions',
    '.sessionClaims',
    '.sessionClaims.o',
    '.sessionClaims.act.reason.list.0.deep',
  ])
    expect(paths).toContain(`auth${path}`)
  expect(paths).toContain('auth.sessionClaims.fva')
})

describe('a caller who is refused', () => {
  test('gets an auth object that cannot be changed', async () => {
    const { authenticate, network } = start()
    network.answer(unknownToken)
    const refused = await Promise.all(['garbage', opaque('m2m_token')].map(authenticate))
    for (const auth of refused) {
      const { error, ...others } = auth as { error?: Error }
      expect(error).toBeInstanceOf(Error)
      expect(tamperWith({ path: 'auth', object: auth })).toEqual([])
      expect(objectsIn(others)).toHaveLength(1)
      expect(functionsIn(others).flatMap(tamperWith)).toEqual([])
    }
  })

  test.each([
    ['while Clerk is being asked about it', 'token-not-found', unknownToken],
    ['while Clerk is down', 'verification-unavailable', () => new Response('', { status: 500 })],
  ] as const)('has an error that is nobody else’s: %s', async (_when, code, answer) => {
    const { authenticate, network } = start()
    network.answer(answer)
    const release = network.hold()
    const asked = Promise.all(Array.from({ length: 5 }, () => authenticate(opaque('m2m_token'))))
    release()
    const errors = (await asked).map((auth) => (auth as { error?: Error & { code: string } }).error!)
    expect(errors.map((error) => error.code)).toEqual(Array.from({ length: 5 }, () => code))
    expect(network.calls).toBe(1)
    expect(new Set(errors).size).toBe(5)
  })

  test('is answered as if no other handler had written to its error', async () => {
    const { authenticate, network } = start()
    network.answer(unknownToken)
    const [one, other] = await Promise.all([1, 2].map(() => authenticate(opaque('api_key'))))
    if (one!.isAuthenticated || other!.isAuthenticated) throw new Error('an unknown token passed')
    const before = toChallenge(other!.error)
    Object.assign(one!.error, { status: 503, code: 'keys-unavailable', retryAfter: 60, headers: { 'X-From': 'one' } })
    expect(toChallenge(other!.error)).toEqual(before)
    expect(other!.error.headers).not.toHaveProperty('X-From')
  })

  test('has an error that is nobody else’s while the keys of the issuer cannot be had', async () => {
    const { authenticate, issuer } = start()
    issuer.fail(500)
    const refused = await Promise.all(Array.from({ length: 5 }, () => authenticate(SESSION.token)))
    const errors = refused.map((auth) => (auth as { error?: { code: string } }).error!)
    expect(errors.map(({ code }) => code)).toEqual(Array.from({ length: 5 }, () => 'keys-unavailable'))
    expect(new Set(errors).size).toBe(5)
  })
})

describe('what is told of an instance', () => {
  test('is a copy: whoever writes to it changes no count and no verdict', async () => {
    const events: object[] = []
    const { clerk, network } = startInstance({
      onEvent: (event) => {
        events.push({ ...event })
        Object.assign(event, { type: 'changed', code: 'changed', tokenType: 'changed' })
      },
    })
    const before = JSON.stringify(clerk.stats())
    for (const { object } of objectsIn(clerk.stats()))
      for (const name of Object.keys(object)) Reflect.set(object, name, 7)
    expect(JSON.stringify(clerk.stats())).toBe(before)

    network.answer(unknownToken)
    for (let i = 0; i < 2; i++) {
      const auth = await clerk.authenticate(bearing(opaque('api_key')), { acceptsToken: 'api_key' })
      expect(auth).toMatchObject({ error: { code: 'token-not-found', tokenType: 'api_key' } })
    }
    const message = 'The token is unknown'
    const refused = { type: 'credential-refused', code: 'token-not-found', tokenType: 'api_key', message }
    const asked = { type: 'verification-asked', tokenType: 'api_key', outcome: 'token-not-found' }
    expect(events).toEqual([asked, refused, refused])
  })
})
