import { getRequestListener } from '@hono/node-server'
import { declaredParameters } from './declared-parameters.js'
import type { FrameworkApp } from './framework-app.js'
import { descriptionOf, guardChain, type Step } from './guard-chain.js'
import { MARKER_STATUS, type Route } from './route.js'
import { samplePaths } from './sample-paths.js'

/** The parts of a Hono application that are read here. */
export interface Hono {
  readonly fetch: (request: Request, env?: unknown) => Response | Promise<Response>
  readonly routes: readonly RouteOfHono[]
  readonly getPath: (request: Request) => string
  router: RouterOfHono
}

interface RouteOfHono {
  readonly method: string
  readonly path: string
  readonly handler: Function
}

interface RouterOfHono {
  add(method: string, path: string, handler: readonly [Function, RouteOfHono]): void
  match(
    method: string,
    path: string,
  ): readonly [readonly (readonly [readonly [Function, RouteOfHono], ...unknown[]])[], ...unknown[]]
}

export function isHono(value: unknown): value is Hono {
  const app = value as Partial<Hono> | null
  return typeof app === 'object' && typeof app?.fetch === 'function' && Array.isArray(app.routes) && 'router' in app
}

export function honoApp(app: Hono): FrameworkApp {
  const router = routerWith(app, (route) => route.handler)
  const methods = [...new Set([...COMMON_METHODS, ...app.routes.map(({ method }) => method)])].filter(
    (one) => one !== ALL,
  )
  const all = groupsOf(app.routes)
  const marks = new Set(all.filter((group) => group.every(guardsOrMarks)).flat())
  const way = (endpoint: Endpoint) => waysTo(endpoint, { app, router, methods, marks })
  const certain = all.flatMap((group) => endpointIn(group, (route) => route.method !== ALL || answers(route)))
  const passed = new Set(certain.flatMap((endpoint) => way(endpoint).flat()))
  // Middleware with a path has something behind it. Nothing is behind an application that was added by mount().
  const possible = all.flatMap((group) => endpointIn(group, (route) => !isForEveryPath(route) && !passed.has(route)))
  const endpoints = [
    ...certain,
    ...possible.filter(({ own }) => !certain.some((other) => other.group.includes(own))),
  ].sort((a, b) => app.routes.indexOf(a.own) - app.routes.indexOf(b.own))

  const listener = getRequestListener((request, env) => app.fetch(request, env), { overrideGlobalObjects: false })
  const routes = endpoints.map((endpoint) => describeEndpoint(endpoint, way(endpoint)))
  return {
    listing: { framework: 'hono', routes },
    listener: (request, response) => void listener(request, response),
    replaceHandlers: (which) => {
      const isReplaced = (own: Route) => own.hasOwnHandler && which.includes(own)
      const replaced = new Set(endpoints.filter((_, i) => isReplaced(routes[i]!)).flatMap(behindGuard))
      const original = app.router
      app.router = routerWith(app, (route) => (replaced.has(route) ? marker : route.handler))
      return () => void (app.router = original)
    },
  }
}

const ALL = 'ALL'
/** The last one stands for methods that an application does not think of. */
const COMMON_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']

const marker = () => new Response(null, { status: MARKER_STATUS })

/** A router of the same kind, with these handlers. Hono's own cannot be changed once it has answered. */
function routerWith(app: Hono, handlerOf: (route: RouteOfHono) => Function): RouterOfHono {
  const { router } = new (app.constructor as new () => Hono)()
  for (const route of app.routes) router.add(route.method, route.path, [handlerOf(route), route])
  return router
}

interface Endpoint {
  readonly own: RouteOfHono
  readonly group: Group
}

/** Entries that follow each other with the same method and path: mostly from one call. */
type Group = readonly RouteOfHono[]

/** Hono keeps a flat list, with one entry for each function. */
function groupsOf(routes: readonly RouteOfHono[]): readonly Group[] {
  const groups: RouteOfHono[][] = []
  for (const route of routes) {
    const last = groups.at(-1)
    if (last?.[0]?.method === route.method && last[0].path === route.path) last.push(route)
    else groups.push([route])
  }
  return groups
}

function endpointIn(group: Group, isHandler: (route: RouteOfHono) => boolean): readonly Endpoint[] {
  const own = group.findLast((route) => !guardsOrMarks(route) && isHandler(route))
  return own ? [{ own, group }] : []
}

function isForEveryPath({ path }: RouteOfHono): boolean {
  return path === '*' || path === '/*'
}

/** What runs behind the last guard of the route; everything, where it has none. */
function behindGuard({ group }: Endpoint): readonly RouteOfHono[] {
  const answer = group.findIndex(answers)
  const lastGuard = group
    .slice(0, answer < 0 ? undefined : answer)
    .findLastIndex((route) => descriptionOfRoute(route)?.isPublic === false || hidesGuards(route))
  return group.slice(lastGuard + 1).filter((route) => !guardsOrMarks(route))
}

function describeEndpoint({ own, group }: Endpoint, ways: readonly Group[]): Route {
  const chain = guardChain(ways.map((way) => way.map(stepOf)))
  const isSeparate = answers(own) || own.method !== ALL || chain.guards.length > 0
  const lastIsGuard = behindGuard({ own, group }).length === 0
  const uncertain = whyUncertain(ways, own) ?? (lastIsGuard ? NO_HANDLER : isSeparate ? undefined : MOUNTED)
  return {
    method: own.method,
    path: own.path,
    ...chain,
    hasOwnHandler: isSeparate && !lastIsGuard,
    ...(uncertain !== undefined && { uncertain }),
  }
}

const NO_HANDLER = 'its last function is a guard, so its handler is not known'
const MOUNTED = 'it may be middleware, or an application added by mount()'

function whyUncertain(ways: readonly Group[], own: RouteOfHono): string | undefined {
  const [way] = ways
  if (!way) return 'no path was found that it matches'
  const hiding = ways.flat().find(hidesGuards)
  if (hiding) return `Hono's ${targetOf(hiding.handler).name}() hides its guards`
  // Samples prove little about the regular expression of another path.
  const dependsOnFormat = way.some(
    (route) =>
      descriptionOfRoute(route) && hasFormatOtherThan(route.path, own.path) && ways.every((one) => one.includes(route)),
  )
  return dependsOnFormat ? 'a regular expression decides for which of its paths a guard runs' : undefined
}

function hasFormatOtherThan(guarded: string, path: string): boolean {
  return guarded.includes('{') && guarded !== path && /[:*]/.test(path)
}

function stepOf(route: RouteOfHono): Step {
  return { run: targetOf(route.handler), answers: answers(route) }
}

/** What requests meet, including what runs behind the endpoint: one list for each sample that gets there. */
function waysTo({ own, group }: Endpoint, { app, router, methods, marks }: WaySearch): readonly Group[] {
  const ownMethods = own.method === ALL ? methods : [own.method]
  const paths = samplePaths(own.path).map((path) => app.getPath(new Request(new URL(path, 'http://localhost'))))
  return ownMethods.flatMap((method) =>
    [...new Set(paths)].flatMap((path) => {
      const matched = router.match(method, path)[0].map(([[, route]]) => route)
      if (!matched.includes(own)) return []
      const end = Math.max(...group.map((route) => matched.lastIndexOf(route)))
      const isOwnMark = (route: RouteOfHono) => group.includes(route) || marks.has(route)
      return [matched.slice(0, end + 1).filter((route) => !descriptionOfRoute(route)?.isPublic || isOwnMark(route))]
    }),
  )
}

interface WaySearch {
  readonly app: Hono
  readonly router: RouterOfHono
  readonly methods: readonly string[]
  /** Marks of public routes for whatever follows. The others are for the functions with which they were added. */
  readonly marks: ReadonlySet<RouteOfHono>
}

function hidesGuards({ handler }: RouteOfHono): boolean {
  return ['every', 'some', 'except'].includes(targetOf(handler).name)
}

/** Only a function that does not take `next` must answer. */
function answers(route: RouteOfHono): boolean {
  return declaredParameters(targetOf(route.handler)) < MIDDLEWARE && !descriptionOfRoute(route)
}

/** The parameters of a middleware: context and next. */
const MIDDLEWARE = 2

/** Whether a function is not the handler too, as `clerkWebhooks()` is. */
function guardsOrMarks(route: RouteOfHono): boolean {
  const description = descriptionOfRoute(route)
  const isHandler = description?.isPublic === true && declaredParameters(targetOf(route.handler)) < MIDDLEWARE
  return description !== undefined && !isHandler
}

function descriptionOfRoute({ handler }: RouteOfHono) {
  return descriptionOf(targetOf(handler))
}

const COMPOSED = '__COMPOSED_HANDLER'

/** Hono wraps handlers of applications that have an error handler of their own. */
function targetOf(handler: Function): Function {
  const target = (handler as Function & { readonly [COMPOSED]?: Function })[COMPOSED]
  return target ? targetOf(target) : handler
}
