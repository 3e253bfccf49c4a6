import { generateKeyPairSync, sign } from 'node:crypto'
import { generateKeyPair, exportJWK, SignJWT } from 'jose'
import { afterAll, describe, expect, it } from 'vitest'
import { createClerkAuth, type AuthError, type ClerkAuthOptions } from '@clerk-auth/core'
import { startLocalClerk } from '@clerk-auth/local'
import { readApiOptions } from '../packages/local/src/command-line/api-options.js'
import { DESCRIBE_PATH } from '../packages/local/src/control/describe-token.js'
import type { TokenDescription } from '../packages/local/src/tokens/describe-token.js'
import { explainToken, type Explanation, type Verdict } from '../packages/local/src/explain/explain-token.js'

/** A fixed clock for issuers, APIs and explanations. */
const NOW = Math.floor(Date.now() / 1000) * 1000
const SECONDS = NOW / 1000
const now = () => NOW

const local = await startLocalClerk({ now, algorithm: 'ES256' })
const strict = await startLocalClerk({ now, algorithm: 'ES256', settings: { invalidOpaqueTokens: '200' } })
const ps256 = await startLocalClerk({ now, algorithm: 'PS256' })
const eddsa = await startLocalClerk({ now, algorithm: 'EdDSA' })
const rs256 = await startLocalClerk({ now })
const instances = [local, strict, ps256, eddsa, rs256]
afterAll(() => Promise.all(instances.map((instance) => instance.close())))

const { machines } = local

/** The same configuration, for the `explain` command and for core. */
interface Configuration {
  readonly argv?: Readonly<Record<string, string | readonly string[] | boolean>>
  readonly options?: ClerkAuthOptions
  readonly of?: typeof local
}

const M2M = {
  argv: { accepts: ['m2m_token'], 'machine-id': machines.api.id },
  options: { acceptsToken: 'm2m_token', machineId: machines.api.id },
} as const
const OAUTH = { argv: { accepts: ['oauth_token'] }, options: { acceptsToken: 'oauth_token' } } as const
const TEMPLATE = { argv: { accepts: ['jwt_template'] }, options: { acceptsToken: 'jwt_template' } } as const
const PARTIES = {
  argv: { 'authorized-parties': ['https://app.example'] },
  options: { authorizedParties: ['https://app.example'] },
} as const
const AUDIENCE = { argv: { audience: ['https://api.example'] }, options: { audience: 'https://api.example' } } as const
/** With the secret key, which is needed to introspect opaque tokens. */
const ANY = {
  argv: { accepts: ['any'] },
  options: { acceptsToken: 'any', secretKey: local.env.CLERK_SECRET_KEY, apiUrl: local.url },
} as const
const ANY_OF_STRICT = {
  argv: ANY.argv,
  options: { acceptsToken: 'any', secretKey: strict.env.CLERK_SECRET_KEY, apiUrl: strict.url },
  of: strict,
} as const

const ownKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ownJwk = JSON.stringify(ownKey.publicKey.export({ format: 'jwk' }))
const OWN = { argv: { 'jwt-key': ownJwk }, options: { jwtKey: ownJwk } } as const

type Case = readonly [name: string, code: string, token: () => Promise<string> | string, configuration?: Configuration]

const session =
  (input: object = {}) =>
  () =>
    local.sessionToken(input)
const claims = (more: object) => session({ claims: more })
const header = (more: object) => session({ header: more })
const encode = (text: string | Buffer) => Buffer.from(text).toString('base64url')
const HEADER = encode(JSON.stringify({ alg: 'ES256', typ: 'JWT', kid: local.kid }))
const raw = (first: string | Buffer, second: string | Buffer, third = 'c2ln') =>
  `${encode(first)}.${encode(second)}.${third}`
const withPart = async (index: number, change: (part: string) => string) =>
  (await local.sessionToken())
    .split('.')
    .map((part, i) => (i === index ? change(part) : part))
    .join('.')

/** An unchanged payload, signed by our own key, which {@link OWN} trusts. */
const own = (payload: string | Buffer) => () => {
  const input = `${encode('{"alg":"ES256"}')}.${encode(payload)}`
  const signature = sign('sha256', Buffer.from(input), { key: ownKey.privateKey, dsaEncoding: 'ieee-p1363' })
  return `${input}.${encode(signature)}`
}

/** Signed by an unpublished key, with the kid of the instance. */
async function forged(alg = 'ES256'): Promise<string> {
  const { privateKey } = await generateKeyPair(alg)
  return new SignJWT({ iss: local.url, sub: local.people.alice.id, sid: 'sess_1', iat: SECONDS, exp: SECONDS + 60 })
    .setProtectedHeader({ alg, kid: local.kid, typ: 'JWT' })
    .sign(privateKey)
}

const CASES: readonly Case[] = [
  ['a session token', 'accepted', session()],
  ['a session token of version 1', 'accepted', session({ version: 1 })],
  ['one without an organization', 'accepted', session({ user: 'dave' })],
  ['one whose typ has another spelling', 'accepted', header({ typ: 'application/JWT' })],
  ['one without typ', 'accepted', header({ typ: undefined })],
  ['one without a kid, if there is only one key', 'accepted', header({ kid: undefined })],
  ['one without a category', 'accepted', header({ cat: undefined })],
  ['one with the category for instances without categories', 'accepted', header({ cat: 'cl_I7d4PD111III' })],
  ['one with an audience, if none is required', 'accepted', claims({ aud: 'https://other.example' })],
  ['one that expired within the clock skew', 'accepted', claims({ exp: SECONDS - 2, iat: SECONDS - 60 })],
  ['one without nbf', 'accepted', claims({ nbf: undefined })],
  ['one with a fraction of a second', 'accepted', claims({ exp: SECONDS + 60.5 })],
  ['one signed by PS256', 'accepted', () => ps256.sessionToken(), { of: ps256 }],
  ['one signed by EdDSA', 'accepted', () => eddsa.sessionToken(), { of: eddsa }],
  ['one signed by RS256', 'accepted', () => rs256.sessionToken(), { of: rs256 }],
  ['RS256 instead of EdDSA', 'jwk-unsuitable', () => eddsa.sessionToken({ header: { alg: 'RS256' } }), { of: eddsa }],
  [
    'Ed25519 instead of EdDSA, not signed again',
    'accepted',
    () => eddsa.sessionToken({ header: { alg: 'Ed25519' } }),
    { of: eddsa },
  ],

  ['one bound to a key', 'token-binding-unsupported', claims({ cnf: { jkt: 'x' } })],
  ['one bound to a key by null', 'token-binding-unsupported', claims({ cnf: null })],

  ['only letters', 'token-malformed', () => 'hello'],
  ['two parts', 'token-malformed', async () => (await local.sessionToken()).split('.').slice(0, 2).join('.')],
  ['five parts', 'token-malformed', () => 'a.b.c.d.e'],
  ['an empty header', 'token-malformed', () => '.e30.c2ln'],
  ['an empty payload', 'token-malformed', () => `${HEADER}..c2ln`],
  ['no signature', 'token-malformed', () => withPart(2, () => '')],
  ['a signature that is not base64url', 'token-malformed', () => withPart(2, (part) => `${part.slice(0, -1)}+`)],
  ['a padded header', 'token-malformed', () => withPart(0, (part) => `${part}==`)],
  ['a header that is not JSON', 'token-header-invalid', () => raw('{', '{}')],
  ['a header that is an array', 'token-header-invalid', () => raw('[]', '{}')],
  ['a header with a duplicate member', 'token-header-invalid', () => raw('{"alg":"ES256","alg":"none"}', '{}')],
  ['a duplicate member, one of them escaped', 'token-claim-invalid', own('{"sub":"a","\\u0073ub":"b"}'), OWN],
  ['a header of more than 1024 characters', 'token-header-invalid', header({ filler: 'x'.repeat(1000) })],
  ['a colon only in a string', 'jwk-kid-mismatch', () => raw('{"alg":"ES256","kid":"other"}', '{"sid":"b:{[\\"c"}')],
  ['a payload that is not an object', 'token-malformed', own('5'), OWN],
  ['a payload that is not UTF-8', 'token-malformed', own(Buffer.from([0x7b, 0xff, 0x7d])), OWN],
  ['a byte order mark', 'token-malformed', own('\ufeff{}'), OWN],
  ['a lone surrogate', 'token-malformed', own('{"a":"\\ud800"}'), OWN],
  ['deep nesting', 'token-malformed', own(`{"a":${'['.repeat(40)}${']'.repeat(40)}}`), OWN],
  ['a payload that is not an object, not signed', 'token-invalid-signature', () => `${HEADER}.${encode('5')}.c2ln`],
  ['more than 8 KiB', 'token-too-large', claims({ filler: 'x'.repeat(8192) })],
  ['whitespace inside', 'credentials-malformed', async () => `${await local.sessionToken()} x`],
  ['two credentials', 'credentials-ambiguous', () => 'one, Bearer two'],

  ['alg none', 'token-invalid-algorithm', header({ alg: 'none' })],
  ['alg HS256', 'token-invalid-algorithm', header({ alg: 'HS256' })],
  ['no alg', 'token-invalid-algorithm', header({ alg: undefined })],
  ['alg in lowercase', 'token-invalid-algorithm', header({ alg: 'es256' })],
  ['crit', 'token-critical-header', header({ crit: ['exp'] })],
  ['b64', 'token-critical-header', header({ b64: false })],
  ['crit with alg none', 'token-critical-header', header({ crit: [], alg: 'none' })],
  ['enc', 'token-header-invalid', header({ enc: 'A256GCM' })],
  ['a kid that is a number', 'token-header-invalid', header({ kid: 5 })],
  ['a kid of 129 characters', 'token-header-invalid', header({ kid: 'k'.repeat(129) })],
  ['a cat that is a number', 'token-header-invalid', header({ cat: 5 })],
  ['an unknown typ', 'token-type-mismatch', header({ typ: 'secevent+jwt' })],
  ['an unknown cat', 'token-type-mismatch', header({ cat: 'cl_B7d4PD999AAA' })],
  ['cat and sub that disagree', 'token-type-mismatch', claims({ sub: machines.worker.id })],
  ['typ and cat that disagree', 'token-type-mismatch', header({ typ: 'at+jwt' })],

  ['an M2M JWT if sessions are accepted', 'token-type-mismatch', () => local.m2mToken({ format: 'jwt' })],
  ['an OAuth token if sessions are accepted', 'token-type-mismatch', () => local.oauthToken()],
  ['a template token if sessions are accepted', 'token-type-mismatch', () => local.templateToken()],
  ['an opaque token if sessions are accepted', 'token-type-mismatch', () => local.m2mToken()],
  ['a template token if any kind is accepted', 'token-type-mismatch', () => local.templateToken(), ANY],
  ['an expired token of the wrong kind', 'token-type-mismatch', () => local.oauthToken({ ttlInSeconds: -60 })],

  ['an unknown kid', 'jwk-kid-mismatch', header({ kid: 'ins_unknown' })],
  ['the token of another instance', 'jwk-kid-mismatch', () => strict.sessionToken()],
  ['an algorithm that the key does not support', 'jwk-unsuitable', header({ alg: 'ES384' })],
  ['an unpublished key', 'token-invalid-signature', () => forged()],
  ['a truncated signature', 'token-invalid-signature', () => withPart(2, (part) => part.slice(0, 44))],
  [
    'an edited payload',
    'token-invalid-signature',
    () => withPart(1, (part) => encode(Buffer.from(part, 'base64url').toString().replace('alice', 'mallo') + ' ')),
  ],
  [
    'an expired token with a bad signature',
    'token-invalid-signature',
    async () => `${HEADER}.${encode('{"exp":1,"sid":"s"}')}.${(await local.sessionToken()).split('.')[2]}`,
  ],

  ['an expired token', 'token-expired', session({ ttlInSeconds: -60 })],
  ['one that expired at the edge of the skew', 'token-expired', claims({ exp: SECONDS - 5, iat: SECONDS - 60 })],
  [
    'one that is expired and of another issuer',
    'token-invalid-issuer',
    session({ ttlInSeconds: -60, claims: { iss: 'https://other.example' } }),
  ],
  ['one that is not active yet', 'token-not-active-yet', claims({ nbf: SECONDS + 30 })],
  ['one issued in the future', 'token-iat-in-the-future', claims({ iat: SECONDS + 30 })],
  ['contradictory times', 'token-claim-invalid', claims({ iat: SECONDS + 90 })],
  ['no exp', 'token-claim-invalid', claims({ exp: undefined })],
  ['exp as a string', 'token-claim-invalid', claims({ exp: String(SECONDS + 60) })],
  ['exp 0', 'token-claim-invalid', claims({ exp: 0 })],
  ['an exp out of range', 'token-claim-invalid', claims({ exp: 1e15 })],
  ['no iat', 'token-claim-invalid', claims({ iat: undefined })],
  ['nbf as a string', 'token-claim-invalid', claims({ nbf: 'now' })],
  ['no sub', 'token-claim-invalid', claims({ sub: undefined })],
  ['an empty sid', 'token-claim-invalid', claims({ sid: '' })],
  ['no iss', 'token-claim-invalid', claims({ iss: undefined })],
  ['another issuer', 'token-invalid-issuer', claims({ iss: 'https://other.example' })],
  ['the issuer with a trailing slash', 'token-invalid-issuer', claims({ iss: `${local.url}/` })],
  [
    'a configured issuer',
    'accepted',
    claims({ iss: 'https://other.example' }),
    { argv: { issuer: ['https://other.example'] }, options: { issuer: 'https://other.example' } },
  ],
  ['a pending session', 'session-pending', session({ status: 'pending' })],
  [
    'a pending session, allowed',
    'accepted',
    session({ status: 'pending' }),
    { argv: { 'allow-pending': true }, options: { treatPendingAsSignedOut: false } },
  ],
  ['an authorized azp', 'accepted', session({ azp: 'https://app.example' }), PARTIES],
  ['another azp', 'token-invalid-authorized-parties', session(), PARTIES],
  ['no azp', 'token-invalid-authorized-parties', session({ azp: null }), PARTIES],
  [
    'no azp, allowed',
    'accepted',
    session({ azp: null }),
    { argv: { ...PARTIES.argv, 'missing-azp': 'allow' }, options: { ...PARTIES.options, missingAzp: 'allow' } },
  ],
  ['the audience', 'accepted', claims({ aud: ['https://x.example', 'https://api.example'] }), AUDIENCE],
  ['no audience', 'token-invalid-audience', session(), AUDIENCE],
  [
    'an audience that is not a list of strings',
    'token-invalid-audience',
    claims({ aud: ['https://api.example', 5] }),
    AUDIENCE,
  ],
  [
    'a wide clock skew',
    'accepted',
    session({ ttlInSeconds: -60 }),
    { argv: { 'clock-skew': '2m' }, options: { clockSkewInMs: 120_000 } },
  ],
  [
    'no clock skew',
    'token-expired',
    claims({ exp: SECONDS - 2, iat: SECONDS - 60 }),
    { argv: { 'clock-skew': '0' }, options: { clockSkewInMs: 0 } },
  ],

  ['an M2M JWT', 'accepted', () => local.m2mToken({ format: 'jwt' }), M2M],
  [
    'an M2M JWT if no machine is configured',
    'verification-misconfigured',
    () => local.m2mToken({ format: 'jwt' }),
    ANY,
  ],
  [
    'an M2M JWT for another machine',
    'machine-out-of-scope',
    () => local.m2mToken({ format: 'jwt', claims: { scopes: machines.billing.id } }),
    M2M,
  ],
  [
    'an M2M JWT with only aud as its scope',
    'accepted',
    () => local.m2mToken({ format: 'jwt', claims: { scopes: undefined } }),
    M2M,
  ],
  [
    'an M2M JWT whose subject is not a machine',
    'token-claim-invalid',
    () => local.m2mToken({ format: 'jwt', claims: { sub: 'mch_1' } }),
    M2M,
  ],
  [
    'an M2M JWT for any machine',
    'accepted',
    () => local.m2mToken({ format: 'jwt', claims: { scopes: '' } }),
    { argv: { ...M2M.argv, 'machine-id': 'any' }, options: { ...M2M.options, machineId: 'any' } },
  ],
  ['an expired M2M JWT', 'token-expired', () => local.m2mToken({ format: 'jwt', ttlInSeconds: -60 }), M2M],
  [
    'an M2M JWT, whose audience is a machine',
    'accepted',
    () => local.m2mToken({ format: 'jwt' }),
    {
      argv: { ...M2M.argv, ...AUDIENCE.argv, ...PARTIES.argv },
      options: { ...M2M.options, ...AUDIENCE.options, ...PARTIES.options },
    },
  ],

  ['an OAuth token', 'accepted', () => local.oauthToken(), OAUTH],
  [
    'an OAuth token without a client',
    'token-claim-invalid',
    () => local.oauthToken({ claims: { client_id: undefined } }),
    OAUTH,
  ],
  [
    'an OAuth token whose subject is not a user',
    'token-claim-invalid',
    () => local.oauthToken({ claims: { sub: 'org_1' } }),
    OAUTH,
  ],
  [
    'an OAuth token without audience',
    'token-invalid-audience',
    () => local.oauthToken(),
    { argv: { ...OAUTH.argv, ...AUDIENCE.argv }, options: { ...OAUTH.options, ...AUDIENCE.options } },
  ],
  [
    'an OAuth token, which has no azp',
    'accepted',
    () => local.oauthToken(),
    { argv: { ...OAUTH.argv, ...PARTIES.argv }, options: { ...OAUTH.options, ...PARTIES.options } },
  ],
  ['a template token', 'accepted', () => local.templateToken(), TEMPLATE],
  [
    'a template token without a subject',
    'token-claim-invalid',
    () => local.templateToken({ claims: { sub: undefined } }),
    TEMPLATE,
  ],

  [
    'a local token in production',
    'token-invalid-issuer',
    session({ claims: { iss: 'https://real.example' } }),
    { argv: { production: true, issuer: ['https://real.example'] }, options: { issuer: 'https://real.example' } },
  ],

  ['an opaque M2M token', 'accepted', () => local.m2mToken(), ANY],
  [
    'an opaque M2M token for another machine',
    'machine-out-of-scope',
    () => local.m2mToken(),
    {
      argv: { ...ANY.argv, 'machine-id': machines.billing.id },
      options: { ...ANY.options, machineId: machines.billing.id },
    },
  ],
  ['an opaque OAuth token', 'accepted', () => local.oauthToken({ format: 'opaque' }), ANY],
  [
    'an opaque OAuth token without audience',
    'token-invalid-audience',
    () => local.oauthToken({ format: 'opaque' }),
    { argv: { ...ANY.argv, ...AUDIENCE.argv }, options: { ...ANY.options, ...AUDIENCE.options } },
  ],
  ['an API key', 'accepted', () => local.apiKey(), ANY],
  ['an expired API key', 'token-not-found', () => local.apiKey({ ttlInSeconds: -60 }), ANY],
  ['an unknown API key', 'token-not-found', () => `ak_${'x'.repeat(42)}`, ANY],
  ['an API key with a dot', 'token-malformed', () => 'ak_0123456789.0123456789', ANY],
  [
    'an expired API key, if the response says so',
    'token-expired',
    () => strict.apiKey({ ttlInSeconds: -60 }),
    ANY_OF_STRICT,
  ],
  ['a revoked API key, if the response says so', 'token-revoked', () => revokedKey(), ANY_OF_STRICT],
]

async function revokedKey(): Promise<string> {
  const key = await strict.apiKey()
  await strict.revoke(key)
  return key
}

describe('explain and core', () => {
  for (const [name, code, mint, { argv = {}, options = {}, of = local } = {}] of CASES) {
    it(`agree about ${name}: ${code}`, async () => {
      const token = await mint()
      const { verdict: explained } = await explanationOf(token, argv, of)
      const refusal = await refusalOfCore(token, options, of, argv['production'] === true)
      expect({ explain: codeOf(explained), core: refusal?.code ?? 'accepted' }).toEqual({ explain: code, core: code })
      expect(explained.outcome === 'refused' ? explained.status : undefined).toBe(refusal?.status)
    })
  }

  it.each(['session_token', 'm2m_token', 'oauth_token', 'jwt_template', 'api_key'] as const)(
    'agree about all bad tokens if %s is accepted',
    async (kind) => {
      const results = await Promise.all(
        (await local.badTokens({ acceptsToken: kind })).map(async ({ name, token, status, code }) => {
          const { verdict } = await explanationOf(token, { accepts: [kind] }, local, { ...local.env })
          const found = verdict.outcome === 'refused' ? verdict : undefined
          return { bad: { name, status, code }, explained: { name, status: found?.status, code: found?.code } }
        }),
      )
      expect(results.length).toBeGreaterThan(15)
      expect(results.map(({ explained }) => explained)).toEqual(results.map(({ bad }) => bad))
    },
  )

  it('agree about a key published for another use', async () => {
    const { privateKey, publicKey } = await generateKeyPair('RS256')
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k', use: 'enc' }
    const token = await new SignJWT({ sub: 'user_1', sid: 's', iss: 'https://i.example' })
      .setIssuedAt()
      .setExpirationTime('1m')
      .setProtectedHeader({ alg: 'RS256', kid: 'k' })
      .sign(privateKey)
    const other = { ...(await exportJWK(publicKey)), kid: 'other' }
    const { rules } = readApiOptions({}, {}, local.url)
    const keys = { from: 'set', keys: [jwk, other], where: 'here' } as const
    const { verdict } = await explainToken(
      token,
      { ...rules, issuers: undefined, keys, describe: async () => undefined },
      NOW,
    )
    const core = createClerkAuth({ jwks: { keys: [jwk, other] } }, {})
    await expect(core.verifyToken(token)).rejects.toMatchObject({ code: 'jwk-unsuitable' })
    expect(codeOf(verdict)).toBe('jwk-unsuitable')
  })

  it('agree that the result is unknown while the keys are unavailable', async () => {
    const token = await local.sessionToken()
    const { rules, keys } = readApiOptions({ 'jwks-url': 'http://127.0.0.1:1/jwks' }, {}, local.url)
    const { verdict } = await explainToken(
      token,
      { ...rules, keys: await keys(), describe: async () => undefined },
      NOW,
    )
    const core = createClerkAuth({ frontendApiUrl: 'http://127.0.0.1:1' }, {})
    await expect(core.verifyToken(token)).rejects.toMatchObject({ code: 'keys-unavailable' })
    expect(codeOf(verdict)).toBe('keys-unavailable')
    core.close()
  })
})

async function explanationOf(
  token: string,
  argv: NonNullable<Configuration['argv']>,
  { url }: typeof local,
  env: Readonly<Record<string, string>> = {},
): Promise<Explanation> {
  const { rules, keys } = readApiOptions({ url, ...argv }, env, url)
  const describe = async (sent: string) => {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(url + DESCRIBE_PATH, {
      method: 'POST',
      headers,
      body: JSON.stringify({ token: sent }),
    })
    return (await response.json()) as TokenDescription
  }
  return explainToken(token, { ...rules, keys: await keys(), describe }, NOW)
}

async function refusalOfCore(
  token: string,
  options: ClerkAuthOptions,
  { url }: typeof local,
  production: boolean,
): Promise<AuthError | undefined> {
  const jwks = production
    ? ((await (await fetch(`${url}/.well-known/jwks.json`)).json()) as { keys: object[] })
    : undefined
  const core = production
    ? createClerkAuth({ ...options, jwtKey: JSON.stringify(jwks?.keys[0]), now }, { NODE_ENV: 'production' })
    : createClerkAuth({ frontendApiUrl: url, now, ...options }, {})
  const auth = await core.authenticate({ headers: { authorization: `Bearer ${token}` } })
  core.close()
  return auth.isAuthenticated ? undefined : auth.error
}

function codeOf(verdict: Verdict): string {
  return verdict.outcome === 'refused' ? verdict.code : verdict.outcome
}
