import type { Requirements } from '@clerk-auth/core'

/** Machines and clients that the requirements name. They are the same in every local instance. */
export interface Callers {
  readonly worker: string
  readonly cli: string
}

const TOKEN_TYPES = ['session_token', 'm2m_token', 'oauth_token', 'api_key', 'jwt_template'] as const

/** The requirements with which every adapter guards a route. `orgIdOf` reads a path parameter in the framework. */
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
  machine: () => ({ acceptsToken: 'm2m_token' }),
  worker: (_orgIdOf, { worker }) => ({ acceptsToken: 'm2m_token', machine: worker }),
  oauth: () => ({ acceptsToken: 'oauth_token' }),
  cli: (_orgIdOf, { cli }) => ({ acceptsToken: 'oauth_token', client: cli, scope: ['invoices:read'] }),
  'api-key': () => ({ acceptsToken: 'api_key' }),
  'api-key-scope': () => ({ acceptsToken: 'api_key', scope: 'invoices:read' }),
  'same-org-by-key': (orgIdOf) => ({ acceptsToken: ['api_key', 'oauth_token'], org: (request) => orgIdOf(request) }),
  'admin-or-worker': (_orgIdOf, { worker }) => [{ role: 'org:admin' }, { acceptsToken: 'm2m_token', machine: worker }],
  any: () => ({ acceptsToken: 'any' }),
  fresh: () => ({ fresh: true }),
  'fresh-any': () => ({ acceptsToken: [...TOKEN_TYPES], fresh: true }),
  'fresh-owner': () => ({ role: 'org:owner', fresh: true }),
  'fresh-check': () => ({ fresh: true, check: () => false }),
  'fresh-or-admin': () => [{ fresh: true }, { role: 'org:admin' }],
} as const satisfies Record<string, <R>(orgIdOf: (request: R) => unknown, callers: Callers) => Requirements<R>>

export type RequirementName = keyof typeof requirements
