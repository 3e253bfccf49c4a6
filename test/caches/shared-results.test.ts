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

/** What the next handler sees, with the results of `has()`. */
const seen = (auth: Auth) => JSON.stringify([auth, auth.has({ role: 'org:admin' }), auth.has({ feature: 'invoices' })])

describe.each(CALLERS)('%s', (_name, { token, tokenType }) => {
  test('cannot be changed by a handler, nor anything reachable from it, on the first request and on the next', async () => {
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

test('the graph of a session contains every claim, so that the tests above omit nothing', async () => {
  const { authenticate } = start()
  const paths = objectsIn(await authenticate(SESSION.token)).map(({ path }) => path)
  // An object is listed under its first path: the actor is a claim too.
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

describe('a refused caller', () => {
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
    ['while Clerk is being called', 'token-not-found', unknownToken],
    ['while Clerk is down', 'verification-unavailable', () => new Response('', { status: 500 })],
  ] as const)('has an error of its own: %s', async (_when, code, answer) => {
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

  test('gets the same response, whatever other handlers wrote to their errors', async () => {
    const { authenticate, network } = start()
    network.answer(unknownToken)
    const [one, other] = await Promise.all([1, 2].map(() => authenticate(opaque('api_key'))))
    if (one!.isAuthenticated || other!.isAuthenticated) throw new Error('an unknown token was accepted')
    const before = toChallenge(other!.error)
    Object.assign(one!.error, { status: 503, code: 'keys-unavailable', retryAfter: 60, headers: { 'X-From': 'one' } })
    expect(toChallenge(other!.error)).toEqual(before)
    expect(other!.error.headers).not.toHaveProperty('X-From')
  })

  test('has an error of its own while the keys of the issuer are unavailable', async () => {
    const { authenticate, issuer } = start()
    issuer.fail(500)
    const refused = await Promise.all(Array.from({ length: 5 }, () => authenticate(SESSION.token)))
    const errors = refused.map((auth) => (auth as { error?: { code: string } }).error!)
    expect(errors.map(({ code }) => code)).toEqual(Array.from({ length: 5 }, () => 'keys-unavailable'))
    expect(new Set(errors).size).toBe(5)
  })
})

describe('the statistics and events of an instance', () => {
  test('are copies: writing to them changes no count and no result', async () => {
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
    const tookInMs = expect.any(Number) as number
    const asked = { type: 'verification-asked', tokenType: 'api_key', outcome: 'token-not-found', tookInMs }
    expect(events).toEqual([asked, refused, refused])
  })
})
