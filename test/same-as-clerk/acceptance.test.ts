import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { askClerk, askOurs, clerkReason, ourCode, type SharedOptions } from './both.js'
import { CATEGORY, ISSUER, NOW, sessionToken, type Claims, type Header } from './tokens.js'

beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }))
afterAll(() => void vi.useRealTimers())

/** Now is {@link NOW}: 500 ms after this second. */
const SECOND = Math.floor(NOW / 1000)
const APP = 'https://app.example.com'
const API = 'https://api.example.com'

type Case = [what: string, code: string | undefined, claims?: Claims, options?: SharedOptions, header?: Header]

const EXPIRED = 'token-expired'
const EARLY = 'token-not-active-yet'
const FROM_THE_FUTURE = 'token-iat-in-the-future'
const WRONG_PARTY = 'token-invalid-authorized-parties'
const old = { iat: SECOND - 60, nbf: SECOND - 60 }

const times: readonly Case[] = [
  ['expires in the next second', undefined, { ...old, exp: SECOND + 1 }],
  ['expired half a second ago', undefined, { ...old, exp: SECOND }],
  ['expired 4.5 s ago', undefined, { ...old, exp: SECOND - 4 }],
  ['expired 5.5 s ago', EXPIRED, { ...old, exp: SECOND - 5 }],
  ['expired as long ago as the skew', EXPIRED, { ...old, exp: SECOND - 4 }, { clockSkewInMs: 4500 }],
  ['expired a millisecond less ago than the skew', undefined, { ...old, exp: SECOND - 4 }, { clockSkewInMs: 4501 }],
  ['expires now, without a skew', EXPIRED, { ...old, exp: SECOND }, { clockSkewInMs: 0 }],
  ['expires in half a second, without a skew', undefined, { ...old, exp: SECOND + 1 }, { clockSkewInMs: 0 }],
  [
    'expires with a fraction of a second, which is dropped',
    EXPIRED,
    { ...old, exp: SECOND + 0.999 },
    { clockSkewInMs: 500 },
  ],
  ['expires in a hundred years', undefined, { ...old, exp: SECOND + 3_155_760_000 }],
  ['expired in 1970', EXPIRED, { iat: 1, nbf: 1, exp: 2 }],
  ['becomes valid in 4.5 s', undefined, { nbf: SECOND + 5 }],
  ['becomes valid in 5.5 s', EARLY, { nbf: SECOND + 6 }],
  ['becomes valid in exactly the skew', undefined, { nbf: SECOND + 4 }, { clockSkewInMs: 3500 }],
  ['becomes valid a millisecond later than the skew', EARLY, { nbf: SECOND + 4 }, { clockSkewInMs: 3499 }],
  [
    'becomes valid with a fraction of a second, which is dropped',
    undefined,
    { nbf: SECOND + 0.999 },
    { clockSkewInMs: 0 },
  ],
  ['has no nbf', undefined, { nbf: undefined }],
  ['was issued 4.5 s ahead', undefined, { iat: SECOND + 5 }],
  ['was issued 5.5 s ahead', FROM_THE_FUTURE, { iat: SECOND + 6 }],
  ['was issued in the future by exactly the skew', undefined, { iat: SECOND + 4 }, { clockSkewInMs: 3500 }],
  [
    'was issued in the future by a millisecond more than the skew',
    FROM_THE_FUTURE,
    { iat: SECOND + 4 },
    { clockSkewInMs: 3499 },
  ],
  ['was issued long ago', undefined, { iat: 1 }],
]

const parties: readonly Case[] = [
  ['has an authorized party, while none is configured', undefined, { azp: APP }],
  ['has the configured authorized party', undefined, { azp: APP }, { authorizedParties: [APP] }],
  ['has the second of two configured parties', undefined, { azp: APP }, { authorizedParties: [API, APP] }],
  ['has another authorized party', WRONG_PARTY, { azp: 'https://evil.example' }, { authorizedParties: [APP] }],
  [
    'has a party that starts with the configured one',
    WRONG_PARTY,
    { azp: `${APP}.evil.example` },
    { authorizedParties: [APP] },
  ],
  ['has the configured party with a slash', WRONG_PARTY, { azp: `${APP}/` }, { authorizedParties: [APP] }],
  ['has the configured party in another case', WRONG_PARTY, { azp: APP.toUpperCase() }, { authorizedParties: [APP] }],
  ['has no authorized party', WRONG_PARTY, {}, { authorizedParties: [APP] }],
  ['has an empty authorized party', WRONG_PARTY, { azp: '' }, { authorizedParties: [APP] }],
  ['has a list of authorized parties', WRONG_PARTY, { azp: [APP] }, { authorizedParties: [APP] }],
]

const issuers: readonly Case[] = [
  ['has the configured issuer', undefined, {}, { issuer: ISSUER }],
  ['has the second of two configured issuers', undefined, {}, { issuer: ['https://other.example', ISSUER] }],
  ['has another issuer', 'token-invalid-issuer', {}, { issuer: 'https://other.example' }],
  ['has the configured issuer with a slash', 'token-invalid-issuer', { iss: `${ISSUER}/` }, { issuer: ISSUER }],
  [
    'has an issuer that starts with the configured one',
    'token-invalid-issuer',
    { iss: `${ISSUER}.evil.example` },
    { issuer: ISSUER },
  ],
]

/** Cases for which Clerk's SDK says `token-verification-failed`. */
const audiences: readonly Case[] = [
  ['is for an audience, while none is configured', undefined, { aud: API }],
  ['is for the configured audience', undefined, { aud: API }, { audience: API }],
  ['is for one of the configured audiences', undefined, { aud: API }, { audience: [APP, API] }],
  ['is for several audiences, one of which is configured', undefined, { aud: [APP, API] }, { audience: API }],
  ['is for another audience', 'token-invalid-audience', { aud: APP }, { audience: API }],
  ['is for other audiences', 'token-invalid-audience', { aud: [APP, ISSUER] }, { audience: [API] }],
  [
    'is for an audience that starts with the configured one',
    'token-invalid-audience',
    { aud: `${API}/v2` },
    { audience: API },
  ],
]

const malformed: readonly Case[] = [
  ['has no exp', 'token-claim-invalid', { exp: undefined }],
  ['has a string as exp', 'token-claim-invalid', { exp: String(SECOND + 60) }],
  ['has null as exp', 'token-claim-invalid', { exp: null }],
  ['has a string as nbf', 'token-claim-invalid', { nbf: String(SECOND) }],
  ['has null as nbf', 'token-claim-invalid', { nbf: null }],
  ['has a string as iat', 'token-claim-invalid', { iat: String(SECOND) }],
  ['has no sub', 'token-claim-invalid', { sub: undefined }],
  ['has a number as sub', 'token-claim-invalid', { sub: 7 }],
]

const headers: readonly Case[] = [
  ['has the type JWT', undefined, {}, {}, { typ: 'JWT' }],
  ['has no type', undefined, {}, {}, { typ: undefined }],
  ['is of the category of sessions', undefined, {}, {}, { cat: CATEGORY.session }],
  ['has an empty category', undefined, {}, {}, { cat: CATEGORY.ignore }],
  ['has no category', undefined, {}, {}, { cat: undefined }],
  ['has an unknown header parameter', undefined, {}, {}, { oiat: SECOND }],
]

/** Cases for which Clerk's SDK says `token-type-mismatch` for a request, and `token-invalid` or nothing for a token. */
const otherKinds: readonly Case[] = [
  ['is of the category of machines', 'token-type-mismatch', {}, {}, { cat: CATEGORY.m2m }],
  ['is of the category of templates', 'token-type-mismatch', {}, {}, { cat: CATEGORY.template }],
  ['is of an unknown category', 'token-type-mismatch', {}, {}, { cat: 'cl_B7d4PD444AAA' }],
  ['has a category that is not a string', 'token-header-invalid', {}, {}, { cat: 1 }],
  ['is a machine’s', 'token-type-mismatch', { sub: `mch_${'a'.repeat(27)}` }],
  [
    'is a machine’s, with the category of sessions',
    'token-type-mismatch',
    { sub: 'mch_1' },
    {},
    { cat: CATEGORY.session },
  ],
  ['is an OAuth access token', 'token-type-mismatch', { sid: undefined }, {}, { typ: 'at+jwt' }],
  ['has another type', 'token-type-mismatch', {}, {}, { typ: 'dpop+jwt' }],
  ['has a type that is not a string', 'token-type-mismatch', {}, {}, { typ: ['JWT'] }],
  ['has the type null', 'token-type-mismatch', {}, {}, { typ: null }],
]

async function verdicts(token: string, options: SharedOptions) {
  const { status } = await askClerk(token, options)
  return { clerk: status, ours: await ourCode(token, options) }
}

describe.each<[group: string, cases: readonly Case[]]>([
  ['times', times],
  ['authorized parties', parties],
  ['issuers', issuers],
])('%s: a session token that', (_group, cases) => {
  it.each(cases)('%s gets the same result, for the same reason', async (_what, code, claims, options = {}) => {
    const token = sessionToken(claims)
    const clerk = code === undefined ? 'signed-in' : 'signed-out'
    expect(await verdicts(token, options)).toEqual({ clerk, ours: code })
    expect(await clerkReason(token, options)).toBe(code)
  })
})

describe.each<[group: string, cases: readonly Case[]]>([
  ['audiences', audiences],
  ['malformed claims', malformed],
  ['headers', headers],
  ['other kinds', otherKinds],
])('%s: a session token that', (_group, cases) => {
  it.each(cases)('%s gets the same result', async (_what, code, claims, options = {}, header = {}) => {
    const clerk = code === undefined ? 'signed-in' : 'signed-out'
    expect(await verdicts(sessionToken(claims, header), options)).toEqual({ clerk, ours: code })
  })
})

describe('a token whose signature', () => {
  const token = sessionToken()
  const [header = '', payload = '', signature = ''] = token.split('.')
  const otherPayload = sessionToken({ sub: 'user_other' }).split('.')[1]

  it.each([
    ['is of another payload', `${header}.${otherPayload}.${signature}`, 'token-invalid-signature'],
    [
      'is of another header',
      `${sessionToken({}, { kid: 'x' }).split('.')[0]}.${payload}.${signature}`,
      'token-invalid-signature',
    ],
    ['is cut off', `${header}.${payload}.${signature.slice(0, 340)}`, 'token-invalid-signature'],
    ['is empty', `${header}.${payload}.`, 'token-malformed'],
    ['is followed by extra data', `${token}.x`, 'token-malformed'],
    ['is missing', `${header}.${payload}`, 'token-malformed'],
    ['is not base64url', `${header}.${payload}.${signature.slice(0, -2)}+/`, 'token-malformed'],
  ])('%s is refused by both', async (_what, token, code) => {
    expect(await verdicts(token, {})).toEqual({ clerk: 'signed-out', ours: code })
  })

  it('is valid, but whose alg is none or HS256, is refused by both', async () => {
    for (const alg of ['none', 'HS256', 'None', 'rs256']) {
      const altered = `${Buffer.from(JSON.stringify({ alg, typ: 'JWT' })).toString('base64url')}.${payload}.${signature}`
      expect(await verdicts(altered, {})).toEqual({ clerk: 'signed-out', ours: 'token-invalid-algorithm' })
      expect(await clerkReason(altered)).toBe('token-invalid-algorithm')
    }
  })
})

/** Seconds from now, mostly near the boundaries of the skew. */
const seconds = fc.oneof(
  fc.integer({ min: -12, max: 12 }),
  fc.double({ min: -12, max: 12, noNaN: true }).map((one) => Math.round(one * 1000) / 1000),
  fc.constantFrom(-100, 100),
)
const party = fc.constantFrom(APP, APP, APP, API)
const allowed = fc.subarray([APP, API], { minLength: 1 })

const configuration = fc.record(
  {
    clockSkewInMs: fc.constantFrom(0, 499, 500, 1000, 4500, 5000, 11_500),
    authorizedParties: allowed,
    audience: fc.oneof(allowed, party),
  },
  { requiredKeys: [] },
)
const claims = fc
  .record({
    exp: fc.oneof(fc.constant(60), seconds),
    iat: fc.oneof(fc.constant(-60), seconds),
    nbf: fc.option(fc.oneof(fc.constant(-60), seconds), { nil: undefined }),
    azp: fc.oneof({ weight: 3, arbitrary: party }, { weight: 1, arbitrary: fc.constantFrom(undefined, '', `${APP}/`) }),
    aud: fc.oneof(allowed, party),
    iss: fc.constantFrom(ISSUER, ISSUER, ISSUER, APP),
  })
  // Times that contradict each other are in docs/differences.md.
  .filter(({ exp, iat, nbf = exp }) => Math.max(Math.floor(iat), Math.floor(nbf)) <= Math.floor(exp))
const header = fc.record(
  {
    typ: fc.constantFrom('JWT', 'JWT', 'JWT', 'JWS'),
    cat: fc.constantFrom(...Object.values(CATEGORY), CATEGORY.session, CATEGORY.session, 'cl_other'),
  },
  { requiredKeys: [] },
)

describe('any session token', () => {
  it('gets the same result for any times, parties, audiences, issuer and category, with any configuration', async () => {
    const seen = { 'signed-in': 0, 'signed-out': 0 } as Record<string, number>
    await fc.assert(
      fc.asyncProperty(claims, header, configuration, async ({ exp, iat, nbf, ...rest }, header, shared) => {
        const times = { exp: SECOND + exp, iat: SECOND + iat, nbf: nbf === undefined ? undefined : SECOND + nbf }
        const token = sessionToken({ ...rest, ...times }, header)
        // Clerk's SDK compares the issuer only if one is configured.
        const options = { ...shared, issuer: ISSUER }
        const { status } = await askClerk(token, options)
        const ours = await askOurs(token, options)
        seen[status] = (seen[status] ?? 0) + 1
        expect(ours.isAuthenticated ? 'signed-in' : 'signed-out').toBe(status)
      }),
      { seed: 20261127, numRuns: 800 },
    )
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(100)
  }, 120_000)
})
