import { generateKeyPairSync } from 'node:crypto'
import { clerkAuth, getAuth, isPublic, requireAuth } from '@clerk-auth/fastify'
import fastifyPlugin from 'fastify-plugin'

const { publicKey: OTHER_KEY } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

/** @typedef {import('fastify').FastifyInstance} FastifyInstance */

/**
 * Mistakes in applications on Fastify.
 *
 * @param {typeof import('fastify').fastify} fastify version 4 or 5
 * @returns {import('./mistake.js').Mistake[]}
 */
export function fastifyMistakes(fastify) {
  /** @param {(app: FastifyInstance) => unknown} addRoutes @param {object} [options] */
  const app = (addRoutes, options) => {
    const created = fastify()
    created.register(clerkAuth, options ?? {})
    created.register(fastifyPlugin(async (scope) => void addRoutes(scope)))
    return created
  }

  return [
    {
      name: 'a route has no guard',
      app: () => app((app) => app.get('/me', { onRequest: requireAuth() }, handler).get('/admin', handler)),
      finds: ['GET /admin: no guard'],
    },
    {
      name: 'a guard was created and named in the handler, but is not in the route',
      app: () => {
        const admin = requireAuth({ role: 'org:admin' })
        return app((app) => app.get('/admin', async (request) => getAuth(request, admin)))
      },
      finds: ['GET /admin: no guard'],
    },
    {
      name: 'a guard is in the config of the route and not in a hook',
      app: () => app((app) => app.get('/admin', { config: Object({ auth: requireAuth() }) }, handler)),
      finds: ['GET /admin: no guard'],
    },
    {
      name: 'a route for one host has no guard, and that for the others has one',
      app: () =>
        app((app) =>
          app
            .get('/admin', { constraints: { host: 'admin.example.com' } }, handler)
            .get('/admin', { onRequest: requireAuth() }, handler),
        ),
      finds: ['GET /admin: no guard'],
    },
    {
      name: 'a route for hosts that a regular expression matches has no guard',
      app: () =>
        app((app) =>
          app
            .get('/admin', { constraints: { host: /^admin/ } }, handler)
            .get('/admin', { onRequest: requireAuth() }, handler),
        ),
      finds: ['GET /admin: cannot tell: its requests depend on the constraint host'],
    },
    {
      name: 'a guard is in the options of a plugin, where Fastify ignores it',
      app: () =>
        app((app) =>
          app.register(async (scope) => void scope.get('/users', handler), {
            prefix: '/admin',
            onRequest: requireAuth(),
          }),
        ),
      finds: ['GET /admin/users: no guard'],
    },
    {
      name: 'a guard is read from a decorator that has another name',
      app: () =>
        app((app) => {
          app.decorate('requireUser', requireAuth())
          app.get('/admin', { preHandler: /** @type {any} */ (app).requiresUser }, handler)
        }),
      finds: ['GET /admin: no guard'],
    },
    {
      name: 'the schema says that the route is secure, and nothing guards it',
      app: () => app((app) => app.get('/admin', { schema: Object({ security: [{ clerk: [] }] }) }, handler)),
      finds: ['GET /admin: no guard'],
    },
    {
      name: 'the guard is in the scope beside the one with the route',
      app: () =>
        app((app) =>
          app
            .register(async (scope) => {
              scope.addHook('onRequest', requireAuth())
              scope.get('/members', handler)
            })
            .register(async (scope) => void scope.get('/cards', handler)),
        ),
      finds: ['GET /cards: no guard'],
    },
    {
      name: 'a plugin keeps the guard in its own scope',
      app: () =>
        app((app) =>
          app.register(async (scope) => void scope.addHook('onRequest', requireAuth())).get('/admin', handler),
        ),
      finds: ['GET /admin: no guard'],
    },
    {
      name: 'the guard is on the old version of an API only',
      app: () =>
        app((app) => {
          /** @param {FastifyInstance} scope */
          const orders = async (scope) => void scope.get('/orders', handler)
          app
            .register(
              async (scope) => {
                scope.addHook('onRequest', requireAuth())
                scope.register(orders)
              },
              { prefix: '/v1' },
            )
            .register(orders, { prefix: '/v2' })
        }),
      finds: ['GET /v2/orders: no guard'],
    },
    {
      name: 'only one method of a path is guarded',
      app: () =>
        app((app) => app.get('/users/:id', { onRequest: requireAuth() }, handler).delete('/users/:id', handler)),
      finds: ['DELETE /users/:id: no guard'],
    },
    {
      name: 'a route for two methods has no guard',
      app: () => app((app) => app.route({ method: ['POST', 'PUT'], url: '/posts', handler })),
      finds: ['POST /posts: no guard', 'PUT /posts: no guard'],
    },
    {
      name: 'a route for all methods has no guard',
      app: () => app((app) => app.all('/graphql', handler)),
      finds: [/^(ALL|GET) \/graphql: no guard/],
    },
    {
      name: 'HEAD has a handler of its own without a guard',
      app: () => app((app) => app.head('/files/:id', handler).get('/files/:id', { onRequest: requireAuth() }, handler)),
      finds: ['HEAD /files/:id: no guard'],
    },
    {
      name: 'OPTIONS has a handler without a guard or a mark',
      app: () => app((app) => app.options('/files', handler).get('/files', { onRequest: requireAuth() }, handler)),
      finds: ['OPTIONS /files: no guard'],
    },
    {
      name: 'one version of a route is not guarded',
      app: () =>
        app((app) =>
          app
            .get('/orders', { constraints: { version: '1.0.0' }, onRequest: requireAuth() }, handler)
            .get('/orders', { constraints: { version: '2.0.0' } }, handler),
        ),
      finds: ['GET /orders: no guard'],
    },
    {
      name: 'an onRoute hook adds the guard, but only to later routes',
      app: () =>
        app((app) =>
          app
            .get('/admin', handler)
            .addHook('onRoute', (route) => void (route.onRequest = requireAuth()))
            .get('/me', handler),
        ),
      finds: ['GET /admin: no guard'],
    },
    {
      name: 'a hook answers before the guard',
      app: () =>
        app((app) =>
          app.get(
            '/prices',
            { onRequest: async (_request, reply) => reply.send({ cached: true }), preHandler: requireAuth() },
            handler,
          ),
        ),
      finds: [/^GET \/prices: (a guard runs behind the handler|the probe contradicts the guard: )/],
    },
    {
      name: 'the guard of the application is in a hook that runs after the handler',
      app: () => app((app) => app.addHook('onResponse', /** @type {any} */ (requireAuth())).get('/admin', handler)),
      finds: [/^GET \/admin: (no guard|a guard runs behind the handler)/],
    },
    {
      name: 'a wrapper ignores the refusal of the guard',
      app: () => {
        const guard = requireAuth()
        return app(
          (app) =>
            app.get('/admin', { onRequest: (request, reply, done) => guard(request, reply, () => done()) }, handler),
          { refusals: 'throw' },
        )
      },
      finds: ['GET /admin: no guard'],
    },
    {
      name: 'a hook compares the start of the URL, which may be written otherwise, to call the guard',
      app: () => {
        const guard = requireAuth()
        return app((app) =>
          app
            .addHook('onRequest', (request, reply, done) =>
              request.url.startsWith('/admin') ? guard(request, reply, done) : done(),
            )
            .get('/admin', handler),
        )
      },
      finds: [/^GET \/admin: (no guard|cannot tell: )/],
    },
    {
      name: 'the error handler turns refusals into 200',
      app: () =>
        app(
          (app) => {
            app.setErrorHandler(async (_error, _request, reply) => reply.code(200).send({ ok: false }))
            app.get('/admin', { onRequest: requireAuth() }, handler)
          },
          { refusals: 'throw' },
        ),
      finds: ['GET /admin: the probe contradicts the guard: '],
    },
    {
      name: 'clerkAuth is missing',
      app: () => fastify().get('/admin', { onRequest: requireAuth() }, handler),
      finds: [/^GET \/admin: (the probe contradicts the guard: |cannot tell: )/],
    },
    {
      name: 'clerkAuth is registered in the scope beside the one with the route',
      app: () =>
        fastify()
          .register(async (scope) => void scope.register(clerkAuth))
          .register(async (scope) => void scope.get('/admin', { onRequest: requireAuth() }, handler)),
      finds: [/^GET \/admin: (the probe contradicts the guard: |cannot tell: )/],
    },
    {
      name: 'a scope uses an instance of another Clerk application',
      app: () =>
        app((app) =>
          app.get('/me', { onRequest: requireAuth() }, handler).register(
            async (scope) => {
              await scope.register(clerkAuth, { issuer: 'https://clerk.other.example', jwtKey: OTHER_KEY })
              scope.get('/users', { onRequest: requireAuth() }, handler)
            },
            { prefix: '/staff' },
          ),
        ),
      finds: [/^GET \/staff\/users: (the probe contradicts the guard: |cannot tell: )/],
    },
    {
      name: 'the guard is in an own instance of Fastify that was replaced',
      app: () => {
        const guarded = fastify()
        guarded.addHook('onRequest', requireAuth())
        return app((app) => app.get('/admin', handler))
      },
      finds: ['GET /admin: no guard'],
    },
    {
      name: "an organization in the path is compared with the caller's own",
      app: () =>
        app((app) =>
          app.get(
            '/orgs/:orgId/invoices',
            { onRequest: requireAuth({ org: (request) => getAuth(request).orgId }) },
            handler,
          ),
        ),
      finds: ['GET /orgs/:orgId/invoices: the probe contradicts the guard: '],
    },
    {
      name: 'a public route is marked in the wrong line, in a guarded scope',
      before: () =>
        app((app) => {
          app.addHook('onRequest', requireAuth())
          app.get('/health', { config: isPublic() }, handler).get('/admin', handler)
        }),
      app: () =>
        app((app) => {
          app.addHook('onRequest', requireAuth())
          app.get('/health', handler).get('/admin', { config: isPublic() }, handler)
        }),
      finds: ['GET /admin: ', 'GET /health: '],
    },
    {
      name: 'a permission became another one that more people have',
      before: () =>
        app((app) => app.post('/invoices', { onRequest: requireAuth({ permission: 'org:invoices:create' }) }, handler)),
      app: () =>
        app((app) => app.post('/invoices', { onRequest: requireAuth({ permission: 'org:invoices:read' }) }, handler)),
      finds: ['POST /invoices: '],
    },
    {
      name: 'the handler of unknown paths answers with data',
      app: () =>
        app((app) => {
          app.get('/admin', { onRequest: requireAuth() }, handler)
          app.setNotFoundHandler(async (_request, reply) => reply.code(200).send({ ok: true }))
        }),
      finds: ['GET /*: cannot tell: '],
    },
    {
      name: 'the role of a scope is gone, and its routes still have a guard',
      before: () =>
        app((app) => {
          app.addHook('onRequest', requireAuth({ role: 'org:admin' }))
          app.get('/admin', { onRequest: requireAuth() }, handler)
        }),
      app: () => app((app) => app.get('/admin', { onRequest: requireAuth() }, handler)),
      finds: ['GET /admin: '],
    },
  ]
}

async function handler() {
  throw new Error('the handler of a route ran')
}
