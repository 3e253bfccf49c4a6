import { describe, expect, test } from 'vitest'
import { parseJsonObject, type JsonObject } from '../../src/support/json.js'
import type { JwtRules } from '../../src/kinds/kind.js'
import { KINDS } from '../../src/kinds/kinds.js'
import { codeOf, NOW } from '../fixtures-tokens.js'
import { RULES } from './rules.js'

const SECONDS = NOW / 1000

function read(claims: object = {}, rules: Partial<JwtRules> = {}) {
  const times = { iat: SECONDS, nbf: SECONDS - 5, exp: SECONDS + 60 }
  const payload = JSON.stringify({ iss: 'https://clerk.example.com', sub: 'user_2a', ...times, ...claims })
  const reader = KINDS.jwt_template.jwt.reader({ ...RULES, ...rules })
  return reader(parseJsonObject(Buffer.from(payload)) as JsonObject, NOW)
}
const refusalOf = (...args: Parameters<typeof read>) => codeOf(() => read(...args))

describe('the reader of tokens from JWT templates', () => {
  test('returns the user, and the claims as the template made them', () => {
    const auth = read({ jti: '5f1c', plan: 'pro', nested: { list: [1] } })
    expect(auth).toMatchObject({
      isAuthenticated: true,
      tokenType: 'jwt_template',
      id: '5f1c',
      userId: 'user_2a',
      claims: { plan: 'pro', nested: { list: [1] }, sub: 'user_2a' },
      expiresAt: NOW + 60_000,
    })
    expect(Object.isFrozen(auth) && Object.isFrozen(auth.claims['nested'])).toBe(true)
  })

  test('gives the user no role, permission, feature or plan, whatever the template says', () => {
    const auth = read({ org_id: 'org_1', org_role: 'org:admin', org_permissions: ['org:a:b'], fea: 'o:x', pla: 'o:y' })
    for (const asked of [{ role: 'org:admin' }, { permission: 'org:a:b' }, { feature: 'x' }, { plan: 'y' }])
      expect(auth.has(asked)).toBe(false)
    expect(auth).not.toHaveProperty('orgId')
    expect(auth).not.toHaveProperty('sessionId')
  })

  test.each(['sub', 'exp', 'iss'])('needs the claim %s', (name) => {
    for (const value of [undefined, null, '', {}, [], true])
      expect([value, refusalOf({ [name]: value })]).toEqual([value, 'token-claim-invalid'])
  })

  test.each<[string, object, Partial<JwtRules>, string]>([
    ['of another issuer', { iss: 'https://other.example.com' }, {}, 'token-invalid-issuer'],
    ['that has expired', { iat: SECONDS - 60, nbf: SECONDS - 60, exp: SECONDS - 5 }, {}, 'token-expired'],
    ['for another audience', { aud: 'other' }, { audiences: ['api'] }, 'token-invalid-audience'],
    [
      'of another party',
      { azp: 'https://evil.example' },
      { authorizedParties: ['https://app.example.com'] },
      'token-invalid-authorized-parties',
    ],
  ])('refuses a token %s', (_name, claims, rules, code) => {
    expect(refusalOf(claims, rules)).toBe(code)
  })

  test('returns an empty id if the token has none', () => {
    expect(read().id).toBe('')
    expect(read({ jti: 5 }).id).toBe('')
  })
})
