import { sha256 } from '#signature'
import { describe, expect, test } from 'vitest'
import type { AuthenticatedAuth } from '../src/auth/auth.js'
import type { TokenType } from '../src/auth/errors.js'
import type { ClerkAuthEvent } from '../src/auth/events.js'
import { importKeySet, type KeySet } from '../src/keys/jwks.js'
import { staticKeys } from '../src/keys/key-source.js'
import { TOKEN_TYPES, type OpaqueTokenType } from '../src/kinds/kinds.js'
import type { ClerkAuthOptions } from '../src/config/options.js'
import { introspectionCache } from '../src/introspection/introspection-cache.js'
import { readOptions } from '../src/config/settings.js'
import { verifiersOf } from '../src/verifiers.js'
import { codeOf, fakeClock, issuerKey, MINUTE, noRevocations, outcomeOf, refusalOf, SECOND, turn } from './fixtures.js'
import { CLIENT, fakeClerk, good, HERE, KINDS, MACHINE, opaque, OTHER_MACHINE, USER } from './fixtures-machines.js'

const KEY = issuerKey()
const SET = importKeySet({ keys: [KEY.jwk] }) as KeySet
const PUBLISHABLE_KEY = `pk_live_${Buffer.from('clerk.example.com$').toString('base64')}`
const SECRET_KEY = 'sk_live_secret'
const MACHINE_SECRET_KEY = 'ak_machine'
const ALL: ReadonlySet<TokenType> = new Set(TOKEN_TYPES)

function start(options: ClerkAuthOptions = {}) {
  const settings = readOptions(options, {})
  const clock = fakeClock()
  const clerk = fakeClerk()
  const events: ClerkAuthEvent[] = []
  const verifiers = verifiersOf({
    settings,
    keys: staticKeys(SET),
    introspections: introspectionCache(30 * SECOND, {}, clock, noRevocations(clock)),
    revocations: noRevocations(clock),
    sharing: undefined,
    clock,
    fetch: clerk.fetch,
    emit: (event: ClerkAuthEvent) => void events.push(event),
    closed: new AbortController().signal,
  })

  return {
    verifyJwt: async (token: string, ...accepted: TokenType[]): Promise<AuthenticatedAuth> => {
      const { auth } = await verifiers.jwt(token, accepted.length > 0 ? new Set(accepted) : ALL)
      return auth
    },
    /** Uses the cached response, or calls Clerk. */
    verifyOpaque: async (tokenType: OpaqueTokenType, name?: string): Promise<AuthenticatedAuth> => {
      const token = opaque(tokenType, name)
      const digest = sha256(token)
      const verifier = verifiers.opaque[tokenType]!
      return verifier.recall(digest) ?? verifier.verify(token, digest)
    },
    verifiers,
    clerk,
    clock,
    isScopeUnchecked: () => events.some(({ type }) => type === 'machine-scope-unchecked'),
    events,
  }
}

/** A valid token of each kind that is a JWT. */
const jwt = {
  session_token: (claims = {}) => KEY.token(claims),
  m2m_token: (claims = {}) => KEY.token({ sub: MACHINE, sid: undefined, scopes: HERE, ...claims }),
  oauth_token: (claims = {}) =>
    KEY.token({ sub: USER, sid: undefined, client_id: CLIENT, ...claims }, { typ: 'at+jwt' }),
  jwt_template: (claims = {}) => KEY.token({ sid: undefined, ...claims }),
}
const JWT_KINDS = Object.keys(jwt) as (keyof typeof jwt)[]

describe('verifiersOf', () => {
  test.each<[string, ClerkAuthOptions, readonly OpaqueTokenType[]]>([
    ['no secret', { publishableKey: PUBLISHABLE_KEY }, []],
    ['a machine secret', { machineSecretKey: MACHINE_SECRET_KEY }, ['m2m_token']],
    ['a secret key', { secretKey: SECRET_KEY }, ['m2m_token', 'oauth_token', 'api_key']],
  ])('has a verifier for each kind that can be verified with %s', (_name, options, kinds) => {
    expect(Object.keys(start(options).verifiers.opaque)).toEqual(kinds)
  })

  test.each(JWT_KINDS)('verifies %s in JWT form without asking Clerk', async (tokenType) => {
    const { verifyJwt, clerk } = start({ secretKey: SECRET_KEY, publishableKey: PUBLISHABLE_KEY, machineId: HERE })
    expect(await verifyJwt(jwt[tokenType](), tokenType)).toMatchObject({ isAuthenticated: true, tokenType })
    expect(clerk.calls).toBe(0)
  })

  test('cannot verify M2M tokens in JWT form without a machineId: 503, which names the variable', async () => {
    const { verifyJwt } = start({ publishableKey: PUBLISHABLE_KEY })
    for (const header of [{}, { cat: 'cl_B7d4PD333AAA' }]) {
      const token = KEY.token({ sub: MACHINE, sid: undefined, scopes: HERE }, header)
      const { code, tokenType, message } = await refusalOf(() => verifyJwt(token))
      expect({ code, tokenType }).toEqual({ code: 'verification-misconfigured', tokenType: 'm2m_token' })
      expect(message).toContain('no key or secret to verify m2m_token in JWT form: set CLERK_MACHINE_ID')
    }
  })

  test.each<[TokenType, 'jwt' | 'opaque', string]>([
    ['session_token', 'jwt', 'CLERK_PUBLISHABLE_KEY'],
    ['m2m_token', 'jwt', 'CLERK_PUBLISHABLE_KEY and CLERK_MACHINE_ID'],
    ['oauth_token', 'opaque', 'CLERK_SECRET_KEY'],
    ['api_key', 'opaque', 'CLERK_SECRET_KEY'],
  ])('names the variable without which it cannot verify %s in the form %s', async (tokenType, form, variable) => {
    const { verifiers } = start({ machineSecretKey: MACHINE_SECRET_KEY })
    const { code, message } = await refusalOf(() => verifiers.cannotVerify(tokenType, form))
    expect(code).toBe('verification-misconfigured')
    expect(message).toMatch(new RegExp(`to verify ${tokenType} in .* form: set ${variable}$`))
  })

  test.each<[string, ClerkAuthOptions, string]>([
    ['the machine secret', { machineSecretKey: ` ${MACHINE_SECRET_KEY}\n`, secretKey: SECRET_KEY }, MACHINE_SECRET_KEY],
    ['the secret key, if that is the only secret', { secretKey: ` ${SECRET_KEY}\n` }, SECRET_KEY],
  ])('asks about M2M tokens with %s', async (_name, options, secret) => {
    const { verifyOpaque, clerk } = start(options)
    await verifyOpaque('m2m_token')
    expect(clerk.questions[0]?.init.headers).toMatchObject({ Authorization: `Bearer ${secret}` })
  })

  test.each(['oauth_token', 'api_key'] as const)(
    'asks about %s with the secret key, never with the machine secret',
    async (kind) => {
      const { verifyOpaque, clerk } = start({ machineSecretKey: MACHINE_SECRET_KEY, secretKey: SECRET_KEY })
      await verifyOpaque(kind)
      expect(clerk.questions).toMatchObject([{ init: { headers: { Authorization: `Bearer ${SECRET_KEY}` } } }])
    },
  )

  test('asks the configured Backend API, without a version in the path', async () => {
    const { verifyOpaque, clerk } = start({
      secretKey: SECRET_KEY,
      apiUrl: 'https://api.example.com/',
      apiVersion: 'v2',
    })
    for (const kind of KINDS) await verifyOpaque(kind)
    expect(clerk.questions.map(({ url }) => url)).toEqual([
      'https://api.example.com/m2m_tokens/verify',
      'https://api.example.com/oauth_applications/access_tokens/verify',
      'https://api.example.com/api_keys/verify',
    ])
  })
})

describe('verifiersOf without keys', () => {
  const keyless = start({ machineSecretKey: MACHINE_SECRET_KEY })

  test.each(JWT_KINDS)('cannot verify %s in JWT form: 503', async (tokenType) => {
    const refusal = await refusalOf(() => keyless.verifyJwt(jwt[tokenType](), tokenType))
    expect(refusal).toMatchObject({ code: 'verification-misconfigured', status: 503 })
    expect(refusal.message).toContain(`to verify ${tokenType} in JWT form: set CLERK_PUBLISHABLE_KEY`)
  })

  test('names the kind of a token if its header shows it', async () => {
    const refusal = await refusalOf(() => keyless.verifyJwt(jwt.oauth_token()))
    expect(refusal).toMatchObject({ code: 'verification-misconfigured', tokenType: 'oauth_token' })
  })

  test.each<[string, string, TokenType[]]>([
    ['a JWT whose header shows another kind', jwt.oauth_token(), ['session_token']],
    ['a JWT of an unknown kind, if only opaque tokens are accepted', jwt.session_token(), ['api_key']],
    ['a JWT that names its kind, if only opaque tokens are accepted', jwt.oauth_token(), ['api_key']],
  ])('still refuses %s', async (_name, token, accepted) => {
    expect(await codeOf(() => keyless.verifyJwt(token, ...accepted))).toBe('token-type-mismatch')
  })

  test('still refuses what is not a JWT', async () => {
    expect(await codeOf(() => keyless.verifyJwt('x.y.z'))).toBe('token-malformed')
  })
})

describe('verifiersOf › M2M tokens', () => {
  const other = { scopes: [OTHER_MACHINE] }

  test('that are opaque are in scope if Clerk says so, with the secret of the machine', async () => {
    const { verifyOpaque, clerk, isScopeUnchecked } = start({ machineSecretKey: MACHINE_SECRET_KEY })
    clerk.answer(() => good('m2m_token', other))
    expect(await verifyOpaque('m2m_token')).toMatchObject({ machineId: MACHINE })
    expect(isScopeUnchecked()).toBe(false)
  })

  test('that are opaque are compared with machineId too, if there is one, so that the secret of another machine is noticed', async () => {
    const { verifyOpaque, clerk } = start({ machineSecretKey: MACHINE_SECRET_KEY, machineId: HERE })
    expect(await verifyOpaque('m2m_token', 'one')).toMatchObject({ machineId: MACHINE })
    clerk.answer(() => good('m2m_token', other))
    expect(await codeOf(() => verifyOpaque('m2m_token', 'two'))).toBe('machine-out-of-scope')
  })

  test('that are opaque pass if Clerk compared the scope and lists none', async () => {
    for (const scopes of [undefined, []]) {
      const { verifyOpaque, clerk } = start({ machineSecretKey: MACHINE_SECRET_KEY, machineId: HERE })
      clerk.answer(() => good('m2m_token', { scopes }))
      expect(await verifyOpaque('m2m_token')).toMatchObject({ machineId: MACHINE })
      const instance = start({ secretKey: SECRET_KEY, machineId: HERE })
      instance.clerk.answer(() => good('m2m_token', { scopes }))
      expect(await codeOf(() => instance.verifyOpaque('m2m_token'))).toBe('machine-out-of-scope')
    }
  })

  test('that are opaque are compared with machineId at every use, with the secret of the instance', async () => {
    const { verifyOpaque, clerk, isScopeUnchecked } = start({ secretKey: SECRET_KEY, machineId: HERE })
    expect(await verifyOpaque('m2m_token')).toMatchObject({ machineId: MACHINE })
    clerk.answer(() => good('m2m_token', other))
    for (let i = 0; i < 2; i++)
      expect(await codeOf(() => verifyOpaque('m2m_token', 'two'))).toBe('machine-out-of-scope')
    expect(clerk.calls).toBe(2)
    expect(isScopeUnchecked()).toBe(false)
  })

  test('that are opaque pass for any machine if machineId is "any"', async () => {
    const { verifyOpaque, clerk, isScopeUnchecked } = start({ secretKey: SECRET_KEY, machineId: 'any' })
    clerk.answer(() => good('m2m_token', other))
    expect(await verifyOpaque('m2m_token')).toMatchObject({ machineId: MACHINE })
    expect(isScopeUnchecked()).toBe(false)
  })

  test('that are opaque and whose scope cannot be compared are reported once', async () => {
    const { verifyOpaque, events, clerk } = start({ secretKey: SECRET_KEY })
    clerk.answer(() => Response.json({}, { status: 500 }))
    await codeOf(() => verifyOpaque('m2m_token'))
    const reports = () => events.filter(({ type }) => type === 'machine-scope-unchecked').length
    expect(reports()).toBe(0)
    clerk.answer(() => good('m2m_token'))
    for (const name of ['two', 'two', 'three']) await verifyOpaque('m2m_token', name)
    expect(reports()).toBe(1)
  })

  test('in JWT form are in scope by their own claims, whatever the secret', async () => {
    for (const secret of [{ secretKey: SECRET_KEY }, { machineSecretKey: MACHINE_SECRET_KEY }]) {
      const { verifyJwt, clerk } = start({ publishableKey: PUBLISHABLE_KEY, machineId: HERE, ...secret })
      expect(await verifyJwt(jwt.m2m_token())).toMatchObject({ machineId: MACHINE })
      expect(await codeOf(() => verifyJwt(jwt.m2m_token({ scopes: OTHER_MACHINE })))).toBe('machine-out-of-scope')
      expect(clerk.calls).toBe(0)
    }
  })

  test('in JWT form are compared with the issuer, but not with the audience or the authorized parties', async () => {
    const forUsers = { audience: 'api', authorizedParties: ['https://app.example.com'] }
    const { verifyJwt } = start({ publishableKey: PUBLISHABLE_KEY, machineId: HERE, ...forUsers })
    expect(await verifyJwt(jwt.m2m_token({ azp: undefined }))).toMatchObject({ machineId: MACHINE })
    expect(await codeOf(() => verifyJwt(jwt.m2m_token({ iss: 'https://evil.example' })))).toBe('token-invalid-issuer')
  })
})

describe('verifiersOf › OAuth tokens', () => {
  test('in JWT form are compared with the issuer and the audience, but not with the authorized parties', async () => {
    const forUsers = { audience: 'api', authorizedParties: ['https://app.example.com'] }
    const { verifyJwt } = start({ secretKey: SECRET_KEY, publishableKey: PUBLISHABLE_KEY, ...forUsers })
    const verify = (claims: object) => verifyJwt(jwt.oauth_token(claims))
    expect(await verify({ aud: 'api', azp: undefined })).toMatchObject({ clientId: CLIENT })
    expect(await codeOf(() => verify({}))).toBe('token-invalid-audience')
    expect(await codeOf(() => verify({ aud: 'api', iss: 'https://evil.example' }))).toBe('token-invalid-issuer')
  })

  test.each<[string, object, string]>([
    ['this audience', { aud: 'api' }, 'passed'],
    ['this audience among others', { aud: ['x', 'api'] }, 'passed'],
    ['another audience', { aud: 'x' }, 'token-invalid-audience'],
    ['no audience', {}, 'token-invalid-audience'],
    ['a malformed audience', { aud: ['api', 5] }, 'token-invalid-audience'],
  ])('that are opaque are compared with the audience at every use: %s', async (_name, members, expected) => {
    const { verifyOpaque, clerk } = start({ secretKey: SECRET_KEY, audience: ['api', 'other'] })
    clerk.answer(() => good('oauth_token', members))
    for (let i = 0; i < 2; i++) expect(await outcomeOf(() => verifyOpaque('oauth_token'))).toBe(expected)
    expect(clerk.calls).toBe(1)
  })

  test('that are opaque need no audience if none is configured', async () => {
    const { verifyOpaque } = start({ secretKey: SECRET_KEY })
    expect(await verifyOpaque('oauth_token')).toMatchObject({ clientId: CLIENT })
  })
})

describe('verifiersOf › the form of opaque tokens', () => {
  async function outcomeFor(token: string) {
    const { verifiers, clerk } = start({ secretKey: SECRET_KEY })
    const outcome = await outcomeOf(() => verifiers.opaque.m2m_token!.verify(token, sha256(token)))
    return { outcome, calls: clerk.calls }
  }

  test.each([
    ['16 characters', `mt_${'x'.repeat(13)}`],
    ['512 characters', `mt_${'x'.repeat(509)}`],
    ['every character that it may have', 'mt_AZaz09-_AZaz09-_'],
  ])('may have %s', async (_name, token) => {
    expect(await outcomeFor(token)).toEqual({ outcome: 'passed', calls: 1 })
  })

  test.each([
    ['only the prefix', 'mt_'],
    ['15 characters', `mt_${'x'.repeat(12)}`],
    ['513 characters', `mt_${'x'.repeat(510)}`],
    ['dots, as a JWT has', `mt_${'x'.repeat(20)}.y.z`],
    ['a space', `mt_${'x'.repeat(20)} y`],
    ['a line break at the end', `mt_${'x'.repeat(20)}\n`],
    ['a line break in the middle', `mt_${'x'.repeat(20)}\nx`],
    ['a NUL', `mt_${'x'.repeat(20)}\0`],
    ['a character outside ASCII', `mt_${'x'.repeat(20)}é`],
    ['a quote', `mt_${'x'.repeat(20)}"`],
    ['a slash', `mt_${'x'.repeat(20)}/..`],
    ['a percent sign', `mt_${'x'.repeat(20)}%00`],
    ['padding', `mt_${'x'.repeat(20)}==`],
  ])('may not have %s: refused as token-malformed without asking Clerk', async (_name, token) => {
    expect(await outcomeFor(token)).toEqual({ outcome: 'token-malformed', calls: 0 })
  })
})

describe('verifiersOf › the session policy', () => {
  test('refuses pending sessions, unless treatPendingAsSignedOut is false', async () => {
    const keys = { publishableKey: PUBLISHABLE_KEY }
    const pending = jwt.session_token({ sts: 'pending' })
    expect(await codeOf(() => start(keys).verifyJwt(pending))).toBe('session-pending')
    const lenient = start({ ...keys, treatPendingAsSignedOut: false })
    expect(await lenient.verifyJwt(pending)).toMatchObject({ sessionStatus: 'pending' })
  })
})

describe('verifiersOf › how often Clerk is called', () => {
  /** How many calls about unknown tokens are made at once, and then per second in the next minute. */
  async function callsFor(kind: OpaqueTokenType, options: ClerkAuthOptions) {
    const { verifyOpaque, clerk, clock } = start({ ...options, remote: { maxInFlight: 10_000, ...options.remote } })
    await verifyOpaque(kind, 'known')
    clock.advance(MINUTE)
    const startedAt = clock.monotonic()
    const flood = async (name: string) => {
      const before = clerk.calls
      for (let i = 0; i < 500; i++) void codeOf(() => verifyOpaque(kind, `bad_${name}_${i}`))
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
    'about unknown tokens, %s with %s: %i at once, then %i a second',
    async (kind, secretKey, burst, rate) => {
      const [atOnce, perSecond] = await callsFor(kind, { secretKey })
      expect(atOnce).toBe(burst)
      expect(perSecond).toBeGreaterThan(rate - 1)
      expect(perSecond).toBeLessThanOrEqual(rate)
    },
  )

  test('is set by the option, with a burst of twice as much', async () => {
    const [atOnce, perSecond] = await callsFor('m2m_token', { secretKey: SECRET_KEY, remote: { callsPerSecond: 8 } })
    expect(atOnce).toBe(12) // a quarter of 16 is reserved
    expect(perSecond).toBe(8)
  })

  test('is limited for all kinds together by the number of concurrent calls: 64 by default', async () => {
    const { verifyOpaque, clerk } = start({ secretKey: SECRET_KEY })
    await verifyOpaque('oauth_token', 'known')
    clerk.hold()
    for (let i = 0; i < 500; i++) {
      void codeOf(() => verifyOpaque('m2m_token', `bad${i}`))
      void codeOf(() => verifyOpaque('api_key', `bad${i}`))
    }
    await turn()
    expect(clerk.calls).toBe(1 + 48)
    const few = start({ secretKey: SECRET_KEY, remote: { maxInFlight: 8 } })
    few.clerk.hold()
    for (let i = 0; i < 20; i++) void codeOf(() => few.verifyOpaque('m2m_token', `bad${i}`))
    await turn()
    expect(few.clerk.calls).toBe(8)
  })

  test('is limited by kind: one that is exhausted does not affect the others', async () => {
    const { verifyOpaque, clerk } = start({ secretKey: SECRET_KEY, remote: { callsPerSecond: 1 } })
    for (let i = 0; i < 10; i++) await codeOf(() => verifyOpaque('m2m_token', `bad${i}`))
    const before = clerk.calls
    expect(await verifyOpaque('api_key')).toMatchObject({ tokenType: 'api_key' })
    expect(clerk.calls).toBe(before + 1)
  })
})
