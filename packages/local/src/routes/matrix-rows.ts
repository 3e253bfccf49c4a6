import { guardInWords } from './guard-words.js'
import { CANNOT_TELL, PASSES, type Row } from './matrix.js'
import type { Persona } from './persona.js'
import type { Predictor } from './prediction.js'
import type { ProbedRoute, ProbeResult } from './probe-route.js'
import { labelOf, type Route } from './route.js'

/** A row for each route, sorted by path. A second route with the same method and path gets a number. */
export function matrixRows(
  probed: readonly ProbedRoute[],
  personas: readonly Persona[],
  predictor: Predictor,
): readonly Row[] {
  const counts = new Map<string, number>()
  const rows = probed.map((one) => {
    const { route } = one
    const label = labelOf(route)
    const count = (counts.get(label) ?? 0) + 1
    counts.set(label, count)
    const row = {
      route: count === 1 ? label : `${label} (${count})`,
      guard: guardInWords(route),
      cells: new Map(personas.map((persona) => [persona.name, cellOf(one, persona, predictor)])),
    }
    return { row, path: route.path }
  })
  return rows.sort((a, b) => compare(a.path, b.path) || compare(a.row.route, b.row.route)).map(({ row }) => row)
}

/** By code units, so that the order is the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function cellOf(probed: ProbedRoute, persona: Persona, predictor: Predictor): string {
  return 'notProbed' in probed ? predictedCell(probed.route, persona, predictor) : observedCell(probed.results, persona)
}

function predictedCell(route: Route, { auth }: Persona, predictor: Predictor): string {
  const { mayPass, refusals } = predictor.predict(route, auth)
  if (refusals === 'any' || refusals.size > 1 || (mayPass && refusals.size === 1)) return CANNOT_TELL
  const [code] = refusals
  return code ?? PASSES
}

function observedCell(results: readonly ProbeResult[], persona: Persona): string {
  const cells = results
    .filter((result) => result.persona === persona)
    .map(({ observation, prediction }) => {
      if (observation.kind === 'passes') return PASSES
      if (observation.kind === 'other') return CANNOT_TELL
      const [predicted] = prediction.refusals === 'any' ? [] : prediction.refusals
      return observation.code ?? predicted ?? CANNOT_TELL
    })
  return cells.includes(PASSES) ? PASSES : (cells[0] ?? CANNOT_TELL)
}
