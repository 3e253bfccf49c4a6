import type { RequestListener } from 'node:http'
import {
  callOf,
  isApplication,
  isOfFramework,
  matchesEverything,
  pathOf,
  restBehind,
  routerIn,
  routerOfApplication,
  takeRoutersWithRoutes,
  type Application,
  type ExpressPath,
  type Layer,
  type RouteOfRouter,
  type Router,
} from './express-router.js'
import type { FrameworkApp } from './framework-app.js'
import { declaredParameters, descriptionOf, guardChain, type Step } from './guard-chain.js'
import { MARKER_STATUS, type Route } from './route.js'
import { samplePaths } from './sample-paths.js'

export { isApplication as isExpress }

/** An Express application, of version 4 or 5. */
export function expressApp(app: Application): FrameworkApp {
  const router = routerOfApplication(app)
  const endpoints = router ? endpointsOf(router) : []
  const named = endpoints.flatMap(({ method }) => (method === 'ALL' ? [] : method.toLowerCase()))
  const methods = [...new Set([...USUAL_METHODS, ...named])]
  const found = endpoints.map((endpoint) => ({ endpoint, routes: routesOf(router!, endpoint, methods) }))
  return {
    listing: {
      framework: 'express',
      routes: [...found.flatMap(({ routes }) => routes), ...(router ? unmountedRoutes(router) : [])],
    },
    listener: app as unknown as RequestListener,
    replaceHandlers: (routes) => {
      const isReplaced = (own: Route) => own.hasOwnHandler && routes.includes(own)
      return replaceHandlers(found.flatMap(({ endpoint, routes: own }) => (own.some(isReplaced) ? endpoint : [])))
    },
  }
}

/** Routes that a function may call which looks like middleware: `app.use((req, res, next) => admin(req, res, next))`. */
function unmountedRoutes(router: Router): readonly Route[] {
  const mounted = routersIn(router)
  return takeRoutersWithRoutes()
    .filter((one) => !mounted.has(one))
    .flatMap(({ stack }) => stack.filter((layer) => layer.route))
    .flatMap((layer) =>
      endpointsOfRoute(layer.route!).flatMap(({ method }) =>
        patternsOf([layer]).map(({ path }) => ({
          method,
          path: joined('/…', path),
          guards: [],
          guardsBehindHandler: [],
          hasOwnHandler: true,
          isPathUnknown: true as const,
          uncertain: 'no use() mounts its router, so it is not known how requests get there',
        })),
      ),
    )
}

function routersIn(router: Router, known = new Set<Router>()): ReadonlySet<Router> {
  if (known.has(router)) return known
  known.add(router)
  for (const inner of router.stack.flatMap((layer) => routerIn(layer) ?? [])) routersIn(inner, known)
  return known
}

/** Something that answers: a route with a method, or a function that was added by `use()`. */
interface Endpoint {
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
const USUAL_METHODS = ['get', 'post', 'put', 'patch', 'delete', 'options', 'propfind']

function endpointsOf(router: Router, trail: readonly Layer[] = []): readonly Endpoint[] {
  return router.stack.flatMap((layer, i): readonly Endpoint[] => {
    const own = [...trail, layer]
    if (isOfFramework(layer)) return []
    if (layer.route) return endpointsOfRoute(layer.route).map((endpoint) => ({ ...endpoint, trail: own, router }))
    const inner = routerIn(layer)
    if (inner) return trail.some((outer) => routerIn(outer) === inner) ? [] : endpointsOf(inner, own)
    return mayAnswer(layer, router.stack.slice(i + 1))
      ? [{ method: 'ALL', hasMethod: () => true, trail: own, router }]
      : []
  })
}

function endpointsOfRoute(route: RouteOfRouter): readonly Omit<Endpoint, 'trail' | 'router'>[] {
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

const ANY = '_all'

/** What requests with a method meet in a route. */
function functionsFor(route: RouteOfRouter, method: string): readonly Function[] {
  return layersFor(route, method).map(({ handle }) => handle)
}

function layersFor({ stack, methods }: RouteOfRouter, method: string): readonly Layer[] {
  const own = methodIn({ methods }, method)
  return stack.filter((layer) => (!layer.method || layer.method === own) && !handlesErrors(layer))
}

/** A route for GET is also for HEAD. */
function methodIn({ methods }: Pick<RouteOfRouter, 'methods'>, method: string): string {
  return method === 'head' && !methods['head'] ? 'get' : method
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

function isBelow(layer: Layer, mount: Layer): boolean {
  const paths = alternatives(pathOf(layer))
  if (!layer.route && !routerIn(layer)) return false
  if (paths === undefined || matchesEverything(layer)) return true
  return paths.some(
    (path) => typeof path !== 'string' || samplePaths(path).some((sample) => restBehind(mount, sample) !== undefined),
  )
}

function handlesErrors({ handle }: Layer): boolean {
  return handle.length > 3
}

/** Only a function that does not take `next` must answer. */
function answers({ handle }: Layer): boolean {
  return declaredParameters(handle) < 3 && !descriptionOf(handle)
}

/** As the last function of a route: `clerkWebhooks()` is both the mark and the handler. */
function answersItself(run: Function | undefined): boolean {
  return descriptionOf(run)?.isPublic === true
}

/** One for each of its paths. */
function routesOf(router: Router, endpoint: Endpoint, methods: readonly string[]): readonly Route[] {
  const { method, hasMethod, trail } = endpoint
  const { route } = trail.at(-1)!
  const asked = methods.filter(hasMethod)
  const isWithoutHandler = route && asked.some((one) => behindGuard(layersFor(route, one)).length === 0)
  return patternsOf(trail).map(({ path, isKnown, why }): Route => {
    const ways = asked
      .flatMap((one) => (isKnown ? samplePaths(path) : []).map((sample) => wayTo(trail, router, sample, one)))
      .filter((way) => way !== undefined)
    const chain = guardChain(ways.length > 0 ? ways : asked.map((one) => certainWayTo(trail, router, one)))
    const isSeparate = route ? !isWithoutHandler : chain.guards.length > 0
    const uncertain = why ?? whyUncertain(ways, path) ?? (isSeparate ? undefined : route ? NO_HANDLER : USE)
    return {
      method,
      path,
      ...chain,
      hasOwnHandler: isSeparate,
      ...(!isKnown && { isPathUnknown: true }),
      ...(uncertain !== undefined && { uncertain }),
    }
  })
}

function whyUncertain(ways: readonly (readonly ExpressStep[])[], path: string): string | undefined {
  const [way] = ways
  if (!way) return 'no path was found that it matches'
  const isOnEach = (run: Function) => ways.every((steps) => steps.some((step) => step.run === run))
  const dependsOnFormat = way.some(
    ({ run, formats }) => descriptionOf(run) && isOnEach(run) && formats.some((format) => !path.includes(format)),
  )
  return dependsOnFormat && /[:*({]/.test(path)
    ? 'a regular expression decides for which of its paths a guard runs'
    : undefined
}

const NO_HANDLER = 'its last function is a guard, so its handler is not known'
const USE = 'it was added by use(), so it may be middleware or answer itself'

/** What runs behind the last guard of a route; everything, where it has none. */
function behindGuard(layers: readonly Layer[]): readonly Layer[] {
  return layers
    .slice(lastGuardAmong(layers) + 1)
    .filter(({ handle }, i, { length }) => !descriptionOf(handle) || (i === length - 1 && answersItself(handle)))
}

function lastGuardAmong(layers: readonly Layer[]): number {
  const answer = layers.findIndex(answers)
  const reached = layers.slice(0, answer < 0 ? undefined : answer)
  return reached.findLastIndex((layer) => descriptionOf(layer.handle)?.isPublic === false)
}

/** The steps of a request up to the handler. `undefined` if it does not get there. */
function wayTo(
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

interface ExpressStep extends Step {
  /** Paths with regular expressions that decide which requests meet it. Samples prove little about them. */
  readonly formats: readonly string[]
}

function formatsOf(layer: Layer): readonly string[] {
  const paths = alternatives(pathOf(layer)) ?? ['…']
  return paths.map(String).filter((path) => /[(…]/.test(path) || path.startsWith('/^'))
}

/** The steps that any request takes which gets to the handler, as far as that is known without its path. */
function certainWayTo(trail: readonly Layer[], router: Router, method: string): readonly Step[] {
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

function handles({ methods }: RouteOfRouter, method: string): boolean {
  return methods[ANY] === true || methods[methodIn({ methods }, method)] === true
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

interface Pattern {
  readonly path: string
  /** Whether it can be read. */
  readonly isKnown: boolean
  /** If not: why. */
  readonly why?: string
}

/** The patterns of an endpoint, each with those of the routers that it is in. */
function patternsOf(trail: readonly Layer[]): readonly Pattern[] {
  const start: readonly Pattern[] = [{ path: '/', isKnown: true }]
  const patterns = trail.reduce((outer, layer) => outer.flatMap((one) => patternsBelow(one, layer)), start)
  return trail.at(-1)!.route ? patterns : patterns.map((pattern) => ({ ...pattern, path: joined(pattern.path, '*') }))
}

function patternsBelow(outer: Pattern, layer: Layer): readonly Pattern[] {
  const paths = alternatives(pathOf(layer))
  if (!paths)
    return [{ path: joined(outer.path, '…'), isKnown: false, why: 'Express does not keep the path of its router' }]
  return paths.map((path) =>
    typeof path === 'string'
      ? { ...outer, path: joined(outer.path, path) }
      : {
          path: `${outer.path.replace(/\/$/, '')}${String(path)}`,
          isKnown: false,
          why: 'its path is a regular expression',
        },
  )
}

function joined(outer: string, path: string): string {
  return `${outer}/${path}`.replaceAll(/\/{2,}/g, '/').replace(/(.)\/$/, '$1')
}

function alternatives(path: ExpressPath | undefined): readonly (string | RegExp)[] | undefined {
  if (path === undefined) return undefined
  if (typeof path === 'string' || path instanceof RegExp) return [path]
  return path.flatMap((one) => alternatives(one) ?? [])
}

/** Replaces what is behind the last guard of each endpoint; everything, where its route has none. */
function replaceHandlers(endpoints: readonly Endpoint[]): () => void {
  const replaced = new Map<Layer, Replaced>()
  const unguarded = new Map<RouteOfRouter, Set<string>>()
  for (const { hasMethod, trail } of endpoints) {
    const layer = trail.at(-1)!
    const { route } = layer
    if (!route) {
      replaced.set(layer, { route, methods: new Set() })
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
    ...[...replaced].map(([layer, where]) => replaceHandler(layer, where)),
    ...[...routers].map((router) => replaceParameterFunctions(router, unguarded)),
  ]
  return () => restore.forEach((one) => one())
}

interface Replaced {
  /** `undefined` for a function that was added by `use()`. */
  readonly route: RouteOfRouter | undefined
  readonly methods: ReadonlySet<string>
}

function replaceHandler(layer: Layer, { route, methods }: Replaced): () => void {
  const { handle } = layer
  layer.handle = (req: Request, res: Response, next: unknown): unknown =>
    !route || methods.has(ownMethod(route, req)) ? res.status(MARKER_STATUS).end() : (handle(req, res, next) as unknown)
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
  /** The route that the request is at. */
  readonly route?: RouteOfRouter
}

interface Response {
  status(code: number): { end(): unknown }
}
