import { answers, handles, handlesErrors, layersFor } from './express-functions.js'
import { alternatives } from './express-patterns.js'
import {
  callOf,
  matchesEverything,
  pathOf,
  restBehind,
  routerIn,
  type Layer,
  type RouteOfRouter,
  type Router,
} from './express-router.js'
import { descriptionOf, type Step } from './guard-chain.js'

export interface ExpressStep extends Step {
  /** Paths with regular expressions that decide which requests meet it. Samples prove little about them. */
  readonly formats: readonly string[]
}

/** The steps of a request up to the handler. `undefined` if it does not get there. */
export function wayTo(
  trail: readonly Layer[],
  router: Router,
  path: string,
  method: string,
): readonly ExpressStep[] | undefined {
  const steps: ExpressStep[] = []
  return follow(router, path, 0, true, []) ? steps : undefined

  function follow(router: Router, path: string, depth: number, isOnTrail: boolean, outer: readonly string[]): boolean {
    for (const layer of router.stack) {
      const isNext = isOnTrail && layer === trail[depth]
      const formats = isNext ? outer : [...outer, ...formatsOf(layer)]
      if (layer.route) {
        if (isNext ? layer.match(path) !== false : handles(layer.route, method) && layer.match(path) !== false)
          steps.push(...stepsOfRoute(layer.route, method, isNext).map((step) => ({ ...step, formats })))
        else if (isNext) return false
        if (isNext) return true
        continue
      }
      const rest = matchesEverything(layer) ? path : restBehind(layer, path)
      if (rest === undefined) {
        if (isNext) return false
        continue
      }
      const inner = routerIn(layer)
      if (inner && follow(inner, rest, depth + 1, isNext, formats)) return true
      if (isNext && inner) return false
      if (!inner && !handlesErrors(layer) && countsFor(layer, trail))
        steps.push({ run: layer.handle, answers: answers(layer) && !isNext, formats })
      if (isNext) return true
    }
    return false
  }
}

/** Whether a request has a route behind a layer, or something else that was added for its path. */
export function hasRouteBehind(layer: Layer, router: Router, path: string, method: string): boolean {
  const together = callOf(layer)?.layers ?? []
  let isBehind = false
  return follow(router, path)

  function follow({ stack }: Router, path: string): boolean {
    return stack.some((one) => {
      if (one === layer) isBehind = true
      if (one === layer || handlesErrors(one)) return false
      if (one.route) return isBehind && handles(one.route, method) && one.match(path) !== false
      const inner = routerIn(one)
      const rest = matchesEverything(one) ? path : restBehind(one, path)
      if (rest === undefined) return false
      return inner ? follow(inner, rest) : isBehind && !matchesEverything(one) && !together.includes(one)
    })
  }
}

function formatsOf(layer: Layer): readonly string[] {
  const paths = alternatives(pathOf(layer)) ?? ['…']
  return paths.map(String).filter((path) => /[(…]/.test(path) || path.startsWith('/^'))
}

/** The steps that any request takes which gets to the handler, as far as that is known without its path. */
export function certainWayTo(trail: readonly Layer[], router: Router, method: string): readonly Step[] {
  const steps: Step[] = []
  let current: Router | undefined = router
  for (const next of trail) {
    for (const layer of current?.stack ?? []) {
      if (layer === next) break
      if (matchesEverything(layer) && !routerIn(layer) && !handlesErrors(layer) && countsFor(layer, trail))
        steps.push({ run: layer.handle, answers: answers(layer) })
    }
    if (next.route) steps.push(...stepsOfRoute(next.route, method, true))
    current = routerIn(next)
  }
  return steps
}

function stepsOfRoute(route: RouteOfRouter, method: string, isTarget: boolean): readonly Step[] {
  const layers = layersFor(route, method)
  if (isTarget) return layers.map((layer) => ({ run: layer.handle, answers: answers(layer) }))
  // A function of another route may skip what is behind it, by next('route').
  const first = layers.findIndex((layer) => !descriptionOf(layer.handle))
  return layers
    .slice(0, first < 0 ? undefined : first + 1)
    .filter((layer) => descriptionOf(layer.handle)?.isPublic !== true)
    .map((layer) => ({ run: layer.handle, answers: answers(layer) }))
}

/** A mark of public routes that was added together with functions is for these only: `use(isPublic(), serveFiles)`. */
function countsFor(layer: Layer, trail: readonly Layer[]): boolean {
  if (descriptionOf(layer.handle)?.isPublic !== true) return true
  const { layers } = callOf(layer) ?? { layers: [] }
  const others = layers.filter((other) => !descriptionOf(other.handle))
  return others.length === 0 ? layers.length > 0 : others.some((other) => trail.includes(other))
}
