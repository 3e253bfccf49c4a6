import { expressApp, isExpress } from './express.js'
import { fastifyApp, isFastify } from './fastify.js'
import type { FrameworkApp } from './framework-app.js'
import { descriptionOf } from './guard-chain.js'
import { answerByMarkers, hasMarkers, isMarker, type CanActivate, type GuardsContextCreator } from './nest-core.js'
import type { Description, Route } from './route.js'

/** The parts of a NestJS application that are read here. */
export interface Nest {
  readonly init: () => Promise<unknown>
  readonly getHttpAdapter: () => HttpAdapter
  readonly container: object
  readonly config: { getGlobalPrefix(): string; getGlobalGuards(): readonly object[] }
  readonly routesResolver: RoutesResolver
}

interface HttpAdapter {
  getInstance(): unknown
}

interface RoutesResolver {
  resolve(adapter: HttpAdapter, prefix: string): void
  readonly routerExplorer: RouterExplorer
}

interface RouterExplorer {
  readonly executionContextCreator: { readonly guardsContextCreator: GuardsContextCreator }
  applyCallbackToRouter(
    adapter: HttpAdapter,
    definition: { readonly targetCallback: Function },
    controller: { readonly instance: object; readonly metatype: Function },
    moduleKey: string,
    path: PathMetadata,
    host: unknown,
    ...others: unknown[]
  ): void
}

interface PathMetadata {
  readonly methodVersion?: Version
  readonly controllerVersion?: Version
  readonly versioningOptions?: { readonly type: number; readonly header?: string; readonly key?: string }
}

/** Symbols stand for any version. */
type Version = string | symbol | readonly (string | symbol)[]

export function isNest(value: unknown): value is Nest {
  const app = value as Partial<Nest> | null
  return typeof app === 'object' && typeof app?.getHttpAdapter === 'function' && typeof app.init === 'function'
}

export async function nestApp(app: Nest): Promise<FrameworkApp> {
  await app.init()
  const controllers = routesOfControllers(app)
  const platform = await platformApp(app)
  // What was added to Express or Fastify directly. Guards of NestJS do not run for it.
  const others = platform.listing.routes.filter((route) => !controllers.some((own) => isSameRoute(own, route)))
  return {
    listing: { framework: 'nestjs', routes: [...controllers, ...others] },
    listener: platform.listener,
    replaceHandlers: (routes) => {
      const restore = [
        answerByMarkers(app.container),
        platform.replaceHandlers(others.filter((one) => routes.includes(one))),
      ]
      return () => restore.forEach((one) => one())
    },
  }
}

async function platformApp(app: Nest): Promise<FrameworkApp> {
  const instance = app.getHttpAdapter().getInstance()
  const platform = isExpress(instance)
    ? expressApp(instance)
    : isFastify(instance)
      ? await fastifyApp(instance)
      : undefined
  if (!platform) throw new TypeError('the platform of the application is neither Express nor Fastify')
  return platform
}

function isSameRoute(some: Route, other: Route): boolean {
  const paths = [some.path, other.path].map((path) => path.replace(/(.)\/$/, '$1'))
  return paths[0] === paths[1] && (some.method === other.method || (some.method === 'GET' && other.method === 'HEAD'))
}

/** Lets Nest add its routes a second time, to an adapter that only takes them down. */
function routesOfControllers(app: Nest): readonly Route[] {
  const routes: Route[] = []
  let current: Omit<Route, 'method' | 'path'> | undefined
  const explorer = Object.assign(Object.create(app.routesResolver.routerExplorer) as RouterExplorer, {
    logger: SILENT,
    graphInspector: { insertEntrypointDefinition: () => {} },
    applyCallbackToRouter(this: RouterExplorer, ...args: Parameters<RouterExplorer['applyCallbackToRouter']>) {
      const [, { targetCallback }, controller, moduleKey, path, host] = args
      current = {
        guards: guardsOf(app, targetCallback, controller, moduleKey),
        guardsBehindHandler: [],
        hasOwnHandler: hasMarkers(app.container),
        ...needsOf(path, host),
      }
      app.routesResolver.routerExplorer.applyCallbackToRouter.apply(this, args)
    },
  })
  const recorder = new Proxy(app.getHttpAdapter(), {
    get: (adapter, name: keyof HttpAdapter) => {
      if (METHODS.has(name))
        return (path: string) => void routes.push({ method: name.toUpperCase(), path, ...current! })
      const value: unknown = adapter[name]
      return typeof value === 'function' ? (value.bind(adapter) as unknown) : value
    },
  })
  const resolver = Object.assign(Object.create(app.routesResolver) as RoutesResolver, {
    routerExplorer: explorer,
    logger: SILENT,
  })
  const prefix = app.config.getGlobalPrefix()
  resolver.resolve(recorder, prefix && !prefix.startsWith('/') ? `/${prefix}` : prefix)
  return routes
}

const SILENT = { log: () => {}, warn: () => {}, error: () => {} }

const METHODS: ReadonlySet<string> = new Set(
  'get post put delete patch all options head search propfind proppatch mkcol copy move lock unlock query'.split(' '),
)

type Controller = Parameters<RouterExplorer['applyCallbackToRouter']>[2]

function guardsOf(
  app: Nest,
  handler: Function,
  { instance, metatype }: Controller,
  moduleKey: string,
): readonly Description[] {
  const { guardsContextCreator } = app.routesResolver.routerExplorer.executionContextCreator
  const marks = [handler, metatype].flatMap((marked) => markOf(marked) ?? [])
  if (marks[0]?.isPublic) return [{ isPublic: true }]

  const isGlobal = (guard: CanActivate) => app.config.getGlobalGuards().includes(guard)
  return (
    guardsContextCreator
      .create(instance, handler, moduleKey)
      .filter((guard) => !isMarker(guard))
      // The guard of the module requires a session only where no decorator says otherwise.
      .filter((guard) => !(isGlobal(guard) && marks.length > 0))
      .flatMap((guard) => descriptionOf(guard) ?? [])
  )
}

interface Mark {
  readonly isPublic: boolean
}

/** What `@RequireAuth()` or `@Public()` says about a handler or a controller. */
function markOf(marked: Function): Mark | undefined {
  const { getMetadata } = Reflect as typeof Reflect & { getMetadata?: (key: symbol, target: object) => unknown }
  return getMetadata?.(Symbol.for('clerk-auth.guard'), marked) as Mark | undefined
}

const [BY_HEADER, BY_MEDIA_TYPE, BY_FUNCTION] = [1, 2, 3]

/** What a request needs besides method and path, so that Nest takes it to this handler. */
function needsOf(path: PathMetadata, host: unknown): Pick<Route, 'headers' | 'isPathUnknown' | 'uncertain'> {
  if (host === undefined) return neededForVersion(path)
  if (typeof host !== 'string' || !/^[\w.-]+$/.test(host))
    return { isPathUnknown: true, uncertain: 'its requests depend on the host' }
  const { headers, ...others } = neededForVersion(path)
  return { headers: { ...headers, host }, ...others }
}

function neededForVersion(path: PathMetadata): Pick<Route, 'headers' | 'uncertain'> {
  const { versioningOptions: versioning, methodVersion, controllerVersion } = path
  const version = [methodVersion ?? controllerVersion ?? []].flat().find((one) => typeof one === 'string')
  if (!versioning || version === undefined) return {}
  if (versioning.type === BY_HEADER) return { headers: { [versioning.header ?? '']: version } }
  if (versioning.type === BY_MEDIA_TYPE) return { headers: { accept: `application/json;${versioning.key}${version}` } }
  if (versioning.type === BY_FUNCTION)
    return { uncertain: 'a function of the application reads the version of a request' }
  return {}
}
