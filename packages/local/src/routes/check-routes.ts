import type { LocalClerk } from '../local-clerk.js'
import type { Seed, SeedPersona } from '../seed/seed.js'
import { inParallel } from '../support/in-parallel.js'
import { createAskRoute, labelOf, type RouteAnswers } from './ask-route.js'
import { badTokensOf } from './bad-tokens.js'
import { isGuarded, oneOfEachChain } from './chains.js'
import { checkInstance } from './check-instance.js'
import type { Core } from './core.js'
import { findingOfUnknownPath } from './fallback.js'
import type { Finding } from './finding.js'
import { guardInWords } from './guard-words.js'
import { CANNOT_TELL, PASSES, type Matrix, type Row } from './matrix.js'
import type { CallerIds, ParameterValues } from './path-parameters.js'
import { personasOf, type Persona } from './persona.js'
import { createPredictor, type Predictor } from './prediction.js'
import { createProber, PROBES_AT_ONCE } from './probe.js'
import type { Listing, Route } from './route.js'
import { findingOf } from './route-finding.js'

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

export interface Checked {
  readonly matrix: Matrix
  /** in the order of the routes; then that of paths without a route */
  readonly findings: readonly Finding[]
  readonly probes: number
}

/**
 * Asks each route as each persona, and compares the answers with what its guards say.
 *
 * @throws {Error} with one line if the application cannot be checked
 */
export async function checkRoutes(options: CheckOptions): Promise<Checked> {
  const { listing, local, progress } = options
  const { routes } = listing
  if (routes.length === 0) throw new Error('the application has no routes')
  const personas = await personasOf(options)
  const predictor = createPredictor(options.core)
  const prober = createProber(options)
  const ask = createAskRoute({
    ...options,
    framework: listing.framework,
    personas,
    predictor,
    prober,
    organizations: local.organizations,
    others: idsOfOthers(local),
  })
  try {
    await checkInstance(routes, ask)
    const badTokensFor = badTokensOf(local)
    const getsBadTokens = oneOfEachChain(routes.filter(isGuarded))
    const asked = new Map<Route, RouteAnswers>()
    await inParallel(routes, PROBES_AT_ONCE, async (route) => {
      asked.set(route, await ask(route, getsBadTokens.has(route) ? await badTokensFor(route) : []))
      progress(asked.size, routes.length)
    })
    const ofUnknownPath = await findingOfUnknownPath(routes, prober)
    return {
      matrix: {
        personas,
        rows: rowsOf(routes, (route) => cellsOf(route, asked.get(route)!, personas, predictor)),
      },
      findings: [
        ...routes.flatMap((route) => findingsOf(route, asked.get(route)!)),
        ...(ofUnknownPath ? [ofUnknownPath] : []),
      ],
      probes: prober.count(),
    }
  } finally {
    prober.close()
  }
}

function findingsOf(route: Route, asked: RouteAnswers): readonly Finding[] {
  const text = findingOf(route, asked)
  return text === undefined ? [] : [{ route: labelOf(route), text }]
}

function idsOfOthers({ people, organizations, machines }: LocalClerk<Seed>): CallerIds {
  const [person] = Object.values(people)
  const [organization] = Object.values(organizations)
  const [machine] = Object.values(machines)
  return {
    userId: person?.id ?? 'user_none',
    orgId: organization?.id ?? 'org_none',
    orgSlug: organization?.slug ?? 'none',
    machineId: machine?.id ?? 'mch_none',
  }
}

/** Sorted by path. A second route with the same method and path is marked. */
function rowsOf(routes: readonly Route[], cellsOf: (route: Route) => Row['cells']): readonly Row[] {
  const counts = new Map<string, number>()
  const rows = routes.map((route) => {
    const label = labelOf(route)
    const count = (counts.get(label) ?? 0) + 1
    counts.set(label, count)
    const row = {
      route: count === 1 ? label : `${label} (${count})`,
      guard: guardInWords(route),
      cells: cellsOf(route),
    }
    return { row, path: route.path }
  })
  return rows.sort((a, b) => compare(a.path, b.path) || compare(a.row.route, b.row.route)).map(({ row }) => row)
}

/** By code units, so that the order is the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function cellsOf(
  route: Route,
  asked: RouteAnswers,
  personas: readonly Persona[],
  predictor: Predictor,
): ReadonlyMap<string, string> {
  return new Map(
    personas.map((persona) => [
      persona.name,
      'notAsked' in asked ? predictedCell(route, persona, predictor) : observedCell(asked.answers, persona),
    ]),
  )
}

function predictedCell(route: Route, { auth }: Persona, predictor: Predictor): string {
  const { mayPass, refusals } = predictor.predict(route, auth)
  if (refusals === 'any' || refusals.size > 1 || (mayPass && refusals.size === 1)) return CANNOT_TELL
  const [code] = refusals
  return code ?? PASSES
}

function observedCell(answers: Extract<RouteAnswers, { answers: unknown }>['answers'], persona: Persona): string {
  const cells = answers
    .filter((answer) => answer.persona === persona)
    .map(({ observation, prediction }) => {
      if (observation.kind === 'passes') return PASSES
      if (observation.kind === 'other') return CANNOT_TELL
      const [predicted] = prediction.refusals === 'any' ? [] : prediction.refusals
      return observation.code ?? predicted ?? CANNOT_TELL
    })
  return cells.includes(PASSES) ? PASSES : (cells[0] ?? CANNOT_TELL)
}
