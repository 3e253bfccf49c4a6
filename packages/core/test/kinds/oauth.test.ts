import { describe, expect, test } from 'vitest'
import type { JwtRules } from '../../src/kinds/kind.js'
import { KINDS } from '../../src/kinds/kinds.js'
import { HOUR, ISSUER, NOW, SECOND } from '../fixtures.js'
import { ANSWERS, CLIENT, MACHINE, ORG, USER } from '../fixtures-machines.js'
import { codeOf } from '../fixtures-tokens.js'
import { RULES } from './rules.js'

const IAT = NOW / SECOND
const { jwt, opaque } = KINDS.oauth_token

function readJwt(claims: object = {}, rules: Partial<JwtRules> = {}) {
  const good = { iss: ISSUER, sub: USER, client_id: CLIENT, jti: 'oat_1', iat: IAT, exp: IAT + 60, scope: 'a:read b' }
  return jwt.reader({ ...RULES, ...rules })({ ...good, ...claims }, NOW)
}
const refusalOf = (...args: Parameters<typeof readJwt>) => codeOf(() => readJwt(...args))

describe('the reader of OAuth tokens in JWT form', () => {
  test('returns the client and the user that it acts for', () => {
    expect(readJwt()).toEqual({
      isAuthenticated: true,
      tokenType: 'oauth_token',
      id: 'oat_1',
      subject: USER,
      userId: USER,
      clientId: CLIENT,
      scopes: ['a:read', 'b'],
      orgId: undefined,
      audience: undefined,
      actor: undefined,
      expiresAt: NOW + 60 * SECOND,
      has: expect.any(Function) as unknown,
    })
  })

  test('returns the organization, the audience and the actor', () => {
    expect(readJwt({ org_id: ORG, aud: 'https://api.example', act: { sub: 'user_support' } })).toMatchObject({
      orgId: ORG,
      audience: ['https://api.example'],
      actor: { sub: 'user_support' },
    })
  })

  test.each([undefined, null, 5, {}, { 0: 'api', length: 1 }, [5], ['api', 5], [['api']]])(
    'ignores the malformed audience %j',
    (aud) => {
      expect(readJwt({ aud }).audience).toBeUndefined()
    },
  )

  test.each([undefined, null])('returns no actor for the act %j', (act) => {
    expect(readJwt({ act }).actor).toBeUndefined()
  })

  test.each([undefined, null, '', 5, [ORG], {}])('ignores the malformed organization %j', (orgId) => {
    expect(readJwt({ org_id: orgId }).orgId).toBeUndefined()
  })

  test.each(['iss', 'sub', 'client_id', 'exp'])('needs the claim %s', (name) => {
    for (const value of [undefined, null, '', {}, [], true])
      expect([value, refusalOf({ [name]: value })]).toEqual([value, 'token-claim-invalid'])
  })

  test.each(['mch_aaaa', 'client_partner', 'user_', ' user_2a', 'user_2a\n', 'org_2a', 'xuser_2a'])(
    'refuses the subject %j, which is not the id of a user',
    (sub) => {
      expect(refusalOf({ sub })).toBe('token-claim-invalid')
    },
  )

  test.each<[string, object, Partial<JwtRules>, string]>([
    ['another issuer', { iss: 'https://evil.example' }, {}, 'token-invalid-issuer'],
    ['an expired token', { exp: IAT - 5, iat: 1 }, {}, 'token-expired'],
    ['a token that is not active yet', { nbf: IAT + 6 }, {}, 'token-not-active-yet'],
    ['a token issued in the future', { iat: IAT + 6 }, {}, 'token-iat-in-the-future'],
    ['another audience', { aud: 'other' }, { audiences: ['api'] }, 'token-invalid-audience'],
    ['no audience, if one is required', {}, { audiences: ['api'] }, 'token-invalid-audience'],
  ])('refuses %s', (_name, claims, rules, code) => {
    expect(refusalOf(claims, rules)).toBe(code)
  })

  test('accepts the required audience, and does not compare the authorized party', () => {
    const rules = { audiences: ['api'], authorizedParties: ['https://app.example.com'] }
    expect(readJwt({ aud: ['other', 'api'] }, rules)).toMatchObject({ audience: ['other', 'api'] })
  })

  test.each<[string, object, readonly string[]]>([
    ['scp, a list', { scp: ['a', 'b'] }, ['a', 'b']],
    ['scp before scope', { scp: ['a'], scope: 'b c' }, ['a']],
    ['an empty scp before scope', { scp: [], scope: 'b c' }, []],
    ['a scp that is a string: nothing', { scp: 'a b', scope: 'c' }, []],
    ['a scp that is null: nothing', { scp: null, scope: 'c' }, []],
    ['a scp with a number in it: nothing', { scp: ['a', 5] }, []],
    ['scope, a string', { scope: ' a  b ' }, ['a', 'b']],
    ['an empty scope', { scope: '' }, []],
    ['a scope that is a list: nothing', { scope: ['a'] }, []],
    ['neither', { scope: undefined }, []],
  ])('reads the scopes from %s', (_name, claims, scopes) => {
    expect(readJwt(claims).scopes).toEqual(scopes)
  })

  test.each([undefined, null, 5, ['oat_1']])('returns an empty id for the jti %j', (jti) => {
    expect(readJwt({ jti })).toMatchObject({ id: '' })
  })

  test('returns nothing that can be changed', () => {
    const auth = readJwt({ scp: ['a'], act: { sub: 'x', nested: {} }, aud: ['api'] })
    for (const part of [auth, auth.scopes, auth.actor, auth.actor?.['nested'], auth.audience])
      expect(Object.isFrozen(part)).toBe(true)
  })
})

describe("the reader of Clerk's answers about OAuth tokens", () => {
  const read = (members: object = {}) => opaque.read({ ...ANSWERS.oauth_token, ...members }, NOW + HOUR)

  test('returns the client and the user that it acts for', () => {
    expect(read()).toEqual({
      isAuthenticated: true,
      tokenType: 'oauth_token',
      id: ANSWERS.oauth_token.id,
      subject: USER,
      userId: USER,
      clientId: CLIENT,
      scopes: ['invoices:read', 'profile'],
      orgId: undefined,
      audience: undefined,
      actor: undefined,
      expiresAt: NOW + HOUR,
      has: expect.any(Function) as unknown,
    })
  })

  test('returns the organization, the audience and the actor', () => {
    expect(read({ org_id: ORG, aud: 'https://api.example.com', act: { sub: 'user_support' } })).toMatchObject({
      orgId: ORG,
      audience: ['https://api.example.com'],
      actor: { sub: 'user_support' },
    })
  })

  test.each([undefined, null, '', 5])('cannot read an answer with the client %j', (clientId) => {
    expect(read({ client_id: clientId })).toBeUndefined()
  })

  test.each([MACHINE, ORG])('cannot read an answer with the subject %s', (subject) => {
    expect(read({ subject })).toBeUndefined()
  })

  test.each([undefined, null])('cannot read an answer with the scopes %j', (scopes) => {
    expect(read({ scopes })).toBeUndefined()
  })
})
