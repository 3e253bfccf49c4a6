import { clerkAuth, getAuth, isPublic, requireAuth } from '@clerk-auth/hono'
import { Hono } from 'hono'
import { every, except, some } from 'hono/combine'

/** @typedef {import('hono').Handler} Handler */
/** @typedef {import('hono').MiddlewareHandler} MiddlewareHandler */

const identified = () => new Hono().use(clerkAuth())

/**
 * Mistakes in applications on Hono.
 *
 * @type {import('./mistake.js').Mistake[]}
 */
export const honoMistakes = [
  {
    name: 'a route has no guard',
    app: () => identified().get('/me', requireAuth(), handler).get('/admin', handler),
    finds: ['GET /admin: no guard'],
  },
  {
    name: 'a guard is behind the handler of its route',
    app: () => identified().get('/admin', answer, requireAuth()),
    finds: ['GET /admin: a guard runs behind the handler'],
  },
  {
    name: 'the guard of the application is added after a route',
    app: () => identified().get('/admin', answer).use(requireAuth()).get('/me', handler),
    finds: [/^GET \/admin: (no guard|a guard runs behind the handler)/],
  },
  {
    name: 'an application is mounted before the guard',
    app: () => identified().route('/v2', new Hono().get('/orders', answer)).use(requireAuth()).get('/me', handler),
    finds: [/^GET \/v2\/orders: (no guard|a guard runs behind the handler)/],
  },
  {
    name: 'the guard of a mounted application is added after its first route',
    app: () => {
      const orders = new Hono().get('/orders', answer).use(requireAuth()).get('/invoices', handler)
      return identified().route('/api', orders)
    },
    finds: [/^GET \/api\/orders: (no guard|a guard runs behind the handler)/],
  },
  {
    name: 'a middleware answers before the guard',
    app: () => identified().get('/prices', async (c, _next) => c.json({ cached: true }), requireAuth(), handler),
    finds: [/^GET \/prices: (a guard runs behind the handler|the probe contradicts the guard: )/],
  },
  {
    name: 'a guard without a wildcard guards one path and none below it',
    app: () => identified().use('/admin', requireAuth()).get('/admin', handler).get('/admin/users', handler),
    finds: ['GET /admin/users: no guard'],
  },
  {
    name: 'a guard at /admin/* does not guard /administration',
    app: () => identified().use('/admin/*', requireAuth()).get('/admin/users', handler).get('/administration', handler),
    finds: ['GET /administration: no guard'],
  },
  {
    name: 'a guard has the path in the wrong case',
    app: () => identified().use('/Admin/*', requireAuth()).get('/admin/users', handler),
    finds: ['GET /admin/users: no guard'],
  },
  {
    name: 'a guard has a trailing slash',
    app: () => identified().use('/admin/', requireAuth()).get('/admin', handler),
    finds: ['GET /admin: no guard'],
  },
  {
    name: 'a guard has a trailing slash, in an application that ignores those of requests',
    app: () => new Hono({ strict: false }).use(clerkAuth()).use('/me/', requireAuth()).get('/me', handler),
    finds: ['GET /me: no guard'],
  },
  {
    name: 'a guard has the path without the base path',
    app: () => {
      const app = identified().use('/v1/*', requireAuth())
      app.basePath('/api').get('/v1/orders', handler)
      return app
    },
    finds: ['GET /api/v1/orders: no guard'],
  },
  {
    name: 'only one method of a path is guarded',
    app: () => identified().get('/users/:id', requireAuth(), handler).delete(handler),
    finds: ['DELETE /users/:id: no guard'],
  },
  {
    name: 'a guard is added for one method with on()',
    app: () => identified().on('GET', '/posts/*', requireAuth()).get('/posts/:id', handler).put('/posts/:id', handler),
    finds: ['PUT /posts/:id: no guard'],
  },
  {
    name: 'an application is mounted twice, and guarded once',
    app: () => {
      const orders = new Hono().get('/orders', handler)
      return identified().use('/v1/*', requireAuth()).route('/v1', orders).route('/v2', orders)
    },
    finds: ['GET /v2/orders: no guard'],
  },
  {
    name: 'a route is added at the path of a mounted application, before it',
    app: () =>
      identified().get('/admin/extra', handler).route('/admin', new Hono().use(requireAuth()).get('/users', handler)),
    finds: [/^GET \/admin\/extra: (no guard|a guard runs behind the handler)/],
  },
  {
    name: 'the guard is on a parameter that allows only digits',
    app: () => identified().get('/files/:id{[0-9]+}', requireAuth(), handler).get('/files/:name', handler),
    finds: ['GET /files/:name: no guard'],
  },
  {
    name: 'on() adds routes for two methods without a guard',
    app: () => identified().on(['GET', 'POST'], '/graphql', handler),
    finds: ['GET /graphql: no guard', 'POST /graphql: no guard'],
  },
  {
    name: 'a route for all methods has no guard',
    app: () => identified().all('/graphql', handler),
    finds: ['ALL /graphql: no guard'],
  },
  {
    name: 'OPTIONS has a handler without a guard or a mark',
    app: () => identified().options('/files', handler).get(requireAuth(), handler),
    finds: ['OPTIONS /files: no guard'],
  },
  {
    name: 'a foreign application is mounted without a guard',
    app: () => identified().mount('/legacy', () => new Response('ok')),
    finds: [/^ALL \/legacy(\/\*)?: (no guard|cannot tell: )/],
  },
  {
    name: 'some() lets every caller in',
    app: () =>
      identified().get(
        '/admin',
        some(requireAuth(), async (_c, next) => next()),
        handler,
      ),
    finds: [/^GET \/admin: (no guard|cannot tell: |the probe contradicts the guard: )/],
  },
  {
    name: 'every() runs the handler before the guard',
    app: () => identified().get('/admin', every(answer, requireAuth())),
    finds: [/^GET \/admin: (no guard|cannot tell: |the probe contradicts the guard: )/],
  },
  {
    name: 'except() leaves out too much',
    app: () => identified().use(except('/a*', requireAuth())).get('/admin', handler),
    finds: [/^GET \/admin: (no guard|cannot tell: |the probe contradicts the guard: )/],
  },
  {
    name: 'a public route with a parameter answers for a guarded route after it',
    app: () => identified().get('/users/:id', isPublic(), handler).get('/users/me', requireAuth(), handler),
    finds: [/^GET \/users\/me: (a guard runs behind the handler|the probe contradicts the guard: )/],
  },
  {
    name: 'a public wildcard answers for the guarded routes after it',
    app: () => identified().all('*', isPublic(), handler).get('/admin', requireAuth(), handler),
    finds: [/^GET \/admin: (a guard runs behind the handler|the probe contradicts the guard: )/],
  },
  {
    name: 'a route is guarded and marked as public',
    app: () => identified().get('/admin', isPublic(), requireAuth(), handler),
    finds: [/^GET \/admin: (the probe contradicts the guard: |cannot tell: )/],
  },
  {
    name: 'a public route is behind the guard of the application',
    app: () => identified().use(requireAuth()).get('/health', isPublic(), handler),
    finds: [/^GET \/health: (the probe contradicts the guard: |cannot tell: )/],
  },
  {
    name: 'clerkAuth() is missing',
    app: () => new Hono().get('/admin', requireAuth(), handler),
    finds: [/^GET \/admin: (the probe contradicts the guard: |cannot tell: )/],
  },
  {
    name: 'clerkAuth() is added for another path',
    app: () =>
      new Hono()
        .use('/api/*', clerkAuth())
        .get('/api/me', requireAuth(), handler)
        .get('/admin', requireAuth(), handler),
    finds: [/^GET \/admin: (the probe contradicts the guard: |cannot tell: )/],
  },
  {
    name: 'two instances identify the request, and the guard is not bound to one',
    app: () => new Hono().use(clerkAuth(), clerkAuth()).get('/admin', requireAuth(), handler),
    finds: [/^GET \/admin: (the probe contradicts the guard: |cannot tell: )/],
  },
  {
    name: 'a wrapper does not wait for the guard',
    app: () => {
      /** @type {MiddlewareHandler} */
      const guard = requireAuth()
      return identified().get(
        '/admin',
        (c, next) => {
          Promise.resolve(guard(c, async () => {})).catch(() => {})
          return next()
        },
        handler,
      )
    },
    finds: ['GET /admin: no guard'],
  },
  {
    name: 'the error handler turns refusals into 200',
    app: () =>
      identified()
        .get('/admin', requireAuth(), handler)
        .onError((_error, c) => c.json({ ok: false })),
    finds: ['GET /admin: the probe contradicts the guard: '],
  },
  {
    name: 'a variable that any middleware can set takes the place of a guard',
    app: () => {
      /** @type {MiddlewareHandler} */
      const isAdmin = (c, next) => (c.get('admin') ? next() : Promise.resolve(c.json({}, 403)))
      return identified().get('/admin', isAdmin, handler)
    },
    finds: [/^GET \/admin: (no guard|cannot tell: )/],
  },
  {
    name: "an organization in the path is compared with the caller's own",
    app: () => identified().get('/orgs/:orgId/invoices', requireAuth({ org: (c) => getAuth(c).orgId }), handler),
    finds: ['GET /orgs/:orgId/invoices: the probe contradicts the guard: '],
  },
  {
    name: 'a role became a weaker one',
    before: () => identified().get('/admin', requireAuth({ role: 'org:admin' }), handler),
    app: () => identified().get('/admin', requireAuth({ org: true }), handler),
    finds: ['GET /admin: '],
  },
  {
    name: 'the handler of unknown paths answers with data',
    app: () =>
      identified()
        .get('/admin', requireAuth(), handler)
        .notFound((c) => c.json({ ok: true })),
    finds: ['GET /*: cannot tell: '],
  },
  {
    name: 'middleware passes requests to another application',
    app: () => {
      const other = new Hono().get('*', answer)
      return identified()
        .get('/admin', requireAuth(), handler)
        .use(async (c, next) => {
          await next()
          if (c.res.status === 404) c.res = await other.fetch(c.req.raw)
        })
    },
    finds: ['GET /*: cannot tell: '],
  },
  {
    name: 'a route accepts more kinds of token',
    before: () => identified().get('/jobs', requireAuth({ acceptsToken: 'm2m_token' }), handler),
    app: () => identified().get('/jobs', requireAuth({ acceptsToken: ['m2m_token', 'session_token'] }), handler),
    finds: ['GET /jobs: '],
  },
]

/** @type {Handler} */
function handler(_c) {
  throw new Error('the handler of a route ran')
}

/** @type {Handler} */
function answer(c) {
  return c.json({ ok: true })
}
