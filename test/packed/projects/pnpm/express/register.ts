import { requireAuth, type Permission, type Role, type SessionAuth } from '@clerk-auth/express'
// @ts-expect-error -- core is a dependency of the adapter, not of the project
export type * from '@clerk-auth/core'

declare module '@clerk-auth/express' {
  interface Register {
    claims: { plan: 'free' | 'pro' }
    role: 'org:admin' | 'org:member'
    permission: 'org:invoices:create' | 'org:invoices:read'
  }
}

requireAuth({ role: 'org:admin', permission: ['org:invoices:create', 'org:invoices:read'] })
requireAuth([{ role: ['org:admin', 'org:member'] }, { check: (auth) => auth.sessionClaims.plan === 'pro' }])
// @ts-expect-error -- misspelt
requireAuth({ role: 'org:amdin' })
// @ts-expect-error -- misspelt, in a list
requireAuth({ role: ['org:admin', 'org:membre'] })
// @ts-expect-error -- misspelt
requireAuth({ permission: 'org:invoice:create' })
// @ts-expect-error -- unknown plan
requireAuth({ check: (auth) => auth.sessionClaims.plan === 'gold' })
// @ts-expect-error -- unknown claim
requireAuth({ check: (auth) => auth.sessionClaims.price === 0 })

export function facts(auth: SessionAuth) {
  const role: Role | undefined = auth.orgRole
  const permissions: readonly Permission[] | undefined = auth.orgPermissions
  const plan: 'free' | 'pro' = auth.sessionClaims.plan
  // @ts-expect-error -- misspelt
  const isAdmin = auth.orgRole === 'org:amdin'
  // @ts-expect-error -- misspelt
  return { role, permissions, plan, isAdmin, may: auth.has({ permission: 'org:invoice:read' }) }
}
