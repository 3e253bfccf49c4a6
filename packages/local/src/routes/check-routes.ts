import type { LocalClerk } from '../local-clerk.js'
import type { Seed, SeedPersona } from '../seed/seed.js'
import { inParallel } from '../support/in-parallel.js'
import { badTokensOf } from './bad-tokens.js'
import { defaultIds } from './caller-ids.js'
import { isGuarded, oneOfEachChain } from './chains.js'
import { checkInstance } from './check-instance.js'
import type { Core } from './core.js'
import type { Finding } from './finding.js'
import type { Matrix } from './matrix.js'
import { matrixRows } from './matrix-rows.js'
import type { ParameterValues } from './path-parameters.js'
import { personasOf } from './persona.js'
import { createPredictor } from './prediction.js'
import { createProber } from './probe.js'
import { createProbeRoute, type ProbedRoute } from './probe-route.js'
import { labelOf, type Listing } from './route.js'
import { findingOf } from './route-finding.js'
import { unknownPathFinding } from './unknown-path.js'

export interface CheckOptions {
  readonly listing: Listing
  /** where the application serves */
  readonly url: string
  /** the instance that the application uses */
  readonly local: LocalClerk<Seed>
  /** the version that the application uses */
  readonly core: Core
  /** besides those of the instance */
  readonly personas: Readonly<Record<string, SeedPersona>>
  readonly azp: string | undefined
  readonly values: ParameterValues
  readonly timeoutInMs: number
  readonly callsHandlers: boolean
  readonly progress: (done: number, total: number) => void
}

const ROUTES_AT_ONCE = 16

export interface CheckResult {
  readonly matrix: Matrix
  /** in the order of the routes; then that of paths without a route */
  readonly findings: readonly Finding[]
  /** number of requests */
  readonly requests: number
}

/**
 * Calls each route as each persona, and compares the answers with what its guards say.
 *
 * @throws {Error} with one line if the application cannot be checked
 */
export async function checkRoutes(options: CheckOptions): Promise<CheckResult> {
  const { listing, local, progress } = options
  const { routes } = listing
  if (routes.length === 0) throw new Error('the application has no routes')
  const personas = await personasOf(options)
  const predictor = createPredictor(options.core)
  const prober = createProber(options)
  const probeRoute = createProbeRoute({
    ...options,
    framework: listing.framework,
    personas,
    predictor,
    prober,
    organizations: local.organizations,
    defaultIds: defaultIds(local),
  })
  try {
    await checkInstance(routes, probeRoute)
    const badTokensFor = badTokensOf(local)
    const getsBadTokens = oneOfEachChain(routes.filter(isGuarded))
    let done = 0
    const probed = await inParallel(routes, ROUTES_AT_ONCE, async (route) => {
      const result = await probeRoute(route, getsBadTokens.has(route) ? await badTokensFor(route) : [])
      progress(++done, routes.length)
      return result
    })
    return {
      matrix: { personas, rows: matrixRows(probed, personas, predictor) },
      findings: [...probed.flatMap(findingsOf), ...[(await unknownPathFinding(routes, prober)) ?? []].flat()],
      requests: prober.count(),
    }
  } finally {
    prober.close()
  }
}

function findingsOf(probed: ProbedRoute): readonly Finding[] {
  const text = findingOf(probed)
  return text === undefined ? [] : [{ route: labelOf(probed.route), text }]
}
