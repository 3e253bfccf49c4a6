import type { Requirements } from '@clerk-auth/core'

/** The requirements that every adapter guards a route with. `orgIdOf` is the framework's way to a path parameter. */
export const requirements = {
  admin: () => ({ role: 'org:admin' }),
  'admin-or-member': () => ({ role: ['org:admin', 'org:member'] }),
  'invoices-create': () => ({ permission: 'org:invoices:create' }),
  'any-org': () => ({ org: true }),
  'same-org': (orgIdOf) => ({ org: (request) => orgIdOf(request) }),
  'org-of-nothing': () => ({ org: () => undefined }),
  'org-throws': () => ({
    org: () => {
      throw new Error('a bug of the application')
    },
  }),
  reverified: () => ({ reverification: 'strict' }),
  'no-impersonation': () => ({ impersonation: 'deny' }),
  'either-way': () => [{ role: 'org:owner' }, { permission: 'org:invoices:create' }],
  'check-true': () => ({ check: async () => true }),
  'check-truthy': () => ({ check: (() => 'yes') as unknown as () => boolean }),
  'check-rejects': () => ({
    check: async () => {
      throw new Error('a bug of the application')
    },
  }),
} as const satisfies Record<string, <R>(orgIdOf: (request: R) => unknown) => Requirements<R>>

export type RequirementName = keyof typeof requirements
