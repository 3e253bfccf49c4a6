import type { Description } from './route.js'

// A registered symbol: core has it in the user's project, and maybe in several copies.
const DESCRIPTION = Symbol.for('clerk-auth.guard')

export function descriptionOf(value: unknown): Description | undefined {
  const isObject = typeof value === 'function' || (typeof value === 'object' && value !== null)
  return isObject ? (value as { readonly [DESCRIPTION]?: Description })[DESCRIPTION] : undefined
}

/** A function that a request meets on its way. */
export interface Step {
  readonly run: Function
  /** Whether the function answers, so that the request goes no further. */
  readonly answers: boolean
}

export interface GuardChain {
  readonly guards: readonly Description[]
  readonly guardsBehindHandler: readonly Description[]
}

/**
 * The guards of a route, from the ways that some of its requests take. A guard counts only if each of these requests
 * meets it before a function that answers.
 */
export function guardChain(ways: readonly (readonly Step[])[]): GuardChain {
  // Not those that a function before the route answers, unless it answers all.
  const reaching = ways.filter((way) => !way.slice(0, -1).some(({ answers }) => answers))
  const split = (reaching.length > 0 ? reaching : ways).map((way) => {
    const answer = way.findIndex(({ answers }) => answers)
    const end = answer < 0 ? way.length : answer
    return { before: described(way.slice(0, end)), behind: described(way.slice(end)) }
  })
  const guards = (split[0]?.before ?? []).filter((guard) => split.every(({ before }) => before.includes(guard)))
  const behind = new Set(split.flatMap((way) => way.behind).filter((guard) => !guards.includes(guard)))
  return {
    guards: guards.flatMap((guard) => descriptionOf(guard) ?? []),
    guardsBehindHandler: [...behind].flatMap((guard) => descriptionOf(guard) ?? []),
  }
}

function described(steps: readonly Step[]): readonly Function[] {
  return steps.map(({ run }) => run).filter((run) => descriptionOf(run))
}
