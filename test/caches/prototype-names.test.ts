import { describe, expect, test } from 'vitest'
import { NOW, SECOND } from '../../packages/core/test/fixtures.js'
import { good, HERE, MACHINE, opaque, USER } from '../../packages/core/test/fixtures-machines.js'
import { EVERY_KIND, KEY, startInstance } from './instance.js'

/** Names that every object has, as members of claims. Only JSON can contain the first one. */
const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'toJSON', 'then']
const ADMIN = { role: 'admin', isAuthenticated: true, org_role: 'admin', orgId: 'org_1' }
const withNames = <T extends object>(claims: T): T & Record<string, typeof ADMIN> =>
  JSON.parse(
    `{${[JSON.stringify(claims).slice(1, -1), ...NAMES.map((name) => `"${name}":${JSON.stringify(ADMIN)}`)].filter(Boolean).join()}}`,
  ) as T & Record<string, typeof ADMIN>

const LIVES_AN_HOUR = { exp: NOW / SECOND + 3600 }
const machine = { ...LIVES_AN_HOUR, sub: MACHINE, scopes: HERE }

/** By kind and form, with the position of the claims in the auth object. */
const TOKENS = {
  'a session': { token: KEY.token(withNames(LIVES_AN_HOUR)), claims: 'sessionClaims' },
  'a template token': { token: KEY.token({ ...withNames(LIVES_AN_HOUR), sid: undefined }), claims: 'claims' },
  'an M2M JWT': { token: KEY.token({ ...withNames(machine), sid: undefined }), claims: 'claims' },
  'an M2M token': { token: opaque('m2m_token'), claims: 'claims' },
  'an API key': { token: opaque('api_key'), claims: 'claims' },
} as const

describe.each(Object.entries(TOKENS))('in the claims of %s', (_name, { token, claims: place }) => {
  async function claimsOf() {
    const { clerk, network } = startInstance()
    network.answer(({ tokenType }) => good(tokenType, { claims: withNames({}) }))
    const read = async () => {
      const auth = await clerk.verifyToken(token, { acceptsToken: EVERY_KIND })
      return { auth, claims: (auth as unknown as Record<string, Record<string, unknown>>)[place]! }
    }
    const first = await read()
    const again = await read()
    expect(again.auth).toBe(first.auth)
    return again
  }

  test.each(NAMES)('"%s" is a member like any other', async (name) => {
    const { claims } = await claimsOf()
    expect(Object.getOwnPropertyDescriptor(claims, name)).toMatchObject({ value: ADMIN, enumerable: true })
    expect(Object.getPrototypeOf(claims)).toBe(Object.prototype)
  })

  test('none of them affects the caller, or any other object', async () => {
    const { auth, claims } = await claimsOf()
    expect(Object.keys(ADMIN).filter((name) => Object.hasOwn(claims, name))).toEqual([])
    expect(claims['role']).toBeUndefined()
    expect({ isAuthenticated: auth.isAuthenticated, orgId: 'orgId' in auth ? auth.orgId : undefined }).toEqual({
      isAuthenticated: true,
      orgId: auth.tokenType === 'api_key' ? null : undefined,
    })
    expect(auth.has({ role: 'admin' })).toBe(false)
    expect(Object.getPrototypeOf(auth)).toBe(Object.prototype)
    const anyOther: Record<string, unknown> = {}
    expect(Object.keys(ADMIN).filter((name) => anyOther[name] !== undefined)).toEqual([])
  })
})

test.each(NAMES)('a token whose header has "%s" has the type, key and category of its other members', async (name) => {
  const { outcomeOf } = startInstance()
  const header = JSON.parse(
    `{"${name}":{"alg":"none","kid":"key_2","typ":"at+jwt","cat":"cl_B7d4PD333AAA","crit":["x"]}}`,
  ) as Record<string, unknown>
  expect(await outcomeOf(KEY.token(LIVES_AN_HOUR, header), 'session_token')).toBe('passed')
})

test.each(NAMES)('a claim "%s" that contains all required claims replaces none of them', async (name) => {
  const { outcomeOf } = startInstance()
  const whole = { iss: 'https://clerk.example.com', sub: USER, sid: 'sess_1', iat: NOW / SECOND, ...LIVES_AN_HOUR }
  const claims = JSON.parse(`{"${name}":${JSON.stringify(whole)}}`) as Record<string, unknown>
  for (const [missing, code] of [
    ['sub', 'token-claim-invalid'],
    ['iss', 'token-claim-invalid'],
    ['exp', 'token-claim-invalid'],
    ['iat', 'token-claim-invalid'],
    ['sid', 'token-type-mismatch'],
  ] as const)
    expect([missing, await outcomeOf(KEY.token({ ...claims, [missing]: undefined }), 'session_token')]).toEqual([
      missing,
      code,
    ])
})
