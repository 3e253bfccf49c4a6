import { answers, answersItself, ANY, functionsFor, handlesErrors } from './express-functions.js'
import { alternatives } from './express-patterns.js'
import {
  callOf,
  isOfFramework,
  matchesEverything,
  pathOf,
  restBehind,
  routerIn,
  type Layer,
  type RouteOfRouter,
  type Router,
} from './express-router.js'
import { descriptionOf } from './guard-chain.js'
import { samplePaths } from './sample-paths.js'

/** Something that answers: a route with a method, or a function that was added by `use()`. */
export interface Endpoint {
  /** As it is listed. */
  readonly method: string
  /** In lower case, of the requests that it gets. */
  readonly hasMethod: (method: string) => boolean
  /** The layers that lead to it, from the outermost. The last one is its own. */
  readonly trail: readonly Layer[]
  /** The router that it is in. */
  readonly router: Router
}

/** The last one stands for methods that an application does not think of. */
export const USUAL_METHODS = ['get', 'post', 'put', 'patch', 'delete', 'options', 'propfind']

export function endpointsOf(router: Router, trail: readonly Layer[] = []): readonly Endpoint[] {
  return router.stack.flatMap((layer, i): readonly Endpoint[] => {
    const own = [...trail, layer]
    if (isOfFramework(layer)) return []
    if (layer.route) return endpointsOfRoute(layer.route).map((endpoint) => ({ ...endpoint, trail: own, router }))
    const inner = routerIn(layer)
    if (inner) return trail.some((outer) => routerIn(outer) === inner) ? [] : endpointsOf(inner, own)
    return mayAnswer(layer, router.stack.slice(i + 1)) && !isListedBefore(router.stack, i)
      ? [{ method: 'ALL', hasMethod: () => true, trail: own, router }]
      : []
  })
}

export function endpointsOfRoute(route: RouteOfRouter): readonly Omit<Endpoint, 'trail' | 'router'>[] {
  const named = Object.keys(route.methods).filter((method) => method !== ANY)
  // app.all() adds its functions once for each method that Node knows.
  const layersOfAll = USUAL_METHODS.every((method) => named.includes(method)) ? functionsFor(route, 'propfind') : []
  const isOfAll = (method: string) => isSame(functionsFor(route, method), layersOfAll)
  const single = named.filter((method) => layersOfAll.length === 0 || !isOfAll(method))
  return [
    ...(layersOfAll.length > 0 ? [{ method: 'ALL', hasMethod: isOfAll, functions: layersOfAll }] : []),
    ...single.map((method) => ({
      method: method.toUpperCase(),
      hasMethod: (one: string) => one === method,
      functions: functionsFor(route, method),
    })),
    ...(route.methods[ANY]
      ? [{ method: 'ALL', hasMethod: (one: string) => !named.includes(one), functions: functionsFor(route, ANY) }]
      : []),
    // Routes that have only guards are middleware: `app.all('/admin/*', requireAuth())`.
  ].filter(
    ({ method, functions }) =>
      functions.some((run) => !descriptionOf(run)) || (method !== 'ALL' && answersItself(functions.at(-1))),
  )
}

function isSame(some: readonly Function[], others: readonly Function[]): boolean {
  return some.length === others.length && some.every((one, i) => one === others[i])
}

/** Whether a function added by `use()` may be what answers, and not middleware. */
function mayAnswer(layer: Layer, later: readonly Layer[]): boolean {
  if (descriptionOf(layer.handle) || handlesErrors(layer)) return false
  if (answers(layer) || layer.name === 'serveStatic') return true
  // Middleware with a path has something behind it.
  return !matchesEverything(layer) && !later.some((one) => isBelow(one, layer))
}

/** Whether the function before it, in the same call of `use()`, is listed for both: `use(serveFiles, notFound)`. */
function isListedBefore(stack: readonly Layer[], i: number): boolean {
  const before = stack[i - 1]
  const call = before && callOf(before)
  return call !== undefined && call.layers.includes(stack[i]!) && mayAnswer(before!, stack.slice(i))
}

function isBelow(layer: Layer, mount: Layer): boolean {
  const paths = alternatives(pathOf(layer))
  if (!layer.route && !routerIn(layer)) return false
  if (paths === undefined || matchesEverything(layer)) return true
  return paths.some(
    (path) => typeof path !== 'string' || samplePaths(path).some((sample) => restBehind(mount, sample) !== undefined),
  )
}
