import type { CallerAuth, Core } from './core.js'
import type { Description, RequirementDescription, Route } from './route.js'

/** What may happen to a caller on a route, according to its guards. */
export interface Prediction {
  readonly mayPass: boolean
  /** the codes with which it may be refused; `any` if guards are hidden */
  readonly refusals: ReadonlySet<string> | 'any'
}

/** What the functions of requirements would return. */
interface FunctionResults {
  /** whether the function of `org` returns the caller's active organization */
  readonly org: boolean
  readonly check: boolean
}

/** Predicts with the application's own version of core, so that no rule is written twice. */
export interface Predictor {
  readonly predict: (route: Pick<Route, 'guards' | 'uncertain'>, auth: CallerAuth) => Prediction
  /** The same for a request about an organization that is not the caller's. */
  readonly predictElsewhere: Predictor['predict']
}

export function createPredictor({ checkRequirement }: Pick<Core, 'checkRequirement'>): Predictor {
  function predict(
    route: Pick<Route, 'guards' | 'uncertain'>,
    auth: CallerAuth,
    orgResults: readonly boolean[],
  ): Prediction {
    // A route that is marked as public accepts every caller, unless a guard was added by mistake.
    if (route.guards.some(({ isPublic }) => isPublic)) return { mayPass: true, refusals: new Set() }
    const refusals = new Set<string>()
    let mayPass = true
    for (const guard of route.guards) {
      if (!mayPass) break
      const outcomes = outcomesOf(guard, auth, orgResults)
      for (const outcome of outcomes) if (outcome !== undefined) refusals.add(outcome)
      mayPass = outcomes.includes(undefined)
    }
    return { mayPass, refusals: route.uncertain === undefined ? refusals : 'any' }
  }

  /** The codes with which a guard may refuse the caller, and `undefined` if the caller may pass. */
  function outcomesOf(guard: Description, auth: CallerAuth, orgResults: readonly boolean[]): (string | undefined)[] {
    if (guard.isPublic) return [undefined]
    const { requirements } = guard
    const outcomes = new Set<string | undefined>()
    for (const results of allResults(requirements, orgResults)) {
      const rebuilt = requirements.map((requirement, i) => rebuild(requirement, auth, results[i]!))
      const outcome = checkRequirement(auth, rebuilt)?.code
      outcomes.add(outcome)
      if (outcome === undefined && requirements.some(({ fresh }) => fresh))
        FRESH_CODES.forEach((code) => outcomes.add(code))
    }
    return [...outcomes]
  }

  return {
    predict: (route, auth) => predict(route, auth, [true, false]),
    predictElsewhere: (route, auth) => predict(route, auth, [false]),
  }
}

/** What Clerk may say about a session or token that is asked about now. */
const FRESH_CODES = ['token-revoked', 'token-type-mismatch', 'token-not-found']

/** Every combination of what the functions of a guard may return: for a guard with many of them, all the same or none. */
function allResults(
  requirements: readonly RequirementDescription[],
  orgResults: readonly boolean[],
): readonly FunctionResults[][] {
  const each = requirements.map(({ org, check }) =>
    (org === 'of-request' ? orgResults : [true]).flatMap((org) =>
      (check ? [true, false] : [true]).map((check) => ({ org, check })),
    ),
  )
  const count = each.reduce((product, options) => product * options.length, 1)
  if (count > MAX_COMBINATIONS) return [each.map((options) => options[0]!), each.map((options) => options.at(-1)!)]
  return each.reduce<FunctionResults[][]>(
    (combinations, options) => combinations.flatMap((before) => options.map((option) => [...before, option])),
    [[]],
  )
}

const MAX_COMBINATIONS = 256

/** A requirement with the fields of a description, in which functions return the given answers. */
function rebuild(
  { org, check, fresh, ...fields }: RequirementDescription,
  { orgId }: CallerAuth,
  results: FunctionResults,
): object {
  // Only a guard can ask Clerk.
  void fresh
  return {
    ...fields,
    ...(org !== undefined && { org: org === 'active' ? true : () => (results.org ? orgId : 'another organization') }),
    ...(check !== undefined && { check: () => results.check }),
  }
}
