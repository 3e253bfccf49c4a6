import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FrameworkApp } from './framework-app.js'
import { descriptionOf, guardChain } from './guard-chain.js'
import { MARKER_STATUS, type Route } from './route.js'

/** The parts of Fastify 4 and 5 that are read here. */
export interface Fastify {
  readonly addHook: (name: string, hook: Function) => unknown
  readonly inject: Function
  readonly ready: () => PromiseLike<unknown>
  readonly routing: (request: IncomingMessage, response: ServerResponse) => void
}

interface RouteOptions extends Partial<Record<HookName, Function | readonly Function[]>> {
  readonly method: string | readonly string[]
  readonly url: string
  readonly config?: object
  readonly constraints?: Constraints
  handler: Function
}

type Constraints = Readonly<Record<string, unknown>>

interface Reply {
  code(status: number): { send(): unknown }
}

/** The hooks before the handler in which a guard may be, in the order of a request. */
const BEFORE = ['onRequest', 'preValidation', 'preHandler'] as const
const OTHERS = ['preParsing', 'preSerialization', 'onSend', 'onResponse', 'onError'] as const
type HookName = (typeof BEFORE)[number] | (typeof OTHERS)[number]

interface Scope {
  hasRequestDecorator(name: string): boolean
}

interface RecordedRoute {
  /** The application, or the plugin that added the route. */
  readonly scope: Scope
  /** Kept, because Fastify uses the same options again for `/prefix/`. */
  readonly url: string
  readonly options: RouteOptions
  /** The hook that answers instead of what follows it. None: the handler answers. */
  answeredBy?: Function | undefined
  isReplaced: boolean
  /** Undoes other changes to the route. */
  readonly restore: (() => void)[]
}

/** A place, behind a guard of a route, at which its requests can be answered. */
const stops = new WeakSet<Function>()
const recorded = new WeakMap<object, RecordedRoute[]>()
let isRecording = false

/** Makes Fastify report routes and hooks. To call before the application is built. */
export function recordFastify(): void {
  if (isRecording) return
  isRecording = true
  subscribe('fastify.initialization', (message) => {
    const { fastify } = message as { readonly fastify: Fastify }
    const routes: RecordedRoute[] = []
    recorded.set(fastify, routes)
    fastify.addHook('onRoute', function (this: Scope, options: RouteOptions) {
      const route: RecordedRoute = { scope: this, url: options.url, options, isReplaced: false, restore: [] }
      routes.push(route)
      const { handler } = options
      options.handler = function (this: unknown, request: unknown, reply: Reply): unknown {
        return route.isReplaced ? reply.code(MARKER_STATUS).send() : (handler.call(this, request, reply) as unknown)
      }
      // Later, so that hooks of the application for new routes see the options as they were written.
      process.nextTick(addStops, route)
    })
  })
}

function addStops(route: RecordedRoute): void {
  const stop = () => {
    const answer = (_request: unknown, reply: Reply, done: () => void) => {
      if (route.answeredBy === answer) reply.code(MARKER_STATUS).send()
      else done()
    }
    stops.add(answer)
    return answer
  }
  const skipValidation = (request: object, _reply: unknown, done: () => void) => {
    if (route.isReplaced) attachValidation(request, route)
    done()
  }
  for (const name of BEFORE) {
    const hooks = [route.options[name] ?? []].flat() as readonly Function[]
    const first = name === 'preValidation' ? [stop(), skipValidation] : [stop()]
    route.options[name] = [...first, ...hooks.flatMap((hook) => (descriptionOf(hook) ? [hook, stop()] : [hook]))]
  }
}

/**
 * Takes a request past the validation of its parts to the guards behind it, in `preHandler`. They see the same as with
 * a valid request.
 */
function attachValidation(request: object, route: RecordedRoute): void {
  const symbol = Object.getOwnPropertySymbols(request).find(({ description }) => description === 'fastify.context')
  const context = symbol && (request as Record<symbol, { attachValidation: boolean }>)[symbol]
  if (!context || context.attachValidation) return
  context.attachValidation = true
  route.restore.push(() => void (context.attachValidation = false))
}

export function isFastify(value: unknown): value is Fastify {
  const app = value as Partial<Fastify> | null
  return (
    typeof app === 'object' &&
    [app?.addHook, app?.inject, app?.ready, app?.routing].every((one) => typeof one === 'function')
  )
}

/** @returns `undefined` if the application was built before `recordFastify()` */
export async function fastifyApp(app: Fastify): Promise<FrameworkApp | undefined> {
  await app.ready()
  const routes = recorded.get(app)
  if (!routes) return undefined
  const found = routes.map((route) => ({ route, own: routesOf(route) }))
  return {
    listing: { framework: 'fastify', routes: withoutOwnHead(found.flatMap(({ own }) => own)) },
    listener: (request, response) => app.routing(request, response),
    replaceHandlers: (which) => {
      const kept = (own: readonly Route[]) => own.every(({ path }) => !which.some((one) => one.path === path))
      for (const { route, own } of found) if (!kept(own)) replaceHandler(route)
      return () => {
        for (const route of routes) {
          Object.assign(route, { answeredBy: undefined, isReplaced: false })
          for (const restore of route.restore.splice(0)) restore()
        }
      }
    },
  }
}

function routesOf(route: RecordedRoute): readonly Route[] {
  const { method, constraints } = route.options
  if (answersPreflight(route)) return []
  const chain = {
    guards: guardsOf(route),
    guardsBehindHandler: guardChain([
      OTHERS.flatMap((name) => hooksOf(route, name)).map((run) => ({ run, answers: false })),
    ]).guards,
  }
  return methodsOf(method).map((one) => ({
    method: one,
    path: route.url,
    ...chain,
    hasOwnHandler: true,
    ...needsOf(constraints),
  }))
}

/** The route that `@fastify/cors` adds. */
function answersPreflight({ scope, url, options: { method } }: RecordedRoute): boolean {
  return method === 'OPTIONS' && url.endsWith('*') && scope.hasRequestDecorator('corsPreflightEnabled')
}

const USUAL_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

function methodsOf(method: string | readonly string[]): readonly string[] {
  const methods = [method].flat()
  return USUAL_METHODS.every((one) => methods.includes(one)) ? ['ALL'] : methods
}

function guardsOf(route: RecordedRoute): Route['guards'] {
  const mark = descriptionOf(route.options.config)
  const { guards } = guardChain([
    BEFORE.flatMap((name) => hooksOf(route, name)).map((run) => ({ run, answers: false })),
  ])
  if (!mark) return guards
  return isLeftAlone(route) ? [mark] : [mark, ...guards]
}

/** As the plugin of the adapter marks public routes that it has checked: guards skip these only. */
function isLeftAlone({ options }: RecordedRoute): boolean {
  return Symbol.for('clerk-auth.public') in (options.config ?? {})
}

/** The hooks of a route, those of its scope first. Fastify combines them in the same way when it is ready. */
function hooksOf({ scope, options }: RecordedRoute, name: HookName): readonly Function[] {
  const symbol = Object.getOwnPropertySymbols(scope).find(({ description }) => description === 'fastify.hooks')
  const ofScope = symbol && (scope as unknown as Record<symbol, Record<HookName, readonly Function[]>>)[symbol]
  return [ofScope?.[name] ?? [], options[name] ?? []].flat()
}

function needsOf({ version, host, ...others }: Constraints = {}): Pick<
  Route,
  'headers' | 'isPathUnknown' | 'uncertain'
> {
  const headers = {
    ...(typeof version === 'string' && { 'accept-version': version }),
    ...(typeof host === 'string' && { host }),
  }
  const unmet = Object.keys({ ...(host instanceof RegExp && { host }), ...others })
  return {
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(unmet.length > 0 && {
      isPathUnknown: true,
      uncertain: `its requests depend on the constraint ${unmet.join(', ')}`,
    }),
  }
}

/**
 * Fastify adds a HEAD route to each GET route; for `/` in a scope with a prefix another one, with a slash. It is listed
 * only if its guards are others.
 */
function withoutOwnHead(routes: readonly Route[]): readonly Route[] {
  return routes.filter(
    (route) =>
      route.method !== 'HEAD' ||
      !routes.some(
        ({ method, path, guards }) =>
          method === 'GET' && withoutSlash(path) === withoutSlash(route.path) && isSame(guards, route.guards),
      ),
  )
}

function withoutSlash(path: string): string {
  return path.replace(/\/$/, '')
}

function isSame(some: Route['guards'], others: Route['guards']): boolean {
  return some.length === others.length && some.every((guard, i) => guard === others[i])
}

function replaceHandler(route: RecordedRoute): void {
  const hooks = BEFORE.flatMap((name) => hooksOf(route, name))
  const lastGuard = hooks.findLastIndex((hook) => descriptionOf(hook)?.isPublic === false)
  const isGuarded = lastGuard >= 0 && !isLeftAlone(route)
  route.isReplaced = true
  route.answeredBy = hooks.find((hook, i) => stops.has(hook) && (!isGuarded || i > lastGuard))
}
