import type { Endpoint } from './express-endpoints.js'
import { ANY, answers, behindGuard, lastGuardAmong, layersFor, methodIn } from './express-functions.js'
import type { Layer, RouteOfRouter, Router } from './express-router.js'
import { hasRouteBehind } from './express-ways.js'
import { MARKER_STATUS } from './route.js'

/**
 * Replaces what is behind the last guard of each endpoint; everything, where its route has none.
 *
 * @param app the router of the application
 */
export function replaceHandlers(endpoints: readonly Endpoint[], app: Router): () => void {
  const added = new Set<Layer>()
  const replaced = new Map<Layer, Replaced>()
  const unguarded = new Map<RouteOfRouter, Set<string>>()
  for (const { hasMethod, trail } of endpoints) {
    const layer = trail.at(-1)!
    const { route } = layer
    if (!route) {
      added.add(layer)
      continue
    }
    for (const method of Object.keys(route.methods).filter(hasMethod)) {
      const layers = layersFor(route, method)
      if (lastGuardAmong(layers) < 0) unguarded.set(route, (unguarded.get(route) ?? new Set()).add(method))
      for (const one of behindGuard(layers))
        replaced.set(one, { route, methods: new Set([...(replaced.get(one)?.methods ?? []), method]) })
    }
  }
  const routers = new Set(endpoints.map(({ router }) => router))
  const restore = [
    ...[...added].map((layer) => replaceAdded(layer, app)),
    ...[...replaced].map(([layer, where]) => replaceHandler(layer, where)),
    ...[...routers].map((router) => replaceParameterFunctions(router, unguarded)),
  ]
  return () => restore.forEach((one) => one())
}

/** Replaces a function that was added by `use()`. Middleware, such as that for files, hands on what is not for it. */
function replaceAdded(layer: Layer, app: Router): () => void {
  const { handle } = layer
  const takesNext = !answers(layer)
  const handsOn = ({ originalUrl, method }: Request) =>
    takesNext && hasRouteBehind(layer, app, originalUrl.split('?')[0]!, method.toLowerCase())
  layer.handle = (req: Request, res: Response, next: () => unknown): unknown =>
    handsOn(req) ? next() : res.status(MARKER_STATUS).end()
  return () => void (layer.handle = handle)
}

interface Replaced {
  readonly route: RouteOfRouter
  readonly methods: ReadonlySet<string>
}

function replaceHandler(layer: Layer, { route, methods }: Replaced): () => void {
  const { handle } = layer
  layer.handle = (req: Request, res: Response, next: unknown): unknown =>
    methods.has(ownMethod(route, req)) ? res.status(MARKER_STATUS).end() : (handle(req, res, next) as unknown)
  return () => void (layer.handle = handle)
}

/** The functions of `router.param()` run for a route before its own, and so behind the guards of one that has none. */
function replaceParameterFunctions(
  { params }: Router,
  unguarded: ReadonlyMap<RouteOfRouter, ReadonlySet<string>>,
): () => void {
  const original = { ...params }
  for (const [name, functions] of Object.entries(original))
    params[name] = functions.map(
      (run) =>
        (req: Request, res: Response, next: () => void, ...others: unknown[]): unknown => {
          const isBehindGuards = req.route && unguarded.get(req.route)?.has(ownMethod(req.route, req))
          return isBehindGuards ? next() : (run(req, res, next, ...others) as unknown)
        },
    )
  return () => void Object.assign(params, original)
}

/** The name in a route under which it has the functions for a request. */
function ownMethod(route: RouteOfRouter, req: Request): string {
  const method = methodIn(route, req.method.toLowerCase())
  return route.methods[method] ? method : ANY
}

interface Request {
  readonly method: string
  readonly originalUrl: string
  /** The route that the request is at. */
  readonly route?: RouteOfRouter
}

interface Response {
  status(code: number): { end(): unknown }
}
