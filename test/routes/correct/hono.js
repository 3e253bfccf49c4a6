import { clerkAuth, isPublic, requireAuth } from '@clerk-auth/hono'
import { Hono } from 'hono'
import { logger } from 'hono/logger'
import { HTTPException } from 'hono/http-exception'

const identified = () => new Hono().use(clerkAuth())

/**
 * Applications on Hono that look like mistakes, and are none.
 *
 * @type {{ readonly name: string; readonly app: () => unknown }[]}
 */
export const correctOnHono = [
  {
    name: 'a public route before the guard of the application',
    app: () => identified().get('/health', isPublic(), handler).use(requireAuth()).get('/me', handler),
  },
  {
    name: 'a guard with a wildcard, which is also for the path itself',
    app: () => identified().use('/admin/*', requireAuth()).get('/admin', handler),
  },
  {
    name: 'a guard of a mounted application, which is also for a route that is added at its path later',
    app: () =>
      identified().route('/admin', new Hono().use(requireAuth()).get('/users', handler)).get('/admin/extra', handler),
  },
  {
    name: 'a guard with a base path',
    app: () => {
      const app = identified()
      app.basePath('/api').use(requireAuth()).get('/orders', handler)
      return app
    },
  },
  {
    name: 'a guarded application that is mounted twice',
    app: () => {
      const orders = new Hono().use(requireAuth()).get('/orders', handler)
      return identified().route('/v1', orders).route('/v2', orders)
    },
  },
  {
    name: 'a mounted application with its own error handler',
    app: () => {
      const orders = new Hono().get('/orders', requireAuth(), handler)
      orders.onError((error, c) => (error instanceof HTTPException ? error.getResponse() : c.text('', 500)))
      return identified().route('/v1', orders)
    },
  },
  {
    name: 'a guarded parameter of digits before a public one of anything',
    app: () => identified().get('/files/:id{[0-9]+}', requireAuth(), handler).get('/files/:name', isPublic(), handler),
  },
  {
    name: 'a guarded route with a name, before a public one with a parameter',
    app: () => identified().get('/users/me', requireAuth(), handler).get('/users/:id', isPublic(), handler),
  },
  {
    name: 'middleware for everything, before the middleware of clerkAuth()',
    app: () =>
      new Hono()
        .use(logger(() => {}))
        .use('*', clerkAuth())
        .get('/me', requireAuth(), handler),
  },
  {
    name: 'a guard for one method, added with on()',
    app: () => identified().on(['GET', 'PUT'], '/posts/*', requireAuth()).get('/posts/:id', handler).put(handler),
  },
  {
    name: 'a guard in use() with several functions',
    app: () =>
      identified()
        .use('/api/*', async (_c, next) => next(), requireAuth())
        .get('/api/orders', handler),
  },
  {
    name: 'routes in the style of chained calls without a path',
    app: () => identified().get('/me', requireAuth(), handler).put(requireAuth(), handler),
  },
  {
    name: 'an optional parameter',
    app: () => identified().use('/api/*', requireAuth()).get('/api/orders/:id?', handler),
  },
  {
    name: 'a handler for unknown paths',
    app: () =>
      identified()
        .get('/me', requireAuth(), handler)
        .notFound((c) => c.text('', 404)),
  },
]

/** @type {import('hono').Handler} */
function handler(_c) {
  throw new Error('the handler of a route ran')
}
