import type { Requirements } from '@clerk-auth/core'
import { requirements } from '../contract/requirements.js'
import { CLIENT, WORKER } from './token.js'

export const CALLERS = { worker: WORKER, cli: CLIENT } as const

/** Guards with two requirements on a session, which the contract tests do not have. */
export const TWO_REQUIREMENTS = {
  'admin-with-feature': { role: 'org:admin', feature: 'invoices' },
  'permitted-on-plan': { permission: 'org:invoices:create', plan: 'gold' },
  'admin-reverified': { role: 'org:admin', reverification: 'strict' },
} as const satisfies Record<string, Requirements>

/** The requirement of the route that matches a path. */
export function requirementAt(path: string): Requirements {
  const [, name = ''] = path.split(/[/?]/)
  if (!(name in TWO_REQUIREMENTS || name in requirements)) return {}
  if (name in TWO_REQUIREMENTS) return TWO_REQUIREMENTS[name as keyof typeof TWO_REQUIREMENTS]
  return requirements[name as keyof typeof requirements](() => 'x', CALLERS)
}
