import { describe, expect, test } from 'vitest'
import type { ClaimRules } from '../src/claims.js'
import { oauthReader } from '../src/read-oauth.js'
import { ISSUER, NOW, SECOND } from './fixtures.js'
import { CLIENT, ORG, USER } from './fixtures-machines.js'
import { codeOf } from './fixtures-tokens.js'

const RULES: ClaimRules = { issuers: [ISSUER], missingAzp: 'reject', clockSkewInMs: 5000 }
const IAT = NOW / SECOND

function read(claims: object = {}, rules: Partial<ClaimRules> = {}) {
  const good = { iss: ISSUER, sub: USER, client_id: CLIENT, jti: 'oat_1', iat: IAT, exp: IAT + 60, scope: 'a:read b' }
  return oauthReader({ ...RULES, ...rules })({ ...good, ...claims }, NOW)
}
const refusalOf = (...args: Parameters<typeof read>) => codeOf(() => read(...args))

describe('oauthReader', () => {
  test('gives the client and the user for whom it acts', () => {
    expect(read()).toEqual({
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

  test('gives what else the token says', () => {
    expect(read({ org_id: ORG, aud: 'https://api.example', act: { sub: 'user_support' } })).toMatchObject({
      orgId: ORG,
      audience: ['https://api.example'],
      actor: { sub: 'user_support' },
    })
  })

  test.each([undefined, null, 5, {}, { 0: 'api', length: 1 }, [5], ['api', 5], [['api']]])(
    'reads no audience from %j',
    (aud) => {
      expect(read({ aud }).audience).toBeUndefined()
    },
  )

  test.each([undefined, null])('reads nobody who acts from %j', (act) => {
    expect(read({ act }).actor).toBeUndefined()
  })

  test.each([undefined, null, '', 5, [ORG], {}])('reads no organization from %j', (orgId) => {
    expect(read({ org_id: orgId }).orgId).toBeUndefined()
  })

  test.each(['iss', 'sub', 'client_id', 'exp'])('needs the claim %s', (name) => {
    for (const value of [undefined, null, '', {}, [], true])
      expect([value, refusalOf({ [name]: value })]).toEqual([value, 'token-claim-invalid'])
  })

  test.each(['mch_aaaa', 'client_partner', 'user_', ' user_2a', 'user_2a\n', 'org_2a', 'xuser_2a'])(
    'refuses the subject %j, which is no user',
    (sub) => {
      expect(refusalOf({ sub })).toBe('token-claim-invalid')
    },
  )

  test.each<[string, object, Partial<ClaimRules>, string]>([
    ['another issuer', { iss: 'https://evil.example' }, {}, 'token-invalid-issuer'],
    ['a time that is over', { exp: IAT - 5, iat: 1 }, {}, 'token-expired'],
    ['a time that has not come', { nbf: IAT + 6 }, {}, 'token-not-active-yet'],
    ['an issue in the future', { iat: IAT + 6 }, {}, 'token-iat-in-the-future'],
    ['another audience', { aud: 'other' }, { audiences: ['api'] }, 'token-invalid-audience'],
    ['no audience, where one is asked for', {}, { audiences: ['api'] }, 'token-invalid-audience'],
  ])('refuses %s', (_name, claims, rules, code) => {
    expect(refusalOf(claims, rules)).toBe(code)
  })

  test('lets the audience pass that is asked for', () => {
    expect(read({ aud: ['other', 'api'] }, { audiences: ['api'] })).toMatchObject({ audience: ['other', 'api'] })
  })

  test.each<[string, object, readonly string[]]>([
    ['scp, a list', { scp: ['a', 'b'] }, ['a', 'b']],
    ['scp before scope', { scp: ['a'], scope: 'b c' }, ['a']],
    ['an empty scp before scope', { scp: [], scope: 'b c' }, []],
    ['a scp that is a text: nothing', { scp: 'a b', scope: 'c' }, []],
    ['a scp that is null: nothing', { scp: null, scope: 'c' }, []],
    ['a scp with what is no text: nothing', { scp: ['a', 5] }, []],
    ['scope, a text', { scope: ' a  b ' }, ['a', 'b']],
    ['an empty scope', { scope: '' }, []],
    ['a scope that is a list: nothing', { scope: ['a'] }, []],
    ['neither', { scope: undefined }, []],
  ])('reads the scopes from %s', (_name, claims, scopes) => {
    expect(read(claims).scopes).toEqual(scopes)
  })

  test.each([undefined, null, 5, ['oat_1']])('reads no id from the jti %j', (jti) => {
    expect(read({ jti })).toMatchObject({ id: '' })
  })

  test('hands out nothing that could be changed', () => {
    const auth = read({ scp: ['a'], act: { sub: 'x', nested: {} }, aud: ['api'] })
    for (const part of [auth, auth.scopes, auth.actor, auth.actor?.['nested'], auth.audience])
      expect(Object.isFrozen(part)).toBe(true)
  })
})
