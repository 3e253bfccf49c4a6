import { clerkAuth, getAuth, isPublic, requireAuth } from '@clerk-auth/express'

/** @typedef {import('express').RequestHandler} RequestHandler */

/**
 * Mistakes in applications on Express.
 *
 * @param {typeof import('express')} express version 4 or 5
 * @param {string} wildcard the pattern of every path in that version
 * @returns {import('./mistake.js').Mistake[]}
 */
export function expressMistakes(express, wildcard) {
  const identified = () => express().use(clerkAuth())

  return [
    {
      name: 'a route has no guard',
      app: () => identified().get('/me', requireAuth(), handler).get('/admin', handler),
      finds: ['GET /admin: no guard'],
    },
    {
      name: 'a guard was created and named in the handler, but is not in the route',
      app: () => {
        const admin = requireAuth({ role: 'org:admin' })
        return identified().get('/admin', (req, res) => res.json(getAuth(req, admin)))
      },
      finds: ['GET /admin: no guard'],
    },
    {
      name: 'a guard is given to && and not to the route',
      app: () => identified().get('/admin', requireAuth() && handler),
      finds: ['GET /admin: no guard'],
    },
    {
      name: 'requireAuth is not called',
      app: () =>
        identified().get('/admin', /** @type {RequestHandler} */ (/** @type {unknown} */ (requireAuth)), handler),
      finds: ['GET /admin: no guard'],
    },
    {
      name: 'a guard is behind the handler of its route',
      app: () => identified().get('/admin', handler, requireAuth()),
      finds: ['GET /admin: a guard runs behind the handler'],
    },
    {
      name: 'a guard is behind the handler in an array',
      app: () => identified().get('/admin', [handler, requireAuth()]),
      finds: ['GET /admin: a guard runs behind the handler'],
    },
    {
      name: 'a handler that answers from a cache is before the guard',
      app: () => identified().get('/prices', answer, requireAuth(), handler),
      finds: ['GET /prices: a guard runs behind the handler'],
    },
    {
      name: 'a middleware answers before the guard',
      app: () =>
        identified().get('/prices', (_req, res, _next) => void res.json({ cached: true }), requireAuth(), handler),
      finds: [/^GET \/prices: (a guard runs behind the handler|the probe contradicts the guard: )/],
    },
    {
      name: 'a cache before the guard answers every caller after the first who may pass',
      app: () => {
        /** @type {Set<string>} */
        const cached = new Set()
        return identified()
          .use((req, res, next) => {
            res.on('finish', () => void (res.statusCode < 300 && cached.add(req.url)))
            if (cached.has(req.url)) res.status(204).end()
            else next()
          })
          .get('/prices', requireAuth(), handler)
      },
      finds: ['GET /prices: the probe contradicts the guard: '],
    },
    {
      name: 'the guard of the application is added after a route',
      app: () => identified().get('/admin', handler).use(requireAuth()).get('/me', handler),
      finds: [/^GET \/admin: (no guard|a guard runs behind the handler)/],
    },
    {
      name: 'a router is mounted before the guard of the application',
      app: () => identified().use('/api', express.Router().get('/orders', handler)).use(requireAuth()),
      finds: [/^GET \/api\/orders: (no guard|a guard runs behind the handler)/],
    },
    {
      name: 'the guard of a router is added after its first route',
      app: () => {
        const router = express.Router().get('/orders', handler).use(requireAuth()).get('/invoices', handler)
        return identified().use('/api', router)
      },
      finds: [/^GET \/api\/orders: (no guard|a guard runs behind the handler)/],
    },
    {
      name: 'only one method of a path is guarded',
      app: () => identified().get('/users/:id', requireAuth(), handler).delete('/users/:id', handler),
      finds: ['DELETE /users/:id: no guard'],
    },
    {
      name: 'one method of route() is not guarded',
      app: () => {
        const app = identified()
        app.route('/posts').get(requireAuth(), handler).post(handler)
        return app
      },
      finds: ['POST /posts: no guard'],
    },
    {
      name: 'route().all() guards only the methods after it',
      app: () => {
        const app = identified()
        app.route('/posts').get(handler).all(requireAuth()).post(handler)
        return app
      },
      finds: ['GET /posts: a guard runs behind the handler'],
    },
    {
      name: 'a router is mounted twice, and guarded once',
      app: () => {
        const router = express.Router().get('/orders', handler)
        return identified().use('/v1', requireAuth(), router).use('/v2', router)
      },
      finds: ['GET /v2/orders: no guard'],
    },
    {
      name: 'the guard is on the old version of an API only',
      app: () => {
        const orders = () => express.Router().get('/orders', handler)
        return identified().use('/api/v1', requireAuth()).use('/api/v1', orders()).use('/api/v2', orders())
      },
      finds: ['GET /api/v2/orders: no guard'],
    },
    {
      name: 'a guard at /admin does not guard /administration',
      app: () => identified().use('/admin', requireAuth()).get('/admin/users', handler).get('/administration', handler),
      finds: ['GET /administration: no guard'],
    },
    {
      name: 'a guard for several paths leaves one out',
      app: () =>
        identified()
          .use(['/admin', '/staff'], requireAuth())
          .get('/admin/users', handler)
          .get('/staff/rota', handler)
          .get('/support/tickets', handler),
      finds: ['GET /support/tickets: no guard'],
    },
    {
      name: 'a route with several paths has no guard',
      app: () => identified().get(['/me', '/profile'], handler),
      finds: ['GET /me: no guard', 'GET /profile: no guard'],
    },
    {
      name: 'a guard has the path in the wrong case, and the application is case sensitive',
      app: () => {
        const app = express().enable('case sensitive routing').use(clerkAuth())
        return app.use('/Admin', requireAuth()).get('/admin/users', handler)
      },
      finds: ['GET /admin/users: no guard'],
    },
    {
      name: 'a guard has a trailing slash, and the application is strict',
      app: () => {
        const app = express().enable('strict routing').use(clerkAuth())
        return app.all('/admin/', requireAuth()).get('/admin', handler)
      },
      finds: ['GET /admin: no guard'],
    },
    {
      name: 'a regular expression as a path has no guard',
      app: () => identified().get(/^\/reports\/(\d+)$/, handler),
      finds: [/^GET \/.*reports.*: (no guard|cannot tell: )/],
    },
    {
      name: 'a guard at a regular expression misses a route',
      app: () =>
        identified()
          .all(/^\/internal$/, requireAuth())
          .get('/internal/jobs', handler),
      finds: [/^GET \/internal\/jobs: (no guard|cannot tell: )/],
    },
    {
      name: 'a guard at a regular expression is case sensitive, and the route is not',
      app: () =>
        identified()
          .use(/^\/internal/, requireAuth())
          .get('/internal/jobs', handler),
      finds: [/^GET \/internal\/jobs: (no guard|cannot tell: )/],
    },
    {
      name: 'a handler is mounted with use()',
      app: () => identified().use('/admin', answer),
      finds: [/^[A-Z]+ \/admin(\/\*\w*)?: (no guard|cannot tell: )/],
    },
    {
      name: 'a route for all methods has no guard',
      app: () => identified().all('/graphql', handler),
      finds: ['ALL /graphql: no guard'],
    },
    {
      name: 'HEAD has a handler of its own without a guard',
      app: () => identified().head('/files/:id', handler).get('/files/:id', requireAuth(), handler),
      finds: ['HEAD /files/:id: no guard'],
    },
    {
      name: 'OPTIONS has a handler without a guard or a mark',
      app: () => identified().options('/files', handler).get('/files', requireAuth(), handler),
      finds: ['OPTIONS /files: no guard'],
    },
    {
      name: 'a mounted application has no guard',
      app: () => identified().use('/admin', express().get('/users', handler)),
      finds: ['GET /admin/users: no guard'],
    },
    {
      name: 'a router that is mounted in a router has no guard',
      app: () => {
        const invoices = express.Router().get('/:id', handler)
        return identified().use('/orgs', express.Router().use('/invoices', invoices))
      },
      finds: ['GET /orgs/invoices/:id: no guard'],
    },
    {
      name: 'the guard is in a router beside the one with the routes',
      app: () => {
        const members = express.Router().use(requireAuth()).get('/members', handler)
        return identified().use('/team', members).use('/billing', express.Router().get('/cards', handler))
      },
      finds: ['GET /billing/cards: no guard'],
    },
    {
      name: "next('route') leads to a second route without the guard",
      app: () =>
        identified()
          .get('/admin', (_req, _res, next) => next('route'), requireAuth(), handler)
          .get('/admin', handler),
      finds: [/^GET \/admin: (no guard|the probe contradicts the guard: )/],
    },
    {
      name: 'a public route with a parameter answers for a guarded route after it',
      app: () => identified().get('/users/:id', isPublic(), handler).get('/users/me', requireAuth(), handler),
      finds: [/^GET \/users\/me: (a guard runs behind the handler|the probe contradicts the guard: )/],
    },
    {
      name: 'a public wildcard answers for the guarded routes after it',
      app: () => identified().get(wildcard, isPublic(), handler).get('/admin', requireAuth(), handler),
      finds: [/^GET \/admin: (a guard runs behind the handler|the probe contradicts the guard: )/],
    },
    {
      name: 'the mark of public files, which is not for the routes behind them',
      app: () => identified().use(isPublic(), express.static('public')).get('/admin', handler),
      finds: ['GET /admin: no guard'],
    },
    {
      name: 'the mark of public files is behind them',
      app: () => identified().use(express.static('public'), isPublic()).get('/admin', requireAuth(), handler),
      finds: ['ALL /*: cannot tell: '],
    },
    {
      name: 'the mark of a public route is on the wrong route',
      app: () => identified().get('/health', handler).get('/healthz', isPublic(), handler),
      finds: ['GET /health: no guard'],
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
      app: () => express().get('/admin', requireAuth(), handler),
      finds: [/^GET \/admin: (the probe contradicts the guard: |cannot tell: )/],
    },
    {
      name: 'clerkAuth() is added after the routes',
      app: () => express().get('/admin', requireAuth(), handler).use(clerkAuth()),
      finds: [/^GET \/admin: (the probe contradicts the guard: |cannot tell: )/],
    },
    {
      name: 'two instances identify the request, and the guard is not bound to one',
      app: () => express().use(clerkAuth(), clerkAuth()).get('/admin', requireAuth(), handler),
      finds: [/^GET \/admin: (the probe contradicts the guard: |cannot tell: )/],
    },
    {
      name: 'a wrapper ignores the error of the guard',
      app: () => {
        const guard = requireAuth()
        const app = express().use(clerkAuth({ refusals: 'throw' }))
        return app.get('/admin', (req, res, next) => guard(req, res, () => next()), handler)
      },
      finds: ['GET /admin: no guard'],
    },
    {
      name: 'a wrapper runs the guard for the first request only',
      app: () => {
        let passed = false
        const guard = requireAuth()
        /** @type {(...request: Parameters<RequestHandler>) => void} */
        const once = (req, res, next) => {
          if (passed) next()
          else
            guard(req, res, (error) => {
              passed = true
              next(error)
            })
        }
        return identified().get('/admin', once, handler)
      },
      finds: [/^GET \/admin: (no guard|cannot tell: )/],
    },
    {
      name: 'an error handler in the route continues after the error of the guard',
      app: () =>
        express()
          .use(clerkAuth({ refusals: 'throw' }))
          .get(
            '/admin',
            requireAuth(),
            handlesError((_error, _req, _res, next) => next()),
            handler,
          ),
      finds: ['GET /admin: the probe contradicts the guard: '],
    },
    {
      name: 'the error handler turns refusals into 200',
      app: () =>
        express()
          .use(clerkAuth({ refusals: 'throw' }))
          .get('/admin', requireAuth(), handler)
          .use(handlesError((_error, _req, res, _next) => void res.json({ ok: false }))),
      finds: ['GET /admin: the probe contradicts the guard: '],
    },
    {
      name: 'a check of req.auth, which anything can set, takes the place of a guard',
      app: () =>
        identified().get('/admin', (req, res, next) => void ('auth' in req ? next() : res.sendStatus(401)), handler),
      finds: [/^GET \/admin: (no guard|cannot tell: )/],
    },
    {
      name: 'the guard is added in production only',
      app: () => {
        const app = identified()
        if (process.env.NODE_ENV === 'production') app.use(requireAuth())
        return app.get('/admin', handler)
      },
      finds: ['GET /admin: no guard'],
    },
    {
      name: "an organization in the path is compared with the caller's own",
      app: () => identified().get('/orgs/:orgId/invoices', requireAuth({ org: (req) => getAuth(req).orgId }), handler),
      finds: ['GET /orgs/:orgId/invoices: the probe contradicts the guard: '],
    },
    {
      name: 'a role became a weaker one',
      before: () => identified().get('/admin', requireAuth({ role: 'org:admin' }), handler),
      app: () => identified().get('/admin', requireAuth({ role: ['org:admin', 'org:member'] }), handler),
      finds: ['GET /admin: '],
    },
    {
      name: 'a role and a permission became a role or a permission',
      before: () =>
        identified().get('/admin', requireAuth({ role: 'org:admin', permission: 'org:invoices:read' }), handler),
      app: () =>
        identified().get('/admin', requireAuth([{ role: 'org:admin' }, { permission: 'org:invoices:read' }]), handler),
      finds: ['GET /admin: '],
    },
    {
      name: 'a check became one that is always true',
      before: () => identified().get('/beta', requireAuth({ check: (auth) => auth.orgSlug === 'acme' }), handler),
      app: () => identified().get('/beta', requireAuth({ check: () => true }), handler),
      finds: ['GET /beta: '],
    },
    {
      name: 'a function at the end answers whatever no route has matched',
      app: () =>
        identified()
          .get('/admin', requireAuth(), handler)
          .use((_req, res, _next) => void res.json({ ok: true })),
      finds: ['GET /*: cannot tell: '],
    },
    {
      name: 'a guarded route became public',
      before: () => identified().get('/admin', requireAuth({ role: 'org:admin' }), handler),
      app: () => identified().get('/admin', isPublic(), handler),
      finds: ['GET /admin: '],
    },
  ]
}

/** @type {(...request: Parameters<RequestHandler>) => void} */
const handler = (_req, _res) => {
  throw new Error('the handler of a route ran')
}

/** @type {RequestHandler} */
const answer = (_req, res) => void res.json({ ok: true })

/** @param {import('express').ErrorRequestHandler} errorHandler */
const handlesError = (errorHandler) => /** @type {RequestHandler} */ (/** @type {unknown} */ (errorHandler))
