import { describeGuard, type Description } from '@clerk-auth/core'
import { documentRoutes, type DocumentOptions } from '@clerk-auth/core/openapi'
import type { Express } from 'express'

export type { DocumentOptions } from '@clerk-auth/core/openapi'

/**
 * Returns a copy of an OpenAPI 3 document in which the guards of the app are written down: each guarded operation gets
 * `security` and the responses 401, 403 and 503, and each public one `security: []`. Call it after all routes are added.
 *
 * An operation is left as it is if the app has no such route, or if it has neither a guard nor a marker. Apps that are
 * mounted in the app (`app.use('/admin', express())`) hide their routes; routers do not.
 *
 * @throws {TypeError} if the document is not OpenAPI 3, or if no caller can meet all guards of an operation
 */
export function documentGuards<Document extends object>(
  document: Document,
  app: Express,
  options?: DocumentOptions,
): Document {
  const { stack } = routerOf(app)
  return documentRoutes(
    document,
    (method, path) => {
      const { guards, isRoute } = guardsOn(stack, method.toLowerCase(), path)
      return isRoute ? guards : undefined
    },
    options,
  )
}

/** The parts of Express's router that describe what it runs. */
interface Router {
  readonly stack: readonly Layer[]
}
interface Layer {
  readonly handle: unknown
  /** Only in the stack of a route; `undefined` for all methods. */
  readonly method?: string
  readonly route?: { readonly stack: readonly Layer[]; readonly methods: Readonly<Record<string, boolean>> }
  /** Returns the part of the path that it matches, or `true` after setting it as {@link path}. */
  match(path: string): false | true | { readonly path: string }
  readonly path?: string
}

function routerOf(app: Express): Router {
  // Not in the types: Express 4 creates it with the first route. Its `router` throws.
  const { _router: router4 } = app as unknown as { readonly _router?: Router }
  // The types leave out `match()`.
  return router4 ?? (Object.hasOwn(app, 'router') ? (app.router as unknown as Router) : { stack: [] })
}

interface Found {
  readonly guards: readonly Description[]
  /** Whether a route answers; otherwise the request goes on to the layers behind. */
  readonly isRoute: boolean
}

/** What runs for a request, in order, up to the route that answers it. */
function guardsOn(stack: Router['stack'], method: string, path: string): Found {
  const guards: Description[] = []
  for (const layer of stack) {
    const match = layer.match(path)
    if (!match) continue
    const { route, handle } = layer
    if (!route) {
      const inside = isRouter(handle)
        ? guardsOn(handle.stack, method, remainderOf(path, match === true ? layer.path : match.path))
        : undefined
      guards.push(...(inside?.guards ?? descriptionsOf([layer])))
      if (inside?.isRoute) return { guards, isRoute: true }
      continue
    }
    // A route for GET is also for HEAD.
    const own = method === 'head' && !route.methods['head'] ? 'get' : method
    if (!route.methods[own] && !route.methods['_all']) continue
    const layers = route.stack.filter((one) => one.method === undefined || one.method === own)
    const handler = layers.findIndex(answers)
    guards.push(...descriptionsOf(handler < 0 ? layers : layers.slice(0, handler + 1)))
    // A route that has only guards is middleware: `app.all('/admin/*path', requireAuth())`.
    if (handler >= 0 || descriptionsOf(layers).length < layers.length) return { guards, isRoute: true }
  }
  return { guards, isRoute: false }
}

/** What does not take next() must answer. */
function answers({ handle }: Layer): boolean {
  return typeof handle === 'function' && (handle.length === 1 || handle.length === 2)
}

function isRouter(handle: unknown): handle is Router {
  return Array.isArray((handle as Partial<Router>).stack)
}

function remainderOf(path: string, matched = ''): string {
  const rest = path.slice(matched.length)
  return rest.startsWith('/') ? rest : `/${rest}`
}

function descriptionsOf(layers: readonly Layer[]): readonly Description[] {
  return layers.flatMap(({ handle }) => describeGuard(handle) ?? [])
}
