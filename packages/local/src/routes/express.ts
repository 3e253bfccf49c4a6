import type { RequestListener } from 'node:http'
import { endpointsOf, endpointsOfRoute, USUAL_METHODS, type Endpoint } from './express-endpoints.js'
import { behindGuard, layersFor } from './express-functions.js'
import { replaceHandlers } from './express-handlers.js'
import { joined, patternsOf } from './express-patterns.js'
import {
  isApplication,
  routerIn,
  routerOfApplication,
  takeRoutersWithRoutes,
  type Application,
  type Router,
} from './express-router.js'
import { certainWayTo, wayTo, type ExpressStep } from './express-ways.js'
import type { FrameworkApp } from './framework-app.js'
import { descriptionOf, guardChain } from './guard-chain.js'
import type { Route } from './route.js'
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
      const replaced = found.flatMap(({ endpoint, routes: own }) => (own.some(isReplaced) ? endpoint : []))
      return router ? replaceHandlers(replaced, router) : () => {}
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

/** One for each of its paths. */
function routesOf(router: Router, endpoint: Endpoint, methods: readonly string[]): readonly Route[] {
  const { method, hasMethod, trail } = endpoint
  const { route } = trail.at(-1)!
  const ownMethods = methods.filter(hasMethod)
  const isWithoutHandler = route && ownMethods.some((one) => behindGuard(layersFor(route, one)).length === 0)
  return patternsOf(trail).map(({ path, isKnown, why }): Route => {
    const ways = ownMethods
      .flatMap((one) => (isKnown ? samplePaths(path) : []).map((sample) => wayTo(trail, router, sample, one)))
      .filter((way) => way !== undefined)
    const chain = guardChain(ways.length > 0 ? ways : ownMethods.map((one) => certainWayTo(trail, router, one)))
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

const USE = 'it was added by use(), so it may be middleware or answer itself, and has no guard or isPublic() beside it'
