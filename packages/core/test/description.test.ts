import { describe, expect, it } from 'vitest'
import { described, describeGuard, guardDescription, PUBLIC } from '../src/guard/description.js'
import type { Requirements } from '../src/guard/requirement.js'

function descriptionOf(requirement: Requirements<any>) {
  const description = describeGuard(described(() => {}, guardDescription(requirement)))
  return JSON.parse(JSON.stringify(description))
}

describe('describeGuard', () => {
  it('says what each field of a requirement asks for, single values as lists', () => {
    const reverification = { level: 'first_factor', afterMinutes: 5 } as const
    expect(
      descriptionOf({
        org: true,
        role: 'org:admin',
        permission: ['org:invoices:read', 'org:invoices:create'],
        feature: 'export',
        plan: ['org:pro'],
        impersonation: 'deny',
        reverification,
        fresh: true,
      }),
    ).toEqual({
      isPublic: false,
      requirements: [
        {
          acceptsToken: ['session_token'],
          org: 'active',
          role: ['org:admin'],
          permission: ['org:invoices:read', 'org:invoices:create'],
          feature: ['export'],
          plan: ['org:pro'],
          impersonation: 'deny',
          reverification,
          fresh: true,
        },
      ],
    })
  })

  it('says that functions of the application decide, without the functions', () => {
    expect(descriptionOf({ org: () => 'org_2a', check: () => true }).requirements).toEqual([
      { acceptsToken: ['session_token'], org: 'of-request', check: true },
    ])
  })

  it('lists alternatives, and the kinds that "any" stands for', () => {
    const { requirements } = descriptionOf([
      { acceptsToken: 'm2m_token', machine: 'mch_2a' },
      { acceptsToken: ['oauth_token', 'api_key'], scope: ['read', 'write'] },
      { acceptsToken: 'any' },
    ])
    expect(requirements).toEqual([
      { acceptsToken: ['m2m_token'], machine: ['mch_2a'] },
      { acceptsToken: ['oauth_token', 'api_key'], scope: ['read', 'write'] },
      { acceptsToken: ['m2m_token', 'oauth_token', 'api_key', 'session_token'] },
    ])
  })

  it('cannot be changed, not even through the lists of the requirement', () => {
    const role = ['org:admin']
    const description = guardDescription({ role })
    role.push('org:member')
    expect(description.requirements[0]?.role).toEqual(['org:admin'])
    expect(() => (description.requirements[0]!.role as string[]).push('org:member')).toThrow(TypeError)
    expect(() => Object.assign(description.requirements[0]!, { role: [] })).toThrow(TypeError)
  })

  it('tells public routes from values without a description', () => {
    expect(describeGuard(described({}, PUBLIC))).toEqual({ isPublic: true })
    for (const other of [() => {}, {}, null, undefined, 'requireAuth']) expect(describeGuard(other)).toBeUndefined()
  })
})
