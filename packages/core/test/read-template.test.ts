import { describe, expect, test } from 'vitest'
import type { ClaimRules } from '../src/claims.js'
import { parseJsonObject, type JsonObject } from '../src/json.js'
import { templateReader } from '../src/read-template.js'
import { codeOf, NOW } from './fixtures-tokens.js'

const SECONDS = NOW / 1000
const RULES: ClaimRules = { issuers: ['https://clerk.example.com'], missingAzp: 'reject', clockSkewInMs: 5000 }

function read(claims: object = {}, rules: Partial<ClaimRules> = {}) {
  const times = { iat: SECONDS, nbf: SECONDS - 5, exp: SECONDS + 60 }
  const text = JSON.stringify({ iss: 'https://clerk.example.com', sub: 'user_2a', ...times, ...claims })
  return templateReader({ ...RULES, ...rules })(parseJsonObject(Buffer.from(text)) as JsonObject, NOW)
}
const refusalOf = (...args: Parameters<typeof read>) => codeOf(() => read(...args))

describe('templateReader', () => {
  test('gives the user, and the claims as the template made them', () => {
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

  test('answers no question about roles and the like, whatever the template says', () => {
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

  test.each<[string, object, Partial<ClaimRules>, string]>([
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

  test('has an empty id where the token has none', () => {
    expect(read().id).toBe('')
    expect(read({ jti: 5 }).id).toBe('')
  })
})
