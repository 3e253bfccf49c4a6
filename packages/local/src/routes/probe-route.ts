import type { BadToken } from '../bad-tokens/bad-token.js'
import { callerIds, otherOrganizationIds, type CallerIds, type Organizations } from './caller-ids.js'
import { fillPath, type FilledPath, type ParameterValues } from './path-parameters.js'
import type { Persona } from './persona.js'
import type { Prediction, Predictor } from './prediction.js'
import type { Observation, Prober } from './probe.js'
import { labelOf, type Listing, type Route } from './route.js'

/** How a route answered one caller, and what its guards say. */
export interface ProbeResult {
  /** the persona, perhaps `for another organization` */
  readonly caller: string
  /** `undefined` for a request that is not the cell of a persona */
  readonly persona: Persona | undefined
  readonly prediction: Prediction
  readonly observation: Observation
}

/** The results of all callers, or why the route was not probed. */
export type ProbedRoute = { readonly route: Route } & (
  { readonly results: readonly ProbeResult[] } | { readonly notProbed: string }
)

export interface ProbeRouteOptions {
  readonly framework: Listing['framework']
  readonly personas: readonly Persona[]
  readonly predictor: Predictor
  readonly prober: Prober
  readonly values: ParameterValues
  readonly organizations: Organizations
  /** for callers without an id of their own */
  readonly defaultIds: CallerIds
  readonly callsHandlers: boolean
}

export type ProbeRoute = (route: Route, badTokens: readonly BadToken[]) => Promise<ProbedRoute>

/** Creates a function that calls a route as each persona, and with bad tokens. */
export function createProbeRoute(options: ProbeRouteOptions): ProbeRoute {
  const { framework, personas, predictor, prober, values, organizations, defaultIds, callsHandlers } = options

  async function probeRoute(route: Route, badTokens: readonly BadToken[]): Promise<ProbedRoute> {
    const notProbed = reasonNotToProbe(route)
    if (notProbed !== undefined) return { route, notProbed }
    const results: ProbeResult[] = []
    for (const method of methodsOf(route)) {
      for (const persona of personas) results.push(...(await probeAs(persona, route, method)))
      for (const bad of badTokens) results.push(await probeWithBadToken(bad, route, method))
    }
    return { route, results }
  }

  function reasonNotToProbe(route: Route): string | undefined {
    const { path, hasOwnHandler, isPathUnknown, uncertain } = route
    if (!hasOwnHandler && !callsHandlers)
      return `${uncertain ?? 'its handler cannot be replaced'}; with --call-handlers it is called, and its handler runs`
    if (isPathUnknown || (!path.startsWith('/') && path !== '*'))
      return uncertain ?? 'its path is not a pattern that can be filled in'
    const filled = pathFor(route, defaultIds)
    return 'missing' in filled ? `give a value for its path parameter "${filled.missing}" with --params` : undefined
  }

  async function probeAs(persona: Persona, route: Route, method: string): Promise<readonly ProbeResult[]> {
    const { name, token, auth } = persona
    const ids = callerIds(auth, defaultIds, organizations)
    const filled = pathFor(route, ids) as FilledPath
    const own = {
      caller: name,
      persona,
      prediction: predictor.predict(route, auth),
      observation: await prober.probe({ method, path: filled.path, token, headers: route.headers }),
    }
    // A caller that may only see its own organization must not see another one.
    const other = otherOrganizationIds(auth, organizations)
    if (!comparesOrganization(route) || !filled.hasOrganization || other === undefined) return [own]
    const elsewhere = pathFor(route, { ...ids, ...other }) as FilledPath
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

  async function probeWithBadToken({ name, token }: BadToken, route: Route, method: string): Promise<ProbeResult> {
    const { path } = pathFor(route, defaultIds) as FilledPath
    return {
      caller: `a bad token (${name})`,
      persona: undefined,
      prediction: { mayPass: false, refusals: 'any' },
      observation: await prober.probe({ method, path, token, headers: route.headers }),
    }
  }

  function pathFor(route: Route, ids: CallerIds): FilledPath | { readonly missing: string } {
    return fillPath(route.path, framework, { route: labelOf(route), values, ids })
  }

  return probeRoute
}

/** A route for all methods is called with one that has a body and one that has none. */
function methodsOf({ method }: Route): readonly string[] {
  return method === 'ALL' ? ['GET', 'POST'] : [method]
}

function comparesOrganization({ guards }: Route): boolean {
  return guards.some((guard) => !guard.isPublic && guard.requirements.some(({ org }) => org === 'of-request'))
}
