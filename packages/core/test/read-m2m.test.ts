import { describe, expect, test } from 'vitest'
import type { ClaimRules } from '../src/claims.js'
import { m2mReader } from '../src/read-m2m.js'
import { ISSUER, NOW, SECOND } from './fixtures.js'
import { HERE, MACHINE, OTHER_MACHINE } from './fixtures-machines.js'
import { codeOf } from './fixtures-tokens.js'

const RULES: ClaimRules = { issuers: [ISSUER], missingAzp: 'reject', clockSkewInMs: 5000 }
const IAT = NOW / SECOND

function read(claims: object = {}, machineId: string | undefined = HERE) {
  const good = { iss: ISSUER, sub: MACHINE, jti: 'mt_1', iat: IAT, nbf: IAT, exp: IAT + 60, scopes: HERE }
  return m2mReader(RULES, machineId)({ ...good, ...claims }, NOW)
}
const refusalOf = (...args: Parameters<typeof read>) => codeOf(() => read(...args))

describe('m2mReader', () => {
  test('gives the machine that calls', () => {
    expect(read({ tier: 'gold' })).toEqual({
      isAuthenticated: true,
      tokenType: 'm2m_token',
      id: 'mt_1',
      subject: MACHINE,
      machineId: MACHINE,
      scopes: [HERE],
      claims: { scopes: HERE, tier: 'gold' },
      expiresAt: NOW + 60 * SECOND,
      has: expect.any(Function) as unknown,
    })
  })

  test.each([undefined, null, '', 'mch_', 'user_2a', `${MACHINE}x`, MACHINE.slice(0, -1), `${MACHINE}\n`, [MACHINE]])(
    'refuses the subject %j, which is no machine',
    (sub) => {
      expect(refusalOf({ sub })).toBe('token-claim-invalid')
    },
  )

  test.each(['exp', 'iss'])('needs the claim %s', (name) => {
    expect(refusalOf({ [name]: undefined })).toBe('token-claim-invalid')
  })

  test.each<[string, object, string]>([
    ['another issuer', { iss: 'https://evil.example' }, 'token-invalid-issuer'],
    ['a time that is over', { exp: IAT - 5, iat: 1, nbf: 1 }, 'token-expired'],
    ['a time that has not come', { nbf: IAT + 6 }, 'token-not-active-yet'],
    ['an issue in the future', { iat: IAT + 6 }, 'token-iat-in-the-future'],
    ['an iat that is no time', { iat: 'now' }, 'token-claim-invalid'],
  ])('refuses %s', (_name, claims, code) => {
    expect(refusalOf(claims)).toBe(code)
  })

  test.each<[string, object]>([
    ['in scopes, as a text', { scopes: HERE }],
    ['in scopes, in a text of several', { scopes: `${OTHER_MACHINE} ${HERE}` }],
    ['in scopes, in a list', { scopes: [OTHER_MACHINE, HERE] }],
    ['in aud, where scopes is absent', { scopes: undefined, aud: HERE }],
    ['in aud as a list, where scopes is absent', { scopes: undefined, aud: [OTHER_MACHINE, HERE] }],
  ])('lets a token pass that names this machine %s', (_name, claims) => {
    expect(read(claims)).toMatchObject({ machineId: MACHINE })
  })

  test.each<[string, object]>([
    ['nowhere', { scopes: undefined }],
    ['only another in scopes', { scopes: OTHER_MACHINE }],
    ['in aud, while scopes names another', { scopes: OTHER_MACHINE, aud: HERE }],
    ['in aud, while scopes is empty', { scopes: '', aud: HERE }],
    ['in aud, while scopes is an empty list', { scopes: [], aud: HERE }],
    ['in aud, while scopes is null', { scopes: null, aud: HERE }],
    ['in aud, while scopes is a number', { scopes: 5, aud: HERE }],
    ['in a list with what is no text', { scopes: [HERE, 5] }],
    ['in an object', { scopes: { [HERE]: true } }],
    ['as a part of a name', { scopes: `${HERE}x` }],
    ['in an aud of several in one text', { scopes: undefined, aud: `${OTHER_MACHINE} ${HERE}` }],
    ['as the machine that calls', { scopes: undefined, sub: HERE }],
    ['in a claim of its own', { scopes: undefined, machineId: HERE, scope: HERE, scp: [HERE] }],
  ])('refuses a token that names this machine %s', (_name, claims) => {
    expect(refusalOf(claims)).toBe('machine-out-of-scope')
  })

  test('lets every machine pass where that is said in writing', () => {
    expect(read({ scopes: OTHER_MACHINE }, 'any')).toMatchObject({ scopes: [OTHER_MACHINE] })
    expect(read({ scopes: ` ${OTHER_MACHINE}  ${HERE} ` }, 'any')).toMatchObject({ scopes: [OTHER_MACHINE, HERE] })
    expect(read({ scopes: undefined }, 'any')).toMatchObject({ scopes: [] })
  })

  test('judges the scope last: who is out of time learns nothing of scopes', () => {
    expect(refusalOf({ scopes: OTHER_MACHINE, exp: IAT - 5, iat: 1, nbf: 1 })).toBe('token-expired')
  })

  test.each([undefined, null, 5, ['mt_1']])('reads no id from the jti %j', (jti) => {
    expect(read({ jti })).toMatchObject({ id: '' })
  })

  test('gives no claims where the machine made none', () => {
    expect(read({ scopes: undefined, aud: undefined }, 'any').claims).toEqual({ scopes: undefined, aud: undefined })
    const bare = { iss: ISSUER, sub: MACHINE, exp: IAT + 60 }
    expect(m2mReader(RULES, 'any')(bare, NOW).claims).toBeNull()
    expect(m2mReader(RULES, 'any')({ ...bare, tier: 'gold' }, NOW).claims).toEqual({ tier: 'gold' })
  })

  test('lets no claim of the machine replace what is read', () => {
    const own = { id: 'x', subject: 'x', machineId: 'mch_x', tokenType: 'session_token', isAuthenticated: false }
    expect(read(own)).toMatchObject({ isAuthenticated: true, tokenType: 'm2m_token', machineId: MACHINE, claims: own })
  })

  test('hands out nothing that could be changed', () => {
    const own = { list: [{}] }
    const auth = read({ own, scopes: [HERE] })
    for (const part of [auth, auth.claims, auth.scopes, own, own.list, own.list[0]])
      expect(Object.isFrozen(part)).toBe(true)
  })
})
