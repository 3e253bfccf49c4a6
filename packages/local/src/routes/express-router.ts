import { createRequire } from 'node:module'

/** What Express 4 and 5 have in common, as far as it is read here. */
export interface Router extends Function {
  readonly stack: Layer[]
  readonly params: Record<string, Function[]>
}

export interface Layer {
  handle: Function
  readonly route?: RouteOfRouter | undefined
  /** Of a layer in a route: its method, in lower case. None: every method. */
  readonly method?: string | undefined
  readonly name: string
  match(path: string): boolean | { readonly path: string }
  /** Express 4, after a match: the part of the path that matched. */
  readonly path?: string | undefined
  /** Newer releases of Express 5. */
  readonly rawPath?: ExpressPath | undefined
  readonly slash?: boolean
  readonly regexp?: RegExp & { readonly fast_slash?: boolean }
}

export interface RouteOfRouter {
  readonly path: ExpressPath
  readonly stack: readonly Layer[]
  /** In lower case; `_all` for every method. */
  readonly methods: Readonly<Record<string, boolean>>
}

export type ExpressPath = string | RegExp | readonly ExpressPath[]

export interface Application extends Function {
  readonly handle: Function
  readonly set: Function
  readonly use: Function
  /** Express 4 only. */
  readonly lazyrouter?: () => void
  readonly _router?: Router
  /** Express 5 only: in Express 4, this throws. */
  readonly router: Router
}

/** What `use()` was called with, which Express keeps only in newer releases. */
interface Call {
  readonly path: ExpressPath
  /** The layers that the call added. */
  readonly layers: readonly Layer[]
}

const calls = new WeakMap<Layer, Call>()
const recorded = new WeakSet<object>()
const withRoutes = new Set<Router>()

/**
 * Makes Express remember the arguments of `use()`, and routers with routes, in each copy of Express that can be loaded
 * from the file. To call before the application is built.
 */
export function recordExpress(file: string): void {
  withRoutes.clear()
  for (const express of copiesOfExpress(file)) {
    const prototype =
      'prototype' in express.Router && 'use' in express.Router.prototype ? express.Router.prototype : express.Router
    if (recorded.has(prototype)) continue
    recorded.add(prototype)
    const { use, route } = prototype
    prototype.route = function (this: Router, ...args: readonly unknown[]) {
      withRoutes.add(this)
      return route.apply(this, args) as unknown
    }
    prototype.use = function (this: Router, ...args: readonly unknown[]) {
      return recordCall(args, this, () => use.apply(this, args) as unknown)
    }
    // It calls use() of its router once for each function.
    const { use: useOfApplication } = express.application
    express.application.use = function (this: Application, ...args: readonly unknown[]) {
      this.lazyrouter?.()
      return recordCall(args, routerOfApplication(this)!, () => useOfApplication.apply(this, args) as unknown)
    }
  }
}

function recordCall(args: readonly unknown[], { stack }: Router, use: () => unknown): unknown {
  const before = stack.length
  const result = use()
  const layers = stack.slice(before)
  const path = pathIn(args)
  for (const layer of layers) calls.set(layer, { path, layers })
  return result
}

interface Express {
  readonly Router: Recordable & { readonly prototype: Recordable }
  readonly application: { use: Function }
}

interface Recordable {
  use: Function
  route: Function
}

/** Routers with routes that were made since the last call, also those that no `use()` mounts. */
export function takeRoutersWithRoutes(): readonly Router[] {
  const routers = [...withRoutes]
  withRoutes.clear()
  return routers
}

function copiesOfExpress(file: string): readonly Express[] {
  const fromFile = createRequire(file)
  const via = ['@clerk-auth/express', '@nestjs/platform-express'].flatMap((name) => resolved(fromFile, name) ?? [])
  return [fromFile, ...via.map((path) => createRequire(path))].flatMap((require) => {
    const path = resolved(require, 'express')
    return path === undefined ? [] : [require(path) as Express]
  })
}

function resolved(require: NodeJS.Require, name: string): string | undefined {
  try {
    return require.resolve(name)
  } catch {
    return undefined
  }
}

/** As `use()` finds the path among its arguments: the first one, unless it is a function or a list of functions. */
function pathIn([first]: readonly unknown[]): ExpressPath {
  let innermost = first
  while (Array.isArray(innermost) && innermost.length > 0) innermost = innermost[0]
  return typeof innermost === 'function' ? '/' : (first as ExpressPath)
}

const ofFramework = new WeakSet<Layer>()

/** Takes layers out of the listing that a framework above Express adds for itself. */
export async function addForFramework(app: Application, add: () => void | Promise<void>): Promise<void> {
  const stack = () => routerOfApplication(app)?.stack ?? []
  const before = new Set(stack())
  await add()
  for (const layer of stack()) if (!before.has(layer)) ofFramework.add(layer)
}

export const isOfFramework = (layer: Layer) => ofFramework.has(layer)

export function callOf(layer: Layer): Call | undefined {
  return calls.get(layer)
}

/** The path of a layer, or `undefined` if it was added before `recordExpress()` and Express does not keep it. */
export function pathOf(layer: Layer): ExpressPath | undefined {
  if (layer.route) return layer.route.path
  return calls.get(layer)?.path ?? layer.rawPath ?? (matchesEverything(layer) ? '/' : undefined)
}

export function matchesEverything(layer: Layer): boolean {
  return !layer.route && (layer.slash === true || layer.regexp?.fast_slash === true)
}

/** The rest of the path behind the part that the layer matches, as Express hands it to a mounted router. */
export function restBehind(layer: Layer, path: string): string | undefined {
  const match = layer.match(path)
  if (match === false) return undefined
  const matched = (match === true ? layer.path : match.path) ?? ''
  if (!path.startsWith(matched)) return undefined
  const rest = path.slice(matched.length)
  const ends = layer.regexp ? ['/', '.', ''] : ['/', '']
  if (matched !== '' && !ends.includes(rest.slice(0, 1))) return undefined
  return rest.startsWith('/') ? rest : `/${rest}`
}

export function isApplication(value: unknown): value is Application {
  return typeof value === 'function' && 'handle' in value && 'set' in value && 'use' in value
}

export function routerOfApplication(app: Application): Router | undefined {
  // oxlint-disable-next-line no-underscore-dangle -- the name in Express 4
  return app.lazyrouter ? app._router : app.router
}

/** The router that a layer runs, if it runs one. */
export function routerIn(layer: Layer): Router | undefined {
  const { handle } = layer
  if (Array.isArray((handle as Partial<Router>).stack)) return handle as Router
  const app = isApplication(handle) ? handle : layer.name === 'mounted_app' ? mountedApplication(handle) : undefined
  return app && routerOfApplication(app)
}

/**
 * The application behind the function that `app.use(application)` adds. It cannot be read from the function, but
 * applications make themselves the prototype of a request before they run what was added to them.
 */
function mountedApplication(mounted: Function): Application | undefined {
  const stop = new Error('the application is known')
  const request = {
    method: 'GET',
    query: {},
    get url() {
      if (isApplication((this as { readonly app?: unknown }).app)) throw stop
      return '/'
    },
  }
  try {
    mounted(request, { setHeader: () => {}, locals: {} }, () => {})
  } catch {
    // Express 5 stops here, and Express 4 hands the error to the function above.
  }
  const { app } = request as { readonly app?: unknown }
  return isApplication(app) ? app : undefined
}
