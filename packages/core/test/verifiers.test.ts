import { describe, expect, test } from 'vitest'
import type { ClerkAuthEvent } from '../src/events.js'
import { importKeySet, type KeySet } from '../src/jwks.js'
import { readCredential } from '../src/credential.js'
import { staticKeys } from '../src/key-source.js'
import type { ClerkAuthOptions } from '../src/options.js'
import { remoteVerdicts } from '../src/remote-verdicts.js'
import { readOptions } from '../src/settings.js'
import { remoteVerifiersOf, verifiersOf } from '../src/verifiers.js'
import { codeOf, fakeClock, issuerKey, MINUTE, outcomeOf, SECOND, turn } from './fixtures.js'
import { CLIENT, fakeClerk, good, HERE, KINDS, MACHINE, opaque, OTHER_MACHINE, USER } from './fixtures-machines.js'

const KEY = issuerKey()
const SET = importKeySet({ keys: [KEY.jwk] }) as KeySet
const PUBLISHABLE_KEY = `pk_live_${Buffer.from('clerk.example.com$').toString('base64')}`
const SECRET_KEY = 'sk_live_secret'
const MACHINE_SECRET_KEY = 'ak_machine'

function start(options: ClerkAuthOptions = {}) {
  const settings = readOptions(options, {})
  const clock = fakeClock()
  const clerk = fakeClerk()
  const events: ClerkAuthEvent[] = []
  const parts = {
    settings,
    keys: staticKeys(SET),
    verdicts: remoteVerdicts(30 * SECOND, {}, clock),
    clock,
    fetch: clerk.fetch,
    emit: (event: ClerkAuthEvent) => void events.push(event),
    closed: new AbortController().signal,
  }
  const remote = remoteVerifiersOf(parts)
  return { verifiers: verifiersOf(parts, remote), remote, clerk, clock, events }
}

const jwt = {
  m2m: (claims = {}) => readCredential(KEY.token({ sub: MACHINE, sid: undefined, scopes: HERE, ...claims })).jws,
  oauth: (claims = {}) =>
    readCredential(KEY.token({ sub: USER, sid: undefined, client_id: CLIENT, ...claims }, { typ: 'at+jwt' })).jws,
}

describe('verifiersOf', () => {
  test.each<[string, ClerkAuthOptions, Record<string, string[]>]>([
    [
      'a publishable key',
      { publishableKey: PUBLISHABLE_KEY },
      { session_token: ['jwt'], m2m_token: [], oauth_token: ['jwt'], api_key: [], jwt_template: ['jwt'] },
    ],
    [
      'a machine secret alone',
      { machineSecretKey: MACHINE_SECRET_KEY },
      { session_token: [], m2m_token: ['opaque'], oauth_token: [], api_key: [], jwt_template: [] },
    ],
    [
      'a secret key',
      { secretKey: SECRET_KEY },
      {
        session_token: ['jwt'],
        m2m_token: ['opaque'],
        oauth_token: ['jwt', 'opaque'],
        api_key: ['opaque'],
        jwt_template: ['jwt'],
      },
    ],
    [
      'a publishable key and a machine secret',
      { publishableKey: PUBLISHABLE_KEY, machineSecretKey: MACHINE_SECRET_KEY },
      { session_token: ['jwt'], m2m_token: ['opaque'], oauth_token: ['jwt'], api_key: [], jwt_template: ['jwt'] },
    ],
  ])('has, with %s, these forms', (_name, options, forms) => {
    const { verifiers } = start(options)
    expect(Object.fromEntries(Object.entries(verifiers).map(([kind, one]) => [kind, Object.keys(one)]))).toEqual(forms)
  })

  test.each<[string, ClerkAuthOptions, string]>([
    ['the machine secret', { machineSecretKey: ` ${MACHINE_SECRET_KEY}\n`, secretKey: SECRET_KEY }, MACHINE_SECRET_KEY],
    ['the secret key, where that is all', { secretKey: ` ${SECRET_KEY}\n` }, SECRET_KEY],
  ])('asks about M2M tokens with %s', async (_name, options, secret) => {
    const { verifiers, clerk } = start(options)
    await verifiers.m2m_token?.opaque?.(opaque('m2m_token'))
    expect(clerk.questions[0]?.init.headers).toMatchObject({ Authorization: `Bearer ${secret}` })
  })

  test.each(['oauth_token', 'api_key'] as const)(
    'asks about %s with the secret key, never the machine',
    async (kind) => {
      const { verifiers, clerk } = start({ machineSecretKey: MACHINE_SECRET_KEY, secretKey: SECRET_KEY })
      await verifiers[kind]?.opaque?.(opaque(kind))
      expect(clerk.questions).toMatchObject([{ init: { headers: { Authorization: `Bearer ${SECRET_KEY}` } } }])
    },
  )

  test('asks the Backend API that is given, without a version in the path', async () => {
    const { verifiers, clerk } = start({ secretKey: SECRET_KEY, apiUrl: 'https://api.example.com/', apiVersion: 'v2' })
    for (const kind of KINDS) await verifiers[kind]?.opaque?.(opaque(kind))
    expect(clerk.questions.map(({ url }) => url)).toEqual([
      'https://api.example.com/m2m_tokens/verify',
      'https://api.example.com/oauth_applications/access_tokens/verify',
      'https://api.example.com/api_keys/verify',
    ])
  })
})

describe('verifiersOf › M2M tokens', () => {
  const other = { scopes: [OTHER_MACHINE] }

  test('that are opaque are in scope by the word of Clerk, with the secret of the machine', async () => {
    const { verifiers, clerk, events } = start({ machineSecretKey: MACHINE_SECRET_KEY })
    clerk.answer(() => good('m2m_token', other))
    expect(await verifiers.m2m_token?.opaque?.(opaque('m2m_token'))).toMatchObject({ machineId: MACHINE })
    expect(events.some(({ type }) => type === 'machine-scope-unchecked')).toBe(false)
  })

  test('that are opaque are compared with machineId too, if there is one, so that the secret of another machine is noticed', async () => {
    const { verifiers, clerk } = start({ machineSecretKey: MACHINE_SECRET_KEY, machineId: HERE })
    const verify = (name: string) => verifiers.m2m_token?.opaque?.(opaque('m2m_token', name))
    expect(await verify('one')).toMatchObject({ machineId: MACHINE })
    clerk.answer(() => good('m2m_token', other))
    expect(await codeOf(() => verify('two'))).toBe('machine-out-of-scope')
  })

  test('that are opaque pass if Clerk compared the scope and lists none', async () => {
    for (const scopes of [undefined, []]) {
      const { verifiers, clerk } = start({ machineSecretKey: MACHINE_SECRET_KEY, machineId: HERE })
      clerk.answer(() => good('m2m_token', { scopes }))
      expect(await verifiers.m2m_token?.opaque?.(opaque('m2m_token'))).toMatchObject({ machineId: MACHINE })
      const instance = start({ secretKey: SECRET_KEY, machineId: HERE })
      instance.clerk.answer(() => good('m2m_token', { scopes }))
      expect(await codeOf(() => instance.verifiers.m2m_token?.opaque?.(opaque('m2m_token')))).toBe(
        'machine-out-of-scope',
      )
    }
  })

  test('that are opaque are compared with machineId, with the secret of the instance: each time', async () => {
    const { verifiers, clerk, events } = start({ secretKey: SECRET_KEY, machineId: HERE })
    expect(await verifiers.m2m_token?.opaque?.(opaque('m2m_token'))).toMatchObject({ machineId: MACHINE })
    clerk.answer(() => good('m2m_token', other))
    for (let i = 0; i < 2; i++)
      expect(await codeOf(() => verifiers.m2m_token?.opaque?.(opaque('m2m_token', 'two')))).toBe('machine-out-of-scope')
    expect(clerk.calls).toBe(2)
    expect(events.some(({ type }) => type === 'machine-scope-unchecked')).toBe(false)
  })

  test('that are opaque pass for any machine where that is said in writing', async () => {
    const { verifiers, clerk, events } = start({ secretKey: SECRET_KEY, machineId: 'any' })
    clerk.answer(() => good('m2m_token', other))
    expect(await verifiers.m2m_token?.opaque?.(opaque('m2m_token'))).toMatchObject({ machineId: MACHINE })
    expect(events.some(({ type }) => type === 'machine-scope-unchecked')).toBe(false)
  })

  test('that nobody compares are told of, once', async () => {
    const { verifiers, events, clerk } = start({ secretKey: SECRET_KEY })
    clerk.answer(() => Response.json({}, { status: 500 }))
    await codeOf(() => verifiers.m2m_token?.opaque?.(opaque('m2m_token')))
    const told = () => events.filter(({ type }) => type === 'machine-scope-unchecked').length
    expect(told()).toBe(0)
    clerk.answer(() => good('m2m_token'))
    for (const name of ['two', 'two', 'three']) await verifiers.m2m_token?.opaque?.(opaque('m2m_token', name))
    expect(told()).toBe(1)
  })

  test('in JWT form are in scope by their own word, whatever the secret', async () => {
    for (const secret of [{ secretKey: SECRET_KEY }, { machineSecretKey: MACHINE_SECRET_KEY }]) {
      const { verifiers, clerk } = start({ publishableKey: PUBLISHABLE_KEY, machineId: HERE, ...secret })
      expect(await verifiers.m2m_token?.jwt?.(jwt.m2m())).toMatchObject({ auth: { machineId: MACHINE } })
      expect(await codeOf(() => verifiers.m2m_token?.jwt?.(jwt.m2m({ scopes: OTHER_MACHINE })))).toBe(
        'machine-out-of-scope',
      )
      expect(clerk.calls).toBe(0)
    }
  })

  test('are measured by no audience and no party of people, but by the issuer', async () => {
    const people = { audience: 'api', authorizedParties: ['https://app.example.com'] }
    const { verifiers } = start({ publishableKey: PUBLISHABLE_KEY, machineId: HERE, ...people })
    expect(await verifiers.m2m_token?.jwt?.(jwt.m2m({ azp: undefined }))).toMatchObject({
      auth: { machineId: MACHINE },
    })
    expect(await codeOf(() => verifiers.m2m_token?.jwt?.(jwt.m2m({ iss: 'https://evil.example' })))).toBe(
      'token-invalid-issuer',
    )
  })
})

describe('verifiersOf › OAuth tokens in JWT form', () => {
  test('are measured by the audience and the issuer, but by no party of people', async () => {
    const people = { audience: 'api', authorizedParties: ['https://app.example.com'] }
    const { verifiers, clerk } = start({ secretKey: SECRET_KEY, publishableKey: PUBLISHABLE_KEY, ...people })
    const verify = (claims: object) => verifiers.oauth_token?.jwt?.(jwt.oauth(claims))
    expect(await verify({ aud: 'api', azp: undefined })).toMatchObject({ auth: { clientId: CLIENT } })
    expect(await codeOf(() => verify({}))).toBe('token-invalid-audience')
    expect(await codeOf(() => verify({ aud: 'api', iss: 'https://evil.example' }))).toBe('token-invalid-issuer')
    expect(clerk.calls).toBe(0)
  })
})

describe('verifiersOf › OAuth tokens that are opaque', () => {
  test.each<[string, object, string]>([
    ['this audience', { aud: 'api' }, 'passed'],
    ['this audience among others', { aud: ['x', 'api'] }, 'passed'],
    ['another audience', { aud: 'x' }, 'token-invalid-audience'],
    ['no audience', {}, 'token-invalid-audience'],
    ['an audience that cannot be read', { aud: ['api', 5] }, 'token-invalid-audience'],
  ])('are measured by the audience too, each time: %s', async (_name, members, expected) => {
    const { verifiers, clerk } = start({ secretKey: SECRET_KEY, audience: ['api', 'other'] })
    clerk.answer(() => good('oauth_token', members))
    for (let i = 0; i < 2; i++)
      expect(await outcomeOf(() => verifiers.oauth_token!.opaque!(opaque('oauth_token')))).toBe(expected)
    expect(clerk.calls).toBe(1)
  })

  test('pass without one where none is asked for', async () => {
    const { verifiers } = start({ secretKey: SECRET_KEY })
    expect(await verifiers.oauth_token?.opaque?.(opaque('oauth_token'))).toMatchObject({ clientId: CLIENT })
  })
})

describe('remoteVerifiersOf', () => {
  test.each<[string, ClerkAuthOptions, string[]]>([
    ['no secret', { publishableKey: PUBLISHABLE_KEY }, []],
    ['a machine secret', { machineSecretKey: MACHINE_SECRET_KEY }, ['m2m_token']],
    ['a secret key', { secretKey: SECRET_KEY }, ['m2m_token', 'oauth_token', 'api_key']],
  ])('has one for each kind that may be asked about with %s', (_name, options, kinds) => {
    expect(Object.keys(start(options).remote)).toEqual(kinds)
  })

  /** How many strangers are asked about at once, and how many in the minute after. */
  async function callsFor(kind: (typeof KINDS)[number], options: ClerkAuthOptions) {
    const { remote, clerk, clock } = start({ ...options, remote: { maxInFlight: 10_000, ...options.remote } })
    await remote[kind]!.verify(opaque(kind, 'known'))
    clock.advance(MINUTE)
    const startedAt = clock.monotonic()
    const flood = async (name: string) => {
      const before = clerk.calls
      for (let i = 0; i < 500; i++) void codeOf(() => remote[kind]!.verify(opaque(kind, `bad_${name}_${i}`)))
      await turn()
      return clerk.calls - before
    }
    const burst = await flood('at-once')
    let later = 0
    for (let second = 0; second < 60; second++) {
      clock.advance(SECOND)
      later += await flood(`${second}`)
    }
    expect(clock.monotonic()).toBe(startedAt + MINUTE)
    return [burst, later / 60]
  }

  test.each([
    ['m2m_token', 'sk_live_x', 120, 80],
    ['m2m_token', 'sk_test_x', 120, 80],
    ['api_key', 'sk_live_x', 120, 80],
    ['oauth_token', 'sk_live_x', 75, 20],
    ['oauth_token', 'sk_test_x', 37, 5],
  ] as const)(
    'asks about strangers of %s with %s so often: %i, then %i a second',
    async (kind, secretKey, burst, rate) => {
      const [atOnce, perSecond] = await callsFor(kind, { secretKey })
      expect(atOnce).toBe(burst)
      expect(perSecond).toBeGreaterThan(rate - 1)
      expect(perSecond).toBeLessThanOrEqual(rate)
    },
  )

  test('asks as often as the option says, and twice as often at once', async () => {
    const [atOnce, perSecond] = await callsFor('m2m_token', { secretKey: SECRET_KEY, remote: { callsPerSecond: 8 } })
    expect(atOnce).toBe(12) // a quarter of 16 is kept
    expect(perSecond).toBe(8)
  })

  test('shares the bound on calls at one time among the kinds: 64 by default', async () => {
    const { remote, clerk } = start({ secretKey: SECRET_KEY })
    await remote.oauth_token!.verify(opaque('oauth_token', 'known'))
    clerk.hold()
    for (let i = 0; i < 500; i++) {
      void codeOf(() => remote.m2m_token!.verify(opaque('m2m_token', `bad${i}`)))
      void codeOf(() => remote.api_key!.verify(opaque('api_key', `bad${i}`)))
    }
    await turn()
    expect(clerk.calls).toBe(1 + 48)
    const few = start({ secretKey: SECRET_KEY, remote: { maxInFlight: 8 } })
    few.clerk.hold()
    for (let i = 0; i < 20; i++) void codeOf(() => few.remote.m2m_token!.verify(opaque('m2m_token', `bad${i}`)))
    await turn()
    expect(few.clerk.calls).toBe(8)
  })

  test('shares nothing else: a kind that is used up leaves the others', async () => {
    const { remote, clerk } = start({ secretKey: SECRET_KEY, remote: { callsPerSecond: 1 } })
    for (let i = 0; i < 10; i++) await codeOf(() => remote.m2m_token!.verify(opaque('m2m_token', `bad${i}`)))
    const before = clerk.calls
    expect(await remote.api_key!.verify(opaque('api_key'))).toMatchObject({ tokenType: 'api_key' })
    expect(clerk.calls).toBe(before + 1)
  })
})
