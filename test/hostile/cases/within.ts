import type { Case } from '../case.js'

/** Says of cases what they are about, where their names alone do not. */
export function within(what: string): (one: Case) => Case {
  return (one) => ({ ...one, name: `${what}: ${one.name}` })
}
