import { describe, expect, test } from 'vitest'
import type { OpaquePolicy } from '../../src/introspection/introspection.js'
import { KINDS } from '../../src/kinds/kinds.js'
import { MACHINE_ID } from '../../src/kinds/m2m.js'
import { HOUR, ISSUER, NOW, SECOND } from '../fixtures.js'
import { ANSWERS, AUTHS, HERE, MACHINE, ORG, OTHER_MACHINE, USER } from '../fixtures-machines.js'
import { codeOf } from '../fixtures-tokens.js'
import { RULES } from './rules.js'

const IAT = NOW / SECOND
const { jwt, opaque } = KINDS.m2m_token

function readJwt(claims: object = {}, machineId: string | undefined = HERE) {
  const good = { iss: ISSUER, sub: MACHINE, jti: 'mt_1', iat: IAT, nbf: IAT, exp: IAT + 60, scopes: HERE }
  return jwt.reader({ ...RULES, machineId })({ ...good, ...claims }, NOW)
}
const refusalOf = (...args: Parameters<typeof readJwt>) => codeOf(() => readJwt(...args))

describe('the reader of M2M tokens in JWT form', () => {
  test('returns the machine that calls', () => {
    expect(readJwt({ tier: 'gold' })).toEqual({
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
    'refuses the subject %j, which is not the id of a machine',
    (sub) => {
      expect(refusalOf({ sub })).toBe('token-claim-invalid')
    },
  )

  test.each(['exp', 'iss'])('needs the claim %s', (name) => {
    expect(refusalOf({ [name]: undefined })).toBe('token-claim-invalid')
  })

  test.each<[string, object, string]>([
    ['another issuer', { iss: 'https://evil.example' }, 'token-invalid-issuer'],
    ['an expired token', { exp: IAT - 5, iat: 1, nbf: 1 }, 'token-expired'],
    ['a token that is not active yet', { nbf: IAT + 6 }, 'token-not-active-yet'],
    ['a token issued in the future', { iat: IAT + 6 }, 'token-iat-in-the-future'],
    ['an iat that is not a time', { iat: 'now' }, 'token-claim-invalid'],
  ])('refuses %s', (_name, claims, code) => {
    expect(refusalOf(claims)).toBe(code)
  })

  test('compares neither the audience nor the authorized party', () => {
    const rules = { ...RULES, machineId: HERE, audiences: ['api'], authorizedParties: ['https://app.example.com'] }
    expect(jwt.reader(rules)({ iss: ISSUER, sub: MACHINE, exp: IAT + 60, scopes: HERE }, NOW)).toMatchObject({
      machineId: MACHINE,
    })
  })

  test.each<[string, object]>([
    ['in scopes, as a string', { scopes: HERE }],
    ['in scopes, in a string of several', { scopes: `${OTHER_MACHINE} ${HERE}` }],
    ['in scopes, in a list', { scopes: [OTHER_MACHINE, HERE] }],
    ['in aud, if scopes is absent', { scopes: undefined, aud: HERE }],
    ['in aud as a list, if scopes is absent', { scopes: undefined, aud: [OTHER_MACHINE, HERE] }],
  ])('accepts a token that names this machine %s', (_name, claims) => {
    expect(readJwt(claims)).toMatchObject({ machineId: MACHINE })
  })

  test.each<[string, object]>([
    ['neither in scopes nor in aud', { scopes: undefined }],
    ['only in aud, while scopes names another', { scopes: OTHER_MACHINE, aud: HERE }],
    ['only in aud, while scopes is empty', { scopes: '', aud: HERE }],
    ['only in aud, while scopes is an empty list', { scopes: [], aud: HERE }],
    ['only in aud, while scopes is null', { scopes: null, aud: HERE }],
    ['only in aud, while scopes is a number', { scopes: 5, aud: HERE }],
    ['in a list that has a number too', { scopes: [HERE, 5] }],
    ['in an object', { scopes: { [HERE]: true } }],
    ['as a part of a name', { scopes: `${HERE}x` }],
    ['in an aud of several in one string', { scopes: undefined, aud: `${OTHER_MACHINE} ${HERE}` }],
    ['as the machine that calls', { scopes: undefined, sub: HERE }],
    ['in a claim of its own', { scopes: undefined, machineId: HERE, scope: HERE, scp: [HERE] }],
  ])('refuses a token that names this machine %s', (_name, claims) => {
    expect(refusalOf(claims)).toBe('machine-out-of-scope')
  })

  test.each<[string, readonly string[]]>([
    ['another machine', [OTHER_MACHINE]],
    ['the machine that calls', [MACHINE]],
    ['no machine', []],
    ['"any" machine', ['any']],
    ['this machine in upper case', [HERE.toUpperCase()]],
    ['several machines in one string', [`${HERE} ${OTHER_MACHINE}`]],
  ])('refuses a token for %s', (_name, scopes) => {
    expect(refusalOf({ scopes })).toBe('machine-out-of-scope')
  })

  test('accepts any scope if machineId is "any"', () => {
    expect(readJwt({ scopes: OTHER_MACHINE }, 'any')).toMatchObject({ scopes: [OTHER_MACHINE] })
    expect(readJwt({ scopes: ` ${OTHER_MACHINE}  ${HERE} ` }, 'any')).toMatchObject({ scopes: [OTHER_MACHINE, HERE] })
    expect(readJwt({ scopes: undefined }, 'any')).toMatchObject({ scopes: [] })
  })

  test('accepts no scope without a machineId', () => {
    const read = () => jwt.reader(RULES)({ iss: ISSUER, sub: MACHINE, exp: IAT + 60, scopes: HERE }, NOW)
    expect(codeOf(read)).toBe('machine-out-of-scope')
  })

  test('checks the scope last, so that an expired token learns nothing about scopes', () => {
    expect(refusalOf({ scopes: OTHER_MACHINE, exp: IAT - 5, iat: 1, nbf: 1 })).toBe('token-expired')
  })

  test.each([undefined, null, 5, ['mt_1']])('returns an empty id for the jti %j', (jti) => {
    expect(readJwt({ jti })).toMatchObject({ id: '' })
  })

  test("returns null as claims if all of them are registered, and the machine's own otherwise", () => {
    expect(readJwt({ scopes: undefined, aud: undefined }, 'any').claims).toEqual({ scopes: undefined, aud: undefined })
    const bare = { iss: ISSUER, sub: MACHINE, exp: IAT + 60 }
    const read = jwt.reader({ ...RULES, machineId: 'any' })
    expect(read(bare, NOW).claims).toBeNull()
    expect(read({ ...bare, tier: 'gold' }, NOW).claims).toEqual({ tier: 'gold' })
  })

  test("does not let the machine's own claims replace fields of the result", () => {
    const own = { id: 'x', subject: 'x', machineId: 'mch_x', tokenType: 'session_token', isAuthenticated: false }
    expect(readJwt(own)).toMatchObject({
      isAuthenticated: true,
      tokenType: 'm2m_token',
      machineId: MACHINE,
      claims: own,
    })
  })

  test('returns nothing that can be changed', () => {
    const own = { list: [{}] }
    const auth = readJwt({ own, scopes: [HERE] })
    for (const part of [auth, auth.claims, auth.scopes, own, own.list, own.list[0]])
      expect(Object.isFrozen(part)).toBe(true)
  })
})

describe("the reader of Clerk's answers about M2M tokens", () => {
  const read = (members: object = {}) => opaque.read({ ...ANSWERS.m2m_token, ...members }, NOW + HOUR)

  test('returns the machine that calls', () => {
    expect(read()).toEqual({
      isAuthenticated: true,
      tokenType: 'm2m_token',
      id: ANSWERS.m2m_token.id,
      subject: MACHINE,
      machineId: MACHINE,
      scopes: [HERE, OTHER_MACHINE],
      claims: { tier: 'gold' },
      expiresAt: NOW + HOUR,
      has: expect.any(Function) as unknown,
    })
  })

  test('returns an empty list if the answer has no scopes', () => {
    expect(read({ scopes: undefined })).toMatchObject({ scopes: [] })
  })

  test.each([null, undefined, 'tier', 5, ['tier']])('returns null for the claims %j', (claims) => {
    expect(read({ claims })).toMatchObject({ claims: null })
  })

  test.each([USER, ORG])('cannot read an answer with the subject %s', (subject) => {
    expect(read({ subject })).toBeUndefined()
  })

  test.each([
    ['the id of a user', [USER]],
    ['a scope of OAuth beside this machine', [HERE, 'invoices:read']],
    ['a name that is too long', [`${HERE}x`]],
  ])('cannot read an answer whose scopes hold %s', (_name, scopes) => {
    expect(read({ scopes })).toBeUndefined()
  })
})

describe('the scope of an opaque M2M token', () => {
  const scoped = (...scopes: string[]) => ({ ...AUTHS.m2m_token, scopes })

  /** The outcome of the check, and whether it was reported as impossible. */
  function check(scopes: readonly string[], policy: Partial<OpaquePolicy>) {
    let isUnchecked = false
    const given = { audiences: undefined, machineId: undefined, machineSecretKey: undefined, ...policy }
    const code = codeOf(() =>
      opaque.check(scoped(...scopes), { ...given, scopeUnchecked: () => void (isUnchecked = true) }),
    )
    return { code, isUnchecked }
  }
  const PASSED = { code: undefined, isUnchecked: false }
  const REFUSED = { code: 'machine-out-of-scope', isUnchecked: false }

  test.each<[string, readonly string[], object]>([
    ['this machine', [HERE], PASSED],
    ['this machine among others', [OTHER_MACHINE, HERE], PASSED],
    ['another machine', [OTHER_MACHINE], REFUSED],
    ['a longer name', [`${HERE}x`], REFUSED],
    ['no machine', [], REFUSED],
  ])('is compared with machineId if Clerk compared nothing: %s', (_name, scopes, expected) => {
    expect(check(scopes, { machineId: HERE })).toEqual(expected)
  })

  test('is compared with machineId, if the answer lists any, even if Clerk compared it', () => {
    const policy = { machineId: HERE, machineSecretKey: 'ak_machine' }
    expect(check([HERE], policy)).toEqual(PASSED)
    expect(check([OTHER_MACHINE], policy)).toEqual(REFUSED)
    expect(check([], policy)).toEqual(PASSED)
  })

  test('is not compared if machineId is "any", or if it is not set and Clerk compared it', () => {
    expect(check([OTHER_MACHINE], { machineId: 'any' })).toEqual(PASSED)
    expect(check([OTHER_MACHINE], { machineSecretKey: 'ak_machine' })).toEqual(PASSED)
  })

  test('is reported as unchecked if neither Clerk nor machineId can be used', () => {
    expect(check([OTHER_MACHINE], {})).toEqual({ code: undefined, isUnchecked: true })
  })
})

test.each(['', 'mch_', 'any', `${HERE}x`, HERE.slice(0, -1), `${HERE}\n`, ` ${HERE}`, HERE.replace('h', '-'), 'MCH_x'])(
  '%j is not the id of a machine',
  (id) => {
    expect(MACHINE_ID.test(id)).toBe(false)
  },
)
