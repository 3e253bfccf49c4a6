import { describe, expect, onTestFinished, test } from 'vitest'
import { authOf, guard, identify, passedBy } from '../src/adapter/index.js'
import { createClerkAuth, type ClerkAuth } from '../src/clerk-auth.js'
import type { ClerkAuthOptions } from '../src/config/options.js'
import type { Requirements } from '../src/guard/requirement.js'
import { checkRequirement } from '../src/guard/requirement-check.js'
import type { AcceptsToken } from '../src/kinds/accepts-token.js'
import { issuerKey, MINUTE, NOW } from './fixtures.js'
import { ANSWERS, HERE, MACHINE, opaque, unknownToken } from './fixtures-machines.js'
import { session, typeErrorOf } from './fixtures-tokens.js'

const KEY = issuerKey()
const SESSION = KEY.token()
const M2M_JWT = KEY.token({ sub: MACHINE, sid: undefined, scopes: HERE })
const API_KEY = opaque('api_key')

const active = () => Response.json({ id: 'sess_1', user_id: 'user_alice', status: 'active' })
const ended = () => Response.json({ id: 'sess_1', user_id: 'user_alice', status: 'ended' })
const apiKey = (scopes: readonly string[]) => () => Response.json({ ...ANSWERS.api_key, scopes })

interface FakeRequest {
  readonly headers: { authorization?: string }
}

/** An instance, and Clerk as a function that a test may replace. */
function start(options: ClerkAuthOptions = {}) {
  const clerk = { answer: active as (url: string) => Response | Promise<Response>, urls: [] as string[] }
  let now = NOW
  const instance: ClerkAuth<AcceptsToken> = createClerkAuth(
    {
      jwks: { keys: [KEY.jwk] },
      issuer: 'https://clerk.example.com',
      secretKey: 'sk_live_secret',
      machineId: HERE,
      now: () => now,
      fetch: async (url) => {
        clerk.urls.push(url)
        return clerk.answer(url)
      },
      ...options,
    },
    {},
  )
  onTestFinished(() => instance.close())

  /** Sends a request through a guard, as `passed` or the code of the refusal, and the request itself. */
  async function send(requirement: Requirements<any>, token: string) {
    const request: FakeRequest = { headers: { authorization: `Bearer ${token}` } }
    await identify(request, request, instance)
    const check = guard<FakeRequest>(requirement)
    const refusal = await check(request, request)
    const outcome = refusal ? refusal.error.code : 'passed'
    return { outcome, request, check }
  }
  const outcomeOf = async (requirement: Requirements<any>, token: string) => (await send(requirement, token)).outcome
  return { instance, clerk, send, outcomeOf, advance: (ms: number) => (now += ms) }
}

describe('a guard with fresh', () => {
  test('asks Clerk with the version of the API in the options', async () => {
    const { outcomeOf, clerk } = start({ apiUrl: 'https://clerk-api.example.com/', apiVersion: 'v2' })
    expect(await outcomeOf({ fresh: true }, SESSION)).toBe('passed')
    expect(clerk.urls).toEqual(['https://clerk-api.example.com/v2/sessions/sess_1'])
  })

  test('asks nothing without fresh', async () => {
    const { outcomeOf, clerk } = start()
    expect(await outcomeOf({}, SESSION)).toBe('passed')
    expect(clerk.urls).toEqual([])
  })

  test('refuses a session that is revoked here while Clerk is asked', async () => {
    const { outcomeOf, clerk, instance } = start()
    clerk.answer = async () => {
      await instance.revoke({ sessionId: 'sess_1' })
      return active()
    }
    expect(await outcomeOf({ fresh: true }, SESSION)).toBe('token-revoked')
  })

  test('refuses an opaque token that is revoked here while Clerk is asked', async () => {
    const { outcomeOf, clerk, instance } = start()
    clerk.answer = apiKey([])
    expect(await outcomeOf({ acceptsToken: 'api_key' }, API_KEY)).toBe('passed')
    clerk.answer = async () => {
      await instance.revoke({ token: API_KEY })
      return apiKey([])()
    }
    expect(await outcomeOf({ acceptsToken: 'api_key', fresh: true }, API_KEY)).toBe('token-revoked')
  })

  test('refuses a token that expires while Clerk is asked', async () => {
    const { outcomeOf, clerk, advance } = start()
    clerk.answer = () => {
      advance(2 * MINUTE)
      return active()
    }
    expect(await outcomeOf({ fresh: true }, SESSION)).toBe('token-expired')
  })

  test('checks the requirement again with what Clerk says now, and gives that to the handler', async () => {
    const { send, clerk } = start()
    const requirement = { acceptsToken: 'api_key', scope: 'pay', fresh: true } as const
    clerk.answer = apiKey(['pay', 'read'])
    expect(await send({ acceptsToken: 'api_key', scope: 'pay' }, API_KEY)).toMatchObject({ outcome: 'passed' })
    clerk.answer = apiKey(['pay'])
    const { outcome, request, check } = await send(requirement, API_KEY)
    expect(outcome).toBe('passed')
    expect(passedBy(request, check)).toMatchObject({ scopes: ['pay'] })
    expect(authOf(request)).toMatchObject({ scopes: ['pay'] })
    clerk.answer = apiKey(['read'])
    expect(await send(requirement, API_KEY)).toMatchObject({ outcome: 'scope-missing' })
  })

  test('gives the check of the application what Clerk says now', async () => {
    const { outcomeOf, clerk } = start()
    clerk.answer = apiKey(['pay'])
    await outcomeOf({ acceptsToken: 'api_key' }, API_KEY)
    clerk.answer = apiKey([])
    const seen: unknown[] = []
    const check = (auth: { scopes: readonly string[] }) => seen.push(...auth.scopes) === 0
    expect(await outcomeOf({ acceptsToken: 'api_key', fresh: true, check } as never, API_KEY)).toBe('passed')
  })

  test('leaves an error of the application to the framework', async () => {
    const { outcomeOf } = start()
    const check = () => {
      throw new Error('a bug')
    }
    await expect(outcomeOf({ fresh: true, check }, SESSION)).rejects.toThrow('a bug')
  })

  test('asks past the caches for each request, without a cache too', async () => {
    const { outcomeOf, clerk } = start({ cache: { maxEntries: 0 }, remote: { rememberInMs: 0 } })
    for (let i = 0; i < 3; i++) expect(await outcomeOf({ fresh: true }, SESSION)).toBe('passed')
    expect(clerk.urls).toHaveLength(3)
    clerk.answer = apiKey([])
    expect(await outcomeOf({ acceptsToken: 'api_key', fresh: true }, API_KEY)).toBe('passed')
    expect(clerk.urls).toHaveLength(5)
  })

  test('refuses a token in JWT form about which Clerk cannot be asked, without a question', async () => {
    const { outcomeOf, clerk } = start()
    expect(await outcomeOf({ acceptsToken: 'm2m_token', fresh: true }, M2M_JWT)).toBe('token-type-mismatch')
    expect(clerk.urls).toEqual([])
  })

  test('answers 503 for a session without a secret key', async () => {
    const { outcomeOf, clerk } = start({ secretKey: undefined as never })
    expect(await outcomeOf({ fresh: true }, SESSION)).toBe('verification-misconfigured')
    expect(clerk.urls).toEqual([])
  })

  test('reads the session token from the cookie as the middleware does', async () => {
    const { instance, clerk } = start({ cookies: true, authorizedParties: ['https://app.example.com'] })
    const request = { method: 'GET', headers: { cookie: `__session=${SESSION}` } }
    await identify(request, request, instance)
    const check = guard<typeof request>({ fresh: true })
    expect(await check(request, request)).toBeUndefined()
    clerk.answer = ended
    expect(await check(request, request)).toMatchObject({ answer: { status: 401 } })
  })

  test('accepts no other token that the application has put into the request meanwhile', async () => {
    const { instance, clerk } = start()
    clerk.answer = apiKey([])
    const request: FakeRequest = { headers: { authorization: `Bearer ${SESSION}` } }
    await identify(request, request, instance)
    const check = guard<FakeRequest>({ fresh: true })
    for (const authorization of [`Bearer ${API_KEY}`, `Bearer ${M2M_JWT}`, '']) {
      request.headers.authorization = authorization
      expect(await check(request, request)).toMatchObject({ answer: { status: authorization === '' ? 400 : 401 } })
    }
    expect(clerk.urls).toEqual([])
  })

  test('removes its earlier pass', async () => {
    const { send, clerk } = start()
    const { request, check } = await send({ fresh: true }, SESSION)
    expect(passedBy(request, check)).toMatchObject({ userId: 'user_alice' })
    clerk.answer = ended
    const again = check(request, request)
    expect(typeErrorOf(() => passedBy(request, check))).toMatch(/has not accepted/)
    await again
    expect(typeErrorOf(() => passedBy(request, check))).toMatch(/has not accepted/)
  })
})

describe('a list of requirements with fresh', () => {
  const API_KEYS = { acceptsToken: 'api_key' } as const

  test('asks Clerk at most once for a request', async () => {
    const { outcomeOf, clerk } = start()
    const alternatives: Requirements = [
      { fresh: true, check: () => false },
      { fresh: true, check: async () => false },
      { fresh: true },
    ]
    expect(await outcomeOf(alternatives, SESSION)).toBe('passed')
    expect(clerk.urls).toHaveLength(1)
  })

  test('asks nothing if an earlier requirement passes', async () => {
    const { outcomeOf, clerk } = start()
    expect(await outcomeOf([{ reverification: 'strict' }, {}, { fresh: true }], SESSION)).toBe('passed')
    expect(clerk.urls).toEqual([])
  })

  test('accepts no caller that Clerk refuses, whatever the other requirements', async () => {
    const { outcomeOf, clerk } = start()
    clerk.answer = ended
    expect(await outcomeOf([{ fresh: true }, {}], SESSION)).toBe('token-revoked')
    clerk.answer = unknownToken
    expect(await outcomeOf([{ ...API_KEYS, fresh: true }, API_KEYS], API_KEY)).toBe('token-not-found')
    clerk.answer = apiKey([])
  })

  test('reports that Clerk refuses the token, whichever requirement comes first', async () => {
    const { outcomeOf, clerk } = start()
    clerk.answer = ended
    expect(await outcomeOf([{ fresh: true }, { role: 'admin' }], SESSION)).toBe('token-revoked')
    expect(await outcomeOf([{ role: 'admin' }, { fresh: true }], SESSION)).toBe('token-revoked')
  })

  test('may accept a caller by another requirement while Clerk cannot be asked', async () => {
    const { outcomeOf, clerk } = start()
    clerk.answer = () => new Response('', { status: 500 })
    expect(await outcomeOf([{ fresh: true }, {}], SESSION)).toBe('passed')
    expect(await outcomeOf([{ fresh: true }, { role: 'admin' }], SESSION)).toBe('verification-unavailable')
  })

  test('checks the other requirements with what Clerk says now', async () => {
    const { outcomeOf, clerk } = start()
    clerk.answer = apiKey(['pay'])
    await outcomeOf(API_KEYS, API_KEY)
    clerk.answer = apiKey([])
    const alternatives: Requirements = [
      { ...API_KEYS, fresh: true, check: () => false },
      { ...API_KEYS, scope: 'pay' },
    ]
    expect(await outcomeOf(alternatives, API_KEY)).toBe('check-failed')
  })
})

describe('fresh in a requirement', () => {
  test.each([false, 'yes', 1, null])('must be true, not %j', (fresh) => {
    expect(typeErrorOf(() => guard({ fresh } as never))).toBe('requirement "fresh" must be true')
  })

  test('can never be met by kinds that Clerk cannot be asked about', () => {
    expect(typeErrorOf(() => guard({ acceptsToken: 'jwt_template', fresh: true }))).toBe(
      'requirement "fresh" can never be met: it applies to m2m_token, oauth_token, api_key, session_token, ' +
        'but the guard accepts only jwt_template',
    )
    for (const acceptsToken of ['session_token', 'm2m_token', 'oauth_token', 'api_key', 'any'] as const)
      expect(typeErrorOf(() => guard({ acceptsToken, fresh: true }))).toBeUndefined()
  })

  test('needs a guard', () => {
    for (const requirement of [{ fresh: true }, [{ role: 'admin' }, { fresh: true }]] as Requirements[])
      expect(typeErrorOf(() => checkRequirement(session(), requirement))).toBe(
        'checkRequirement() cannot ask Clerk, as "fresh" requires: use requireAuth() of an adapter',
      )
  })

  test('cannot be removed from a guard later', async () => {
    const { instance, clerk } = start()
    clerk.answer = ended
    const requirement: { fresh?: true } = { fresh: true }
    const check = guard<FakeRequest>(requirement)
    delete requirement.fresh
    const request: FakeRequest = { headers: { authorization: `Bearer ${SESSION}` } }
    await identify(request, request, instance)
    expect(await check(request, request)).toMatchObject({ answer: { status: 401 } })
  })
})

test('calls about sessions are counted', async () => {
  const { outcomeOf, instance } = start()
  await outcomeOf({ fresh: true }, SESSION)
  expect(instance.stats().remote.session_token).toEqual({ calls: 1, saved: 0, refused: 0, billed: 0, stale: 0 })
})
