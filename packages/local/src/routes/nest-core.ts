import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { addForFramework, isApplication } from './express-router.js'
import { MARKER_STATUS } from './route.js'

/** Finds the guards of a handler, for each handler of each application. */
export interface GuardsContextCreator {
  readonly container: object
  create: (instance: object, handler: Function, moduleKey: string, ...others: unknown[]) => readonly CanActivate[]
}

export interface CanActivate {
  canActivate(context: ExecutionContext): unknown
}

interface ExecutionContext {
  getType(): string
  getArgByIndex(index: number): unknown
}

const recorded = new Set<string>()
/** Containers of applications whose handlers have a marker behind their guards, and whether it answers. */
const markers = new WeakMap<object, { answers: boolean }>()
const markerGuards = new WeakSet<object>()

/** Makes Nest add a marker behind the guards of each handler. To call before the application is built. */
export async function recordNest(file: string): Promise<void> {
  const core = coreFrom(file)
  if (!core || recorded.has(core)) return
  recorded.add(core)
  try {
    await recordIn(loaderOf(core))
  } catch (error) {
    // Jest in CommonJS: an application cannot import this version either.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING_FLAG') throw error
  }
}

async function recordIn(load: Load): Promise<void> {
  const { GuardsContextCreator } = (await load('guards/guards-context-creator.js')) as {
    readonly GuardsContextCreator: { readonly prototype: { create: GuardsContextCreator['create'] } }
  }
  const { create } = GuardsContextCreator.prototype
  GuardsContextCreator.prototype.create = function (this: GuardsContextCreator, ...args: Parameters<typeof create>) {
    return [...create.apply(this, args), markerOf(this.container)]
  }

  const { MiddlewareModule } = (await load('middleware/middleware-module.js')) as {
    readonly MiddlewareModule: { readonly prototype: MiddlewareModule }
  }
  const { registerHandler } = MiddlewareModule.prototype
  MiddlewareModule.prototype.registerHandler = function (this: MiddlewareModule, http, ...others) {
    return forFramework(http, () => registerHandler.call(this, http, ...others))
  }

  const { RoutesResolver } = (await load('router/routes-resolver.js')) as {
    readonly RoutesResolver: { readonly prototype: RoutesResolver }
  }
  const { registerNotFoundHandler } = RoutesResolver.prototype
  RoutesResolver.prototype.registerNotFoundHandler = function (this: RoutesResolver) {
    void forFramework(this.container.getHttpAdapterRef(), () => registerNotFoundHandler.call(this))
  }
}

/** Middleware of Nest is not a route, and neither is its answer to unknown paths. */
async function forFramework(http: HttpAdapter, add: () => void | Promise<void>): Promise<void> {
  const instance = http.getInstance()
  await (isApplication(instance) ? addForFramework(instance, add) : add())
}

interface HttpAdapter {
  getInstance(): unknown
}

interface MiddlewareModule {
  registerHandler: (http: HttpAdapter, ...others: readonly unknown[]) => Promise<void>
}

interface RoutesResolver {
  readonly container: { getHttpAdapterRef(): HttpAdapter }
  registerNotFoundHandler: () => void
}

type Load = (path: string) => Promise<unknown>

/** Newer versions are ES modules. Older ones are not imported, because Jest does not support that in CommonJS. */
function loaderOf(core: string): Load {
  const require = createRequire(join(core, 'package.json'))
  const { type } = require('./package.json') as { readonly type?: string }
  return async (path) =>
    type === 'module' ? import(pathToFileURL(join(core, path)).href) : (require(join(core, path)) as unknown)
}

/** The folder of Nest. Not by `require.resolve()`, because newer versions can only be imported. */
function coreFrom(file: string): string | undefined {
  const folders = createRequire(file).resolve.paths('@nestjs/core') ?? []
  return folders.map((folder) => join(folder, '@nestjs/core')).find((folder) => existsSync(folder))
}

function markerOf(container: object): CanActivate {
  const marker = markers.get(container) ?? { answers: false }
  markers.set(container, marker)
  const guard: CanActivate = {
    canActivate(context) {
      if (!marker.answers || context.getType() !== 'http') return true
      answer(context.getArgByIndex(1) as Response)
      // Whatever follows the guards never runs.
      return new Promise(() => {})
    },
  }
  markerGuards.add(guard)
  return guard
}

type Response = { code(status: number): { send(): void } } | { status(status: number): { end(): void } }

function answer(response: Response): void {
  if ('code' in response) response.code(MARKER_STATUS).send()
  else response.status(MARKER_STATUS).end()
}

export const isMarker = (guard: object) => markerGuards.has(guard)

export const hasMarkers = (container: object) => markers.has(container)

/** @returns stops answering */
export function answerByMarkers(container: object): () => void {
  const marker = markers.get(container)
  if (marker) marker.answers = true
  return () => {
    if (marker) marker.answers = false
  }
}
