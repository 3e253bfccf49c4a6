import type { Case } from '../case.js'

/** Prefixes the names of cases. */
export function within(prefix: string): (one: Case) => Case {
  return (one) => ({ ...one, name: `${prefix}: ${one.name}` })
}
