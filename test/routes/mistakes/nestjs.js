import { ClerkAuthModule, Public, RequireAuth } from '@clerk-auth/nestjs'
import { All, Catch, Controller, Delete, Get, Post, RequestMapping, RequestMethod, UseGuards } from '@nestjs/common'
import { APP_FILTER, NestFactory } from '@nestjs/core'

/**
 * Mistakes in applications on NestJS.
 *
 * @param {() => import('@nestjs/common').HttpServer | undefined} adapter of Express, the default, or Fastify
 * @returns {import('./mistake.js').Mistake[]}
 */
export function nestjsMistakes(adapter) {
  /** @param {Partial<import("@nestjs/common").DynamicModule>} module */
  const create = (module) => {
    const http = adapter()
    const root = { module: class Root {}, ...module }
    const options = { logger: /** @type {const} */ (false), abortOnError: false }
    return http
      ? NestFactory.create(root, /** @type {import('@nestjs/core').AbstractHttpAdapter} */ (http), options)
      : NestFactory.create(root, options)
  }
  /** @param {import('@nestjs/common').Type[]} controllers */
  const app = (...controllers) => create({ imports: [ClerkAuthModule.forRoot()], controllers })
  /** @param {import('@nestjs/common').Type[]} controllers */
  const withoutModule = (...controllers) => create({ controllers })

  return [
    {
      name: 'the module is not imported, and the routes rely on its guard',
      app: () => withoutModule(controller('users', { list: [Get()], remove: [Delete(':id')] })),
      finds: ['GET /users: no guard', 'DELETE /users/:id: no guard'],
    },
    {
      name: 'the module is not imported, and a route has a decorator',
      app: () => withoutModule(controller('users', { list: [Get(), RequireAuth()] })),
      finds: [/^GET \/users: (the probe contradicts the guard: |cannot tell: )/],
    },
    {
      name: "a guard of the application's own takes the place of the module",
      app: () => withoutModule(controller('users', { list: [Get(), UseGuards({ canActivate: () => true })] })),
      finds: [/^GET \/users: (no guard|cannot tell: )/],
    },
    {
      name: 'a route for all methods relies on a module that is not imported',
      app: () => withoutModule(controller('graphql', { run: [All()] })),
      finds: ['ALL /graphql: no guard'],
    },
    {
      name: 'HEAD relies on a module that is not imported',
      app: () =>
        withoutModule(controller('files', { size: [RequestMapping({ path: ':id', method: RequestMethod.HEAD })] })),
      finds: ['HEAD /files/:id: no guard'],
    },
    {
      name: 'the module is imported twice',
      app: () =>
        create({
          imports: [ClerkAuthModule.forRoot(), { ...ClerkAuthModule.forRoot(), module: class Again {} }],
          controllers: [controller('users', { list: [Get()] })],
        }),
      finds: [/^GET \/users: (the probe contradicts the guard: |cannot tell: )/],
    },
    {
      name: 'a middleware answers before the guards',
      app: () => {
        class Root {
          /** @param {import('@nestjs/common').MiddlewareConsumer} consumer */
          configure(consumer) {
            consumer.apply(answer).forRoutes('*path')
          }
        }
        return create({
          module: Root,
          imports: [ClerkAuthModule.forRoot()],
          controllers: [controller('users', { list: [Get()] })],
        })
      },
      finds: ['GET /users: the probe contradicts the guard: ', 'GET /*: cannot tell: '],
    },
    {
      name: 'a filter turns refusals into 200',
      app: () => {
        class Filter {
          /** @param {unknown} _exception @param {import('@nestjs/common').ArgumentsHost} host */
          catch(_exception, host) {
            host.switchToHttp().getResponse().status(200).send({ ok: false })
          }
        }
        Catch()(Filter)
        return create({
          imports: [ClerkAuthModule.forRoot({ refusals: 'throw' })],
          controllers: [controller('users', { list: [Get()] })],
          providers: [{ provide: APP_FILTER, useClass: Filter }],
        })
      },
      finds: ['GET /users: the probe contradicts the guard: ', 'GET /*: cannot tell: '],
    },
    {
      name: 'a route is added to the server that Nest runs on, past its guards',
      app: async () => {
        const created = await app(controller('users', { list: [Get()] }))
        created.getHttpAdapter().get('/raw', answer)
        return created
      },
      finds: [/^GET \/raw: (no guard|cannot tell: )/],
    },
    {
      name: 'the mark of a public route moved to the controller',
      before: () => app(controller('users', { list: [Get(), Public()], remove: [Delete(':id')] })),
      app: () => app(controller('users', { list: [Get()], remove: [Delete(':id')] }, Public())),
      finds: ['DELETE /users/:id: '],
    },
    {
      name: 'a route of a guarded controller became public',
      before: () => app(controller('admin', { report: [Get('report')] }, RequireAuth({ role: 'org:admin' }))),
      app: () => app(controller('admin', { report: [Get('report'), Public()] }, RequireAuth({ role: 'org:admin' }))),
      finds: ['GET /admin/report: '],
    },
    {
      name: 'one of two guards of a route is gone',
      before: () =>
        app(
          controller('invoices', {
            create: [Post(), RequireAuth({ role: 'org:admin' }), RequireAuth({ permission: 'org:invoices:read' })],
          }),
        ),
      app: () => app(controller('invoices', { create: [Post(), RequireAuth({ permission: 'org:invoices:read' })] })),
      finds: ['POST /invoices: '],
    },
    {
      name: 'a role was in the decorator of the controller, and the guard of the module is left',
      before: () => app(controller('admin', { report: [Get('report')] }, RequireAuth({ role: 'org:admin' }))),
      app: () => app(controller('admin', { report: [Get('report')] })),
      finds: ['GET /admin/report: '],
    },
  ]
}

/**
 * A controller, without the syntax of decorators, which JavaScript does not have yet.
 *
 * @param {string} path
 * @param {Record<string, MethodDecorator[]>} handlers
 * @param {ClassDecorator[]} decorators
 * @returns {import('@nestjs/common').Type}
 */
function controller(path, handlers, ...decorators) {
  class Routes {}
  for (const [name, ofHandler] of Object.entries(handlers)) {
    const descriptor = { value: () => handler(), configurable: true, writable: true }
    Object.defineProperty(Routes.prototype, name, descriptor)
    for (const decorate of ofHandler) decorate(Routes.prototype, name, descriptor)
  }
  for (const decorate of [Controller(path), ...decorators]) decorate(Routes)
  return Routes
}

function handler() {
  throw new Error('the handler of a route ran')
}

/** @param {unknown} _request @param {{ end(body: string): void, send?(body: string): void }} response */
function answer(_request, response) {
  if (response.send) response.send('ok')
  else response.end('ok')
}
