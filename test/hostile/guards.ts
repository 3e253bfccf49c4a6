import type { Requirements } from '@clerk-auth/core'
import { requirements } from '../contract/requirements.js'
import { CLIENT, WORKER } from './token.js'

export const CALLERS = { worker: WORKER, cli: CLIENT } as const

/** Guards that ask for two things at once, of which the contract has none for sessions. */
export const TWO_THINGS = {
  'admin-with-feature': { role: 'org:admin', feature: 'invoices' },
  'permitted-on-plan': { permission: 'org:invoices:create', plan: 'gold' },
  'admin-reverified': { role: 'org:admin', reverification: 'strict' },
} as const satisfies Record<string, Requirements>

/** The requirement of the route that a path leads to. */
export function requirementAt(path: string): Requirements {
  const [, name = ''] = path.split(/[/?]/)
  if (!(name in TWO_THINGS || name in requirements)) return {}
  if (name in TWO_THINGS) return TWO_THINGS[name as keyof typeof TWO_THINGS]
  return requirements[name as keyof typeof requirements](() => 'x', CALLERS)
}
