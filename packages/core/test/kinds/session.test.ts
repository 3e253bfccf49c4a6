import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/support/json.js'
import type { JwtRules } from '../../src/kinds/kind.js'
import { KINDS } from '../../src/kinds/kinds.js'
import { codeOf, NOW, sessionClaims } from '../fixtures-tokens.js'
import { RULES } from './rules.js'

function read(claims: object = {}, rules: Partial<JwtRules> = {}) {
  const reader = KINDS.session_token.jwt.reader({ ...RULES, ...rules })
  return reader(sessionClaims(claims as never) as JsonObject, NOW)
}
const refusalOf = (...args: Parameters<typeof read>) => codeOf(() => read(...args))

describe('the reader of session tokens', () => {
  test('returns the user who is signed in', () => {
    expect(read()).toMatchObject({
      isAuthenticated: true,
      tokenType: 'session_token',
      userId: 'user_2a',
      sessionId: 'sess_2a',
      expiresAt: NOW + 60_000,
    })
  })

  test("returns the rest of the claims under Clerk's names", () => {
    const o = { id: 'org_2a', slg: 'acme', rol: 'admin', per: 'read', fpm: '1' }
    const auth = read({ o, fea: 'o:teams', act: { sub: 'user_support' }, fva: [5, -1], sts: 'active' })
    expect(auth).toMatchObject({
      orgId: 'org_2a',
      orgSlug: 'acme',
      orgRole: 'org:admin',
      orgPermissions: ['org:teams:read'],
      actor: { sub: 'user_support' },
      factorVerificationAge: [5, -1],
      sessionStatus: 'active',
      sessionClaims: { sub: 'user_2a', sid: 'sess_2a', fea: 'o:teams' },
    })
    expect(auth.has({ role: 'admin' })).toBe(true)
    expect(Object.isFrozen(auth)).toBe(true)
  })

  test.each([undefined, null])('ignores an act and a fva that are %j', (value) => {
    expect(read({ act: value, fva: value })).toMatchObject({ actor: undefined, factorVerificationAge: null })
  })

  test.each([undefined, null, 'revoked', 'Active', '', 1, ['active']])('ignores the unknown status %j', (sts) => {
    expect(read({ sts }).sessionStatus).toBeNull()
  })

  test.each(['sub', 'sid', 'iat', 'exp', 'iss'])('needs the claim %s', (name) => {
    for (const value of [undefined, null, '', {}, [], true])
      expect([value, refusalOf({ [name]: value })]).toEqual([value, 'token-claim-invalid'])
  })

  test.each<[string, object, Partial<JwtRules>, string]>([
    ['another issuer', { iss: 'https://evil.example' }, {}, 'token-invalid-issuer'],
    ['an expired token', { exp: 2, iat: 1, nbf: 1 }, {}, 'token-expired'],
    ['another audience', { aud: 'other' }, { audiences: ['api'] }, 'token-invalid-audience'],
    ['another party', { azp: 'x' }, { authorizedParties: ['y'] }, 'token-invalid-authorized-parties'],
  ])('refuses %s', (_name, claims, rules, code) => {
    expect(refusalOf(claims, rules)).toBe(code)
  })

  test('refuses a pending session, unless the configuration accepts it', () => {
    expect(refusalOf({ sts: 'pending' })).toBe('session-pending')
    expect(read({ sts: 'pending' }, { treatPendingAsSignedOut: false })).toMatchObject({ sessionStatus: 'pending' })
    expect(read({ sts: 'active' })).toMatchObject({ sessionStatus: 'active' })
  })

  test('checks the claims before the status', () => {
    expect(refusalOf({ sts: 'pending', exp: 2, iat: 1, nbf: 1 })).toBe('token-expired')
  })
})
