import { describeGuard, type Description } from '@clerk-auth/core'
import { documentOperations, type DocumentOptions } from '@clerk-auth/core/openapi'
import type { FastifyInstance, RouteOptions } from 'fastify'
import { GUARDED_HOOKS } from './guard.js'

export interface DocumentGuardsOptions<Route extends TransformedRoute> extends DocumentOptions {
  /** Your own transform, such as `jsonSchemaTransform` of a type provider. It runs first. */
  readonly transform?: (route: Route) => { readonly schema: object; readonly url: string }
}

/** What `@fastify/swagger` calls for each route, and for the whole document. */
export interface DocumentGuards<Route> {
  readonly transform: (route: Route) => { readonly schema: object; readonly url: string }
  readonly transformObject: <OpenApi extends object, Swagger extends object>(
    document: { readonly openapiObject: OpenApi } | { readonly swaggerObject: Swagger },
  ) => OpenApi | Swagger
}

export interface TransformedRoute {
  readonly schema?: object | undefined
  readonly url: string
  readonly route: RouteOptions
}

const GUARDS = 'x-clerk-auth-guards'

/**
 * Options of `@fastify/swagger` that write the guards of the app into its OpenAPI 3 document: `app.register(swagger, {
 * openapi, ...documentGuards(app) })`. Each guarded operation gets `security` and the responses 401, 403 and 503, and
 * each public one `security: []`. Call it before the routes are added.
 *
 * An operation is left as it is if it has neither a guard nor a marker.
 *
 * @throws {TypeError} when the document is generated: if it is not OpenAPI 3, or if no caller can meet all guards of an
 * operation
 */
export function documentGuards<Route extends TransformedRoute>(
  app: FastifyInstance,
  options: DocumentGuardsOptions<Route> = {},
): DocumentGuards<Route> {
  const scopes = new WeakMap<RouteOptions, FastifyInstance>()
  app.addHook('onRoute', function (route) {
    scopes.set(route, this)
  })
  return {
    // Only the schema of a route reaches the document, so the guards travel in it.
    transform: (transformed) => {
      const { schema, url } = options.transform?.(transformed) ?? transformed
      const { route } = transformed
      return { url, schema: { ...schema, [GUARDS]: guardsOf(route, scopes.get(route) ?? app) } }
    },
    transformObject: (document) =>
      documentOperations(
        'openapiObject' in document ? document.openapiObject : document.swaggerObject,
        ({ definition }) => definition[GUARDS] as readonly Description[] | undefined,
        options,
      ),
  }
}

/** The guards of the scope, then those of the route. The marker of a public route disables those of the scope. */
function guardsOf(route: RouteOptions, scope: FastifyInstance): readonly Description[] {
  const marker = describeGuard(route.config)
  if (marker?.isPublic) return [marker]
  return GUARDED_HOOKS.flatMap((name) => [...hooksOf(scope)[name], ...[route[name] ?? []].flat()]).flatMap(
    (hook) => describeGuard(hook) ?? [],
  )
}

type Hooks = Readonly<Record<(typeof GUARDED_HOOKS)[number], readonly unknown[]>>

/** The hooks of a scope, with those of its parents. Fastify has no public way to list them. */
function hooksOf(scope: FastifyInstance): Hooks {
  for (let owner: object | null = scope; owner; owner = Object.getPrototypeOf(owner) as object | null) {
    const symbol = Object.getOwnPropertySymbols(owner).find(({ description }) => description === 'fastify.hooks')
    if (symbol) return (owner as Record<symbol, Hooks>)[symbol]!
  }
  throw new TypeError('documentGuards() cannot read the hooks of this version of Fastify')
}
