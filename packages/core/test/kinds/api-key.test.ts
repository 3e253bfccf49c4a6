import { describe, expect, test } from 'vitest'
import { KINDS } from '../../src/kinds/kinds.js'
import { HOUR, NOW } from '../fixtures.js'
import { ANSWERS, MACHINE, ORG, USER } from '../fixtures-machines.js'

function read(members: object = {}) {
  return KINDS.api_key.opaque.read({ ...ANSWERS.api_key, ...members }, NOW + HOUR)
}

describe("the reader of Clerk's answers about API keys", () => {
  test.each([
    ['a user', USER, { userId: USER, orgId: null }],
    ['an organization', ORG, { userId: null, orgId: ORG }],
    ['a machine', MACHINE, { userId: null, orgId: null }],
  ])('returns the owner: %s', (_name, subject, ids) => {
    expect(read({ subject })).toEqual({
      isAuthenticated: true,
      tokenType: 'api_key',
      id: ANSWERS.api_key.id,
      subject,
      name: 'deploy',
      scopes: ['deploy'],
      claims: null,
      ...ids,
      expiresAt: NOW + HOUR,
      has: expect.any(Function) as unknown,
    })
  })

  test.each([undefined, null, '', 5])('cannot read an answer with the name %j', (name) => {
    expect(read({ name })).toBeUndefined()
  })

  test.each([undefined, null])('cannot read an answer with the scopes %j', (scopes) => {
    expect(read({ scopes })).toBeUndefined()
  })

  test('returns the claims, and null for those that are not an object', () => {
    expect(read({ claims: { tier: 'gold' } })).toMatchObject({ claims: { tier: 'gold' } })
    for (const claims of [null, undefined, 'tier', 5, ['tier']])
      expect(read({ claims })).toMatchObject({ claims: null })
  })
})
