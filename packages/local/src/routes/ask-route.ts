import type { BadToken } from '../bad-tokens/bad-token.js'
import {
  fillPath,
  idsOf,
  organizationOf,
  type CallerIds,
  type FilledPath,
  type Organizations,
  type ParameterValues,
} from './path-parameters.js'
import type { Persona } from './persona.js'
import type { Prediction, Predictor } from './prediction.js'
import type { Observation, Prober } from './probe.js'
import type { Listing, Route } from './route.js'

/** What a route answered to one caller, and what its guards say. */
export interface Answer {
  /** the persona, perhaps `for another organization` */
  readonly caller: string
  /** `undefined` for a request that is not the cell of a persona */
  readonly persona: Persona | undefined
  readonly prediction: Prediction
  readonly observation: Observation
}

/** Everything that a route answered, or why it was not asked. */
export type RouteAnswers = { readonly answers: readonly Answer[] } | { readonly notAsked: string }

export interface AskOptions {
  readonly framework: Listing['framework']
  readonly personas: readonly Persona[]
  readonly predictor: Predictor
  readonly prober: Prober
  readonly values: ParameterValues
  readonly organizations: Organizations
  /** for parameters that a caller has no id of its own for */
  readonly others: CallerIds
  readonly callsHandlers: boolean
}

export type AskRoute = (route: Route, badTokens: readonly BadToken[]) => Promise<RouteAnswers>

export function labelOf({ method, path }: Pick<Route, 'method' | 'path'>): string {
  return `${method} ${path}`
}

/** Creates a function that asks a route as each persona, and with bad tokens. */
export function createAskRoute(options: AskOptions): AskRoute {
  const { framework, personas, predictor, prober, values, organizations, others, callsHandlers } = options

  function pathFor(route: Route, ids: CallerIds): FilledPath | { readonly missing: string } {
    return fillPath(route.path, framework, { route: labelOf(route), values, ids })
  }

  async function ask(route: Route, badTokens: readonly BadToken[]): Promise<RouteAnswers> {
    const notAsked = reasonNotToAsk(route)
    if (notAsked !== undefined) return { notAsked }
    const answers: Answer[] = []
    for (const method of methodsOf(route)) {
      for (const persona of personas) answers.push(...(await askAs(persona, route, method)))
      for (const bad of badTokens) answers.push(await askWithBadToken(bad, route, method))
    }
    return { answers }
  }

  function reasonNotToAsk(route: Route): string | undefined {
    const { path, hasOwnHandler, isPathUnknown, uncertain } = route
    if (!hasOwnHandler && !callsHandlers)
      return `${uncertain ?? 'its handler cannot be replaced'}; --call-handlers would ask it, and run its handler`
    if (isPathUnknown || (!path.startsWith('/') && path !== '*'))
      return uncertain ?? 'its path is not a pattern that can be filled in'
    const filled = pathFor(route, others)
    return 'missing' in filled ? `give a value for its path parameter "${filled.missing}" with --params` : undefined
  }

  async function askAs(persona: Persona, route: Route, method: string): Promise<readonly Answer[]> {
    const { name, token, auth } = persona
    const filled = pathFor(route, idsOf(auth, others, organizations)) as FilledPath
    const own = {
      caller: name,
      persona,
      prediction: predictor.predict(route, auth),
      observation: await prober.probe({ method, path: filled.path, token, headers: route.headers }),
    }
    // A caller that may only see its own organization must not see another one.
    const other = otherOrganization(persona, organizations)
    if (!comparesOrganization(route) || !filled.hasOrganization || other === undefined) return [own]
    const elsewhere = pathFor(route, { ...idsOf(auth, others, organizations), ...other }) as FilledPath
    return [
      own,
      {
        caller: `${name} for another organization`,
        persona: undefined,
        prediction: predictor.predictElsewhere(route, auth),
        observation: await prober.probe({ method, path: elsewhere.path, token, headers: route.headers }),
      },
    ]
  }

  async function askWithBadToken({ name, token }: BadToken, route: Route, method: string): Promise<Answer> {
    const { path } = pathFor(route, others) as FilledPath
    return {
      caller: `a bad token (${name})`,
      persona: undefined,
      prediction: { mayPass: false, refusals: 'any' },
      observation: await prober.probe({ method, path, token, headers: route.headers }),
    }
  }

  return ask
}

/** A route for all methods is asked with one that has a body and one that has none. */
function methodsOf({ method }: Route): readonly string[] {
  return method === 'ALL' ? ['GET', 'POST'] : [method]
}

function comparesOrganization({ guards }: Route): boolean {
  return guards.some((guard) => !guard.isPublic && guard.requirements.some(({ org }) => org === 'of-request'))
}

/** An organization that is not the caller's, made up if there is only one; `undefined` if the caller has none. */
function otherOrganization(
  { auth }: Persona,
  organizations: Organizations,
): Pick<CallerIds, 'orgId' | 'orgSlug'> | undefined {
  const own = organizationOf(auth, organizations)
  if (!own) return undefined
  const other = Object.values(organizations).find(({ id }) => id !== own.id)
  return other ? { orgId: other.id, orgSlug: other.slug } : { orgId: `${own.id}x`, orgSlug: `${own.slug}-x` }
}
