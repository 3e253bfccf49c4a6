import { clerkAuth, isPublic, requireAuth } from '@clerk-auth/fastify'
import fastifyPlugin from 'fastify-plugin'

/** @typedef {import('fastify').FastifyInstance} FastifyInstance */

/**
 * Applications on Fastify that look like mistakes, and are none.
 *
 * @param {typeof import('fastify').fastify} fastify version 4 or 5
 * @returns {{ readonly name: string; readonly app: () => unknown }[]}
 */
export function correctOnFastify(fastify) {
  /** @param {(app: FastifyInstance) => unknown} addRoutes @param {object} [options] */
  const app = (addRoutes, options) => {
    const created = fastify(options)
    created.register(clerkAuth)
    created.register(fastifyPlugin(async (scope) => void addRoutes(scope)))
    return created
  }

  return [
    {
      name: 'a hook that is added after the route',
      app: () => app((app) => app.get('/me', handler).addHook('onRequest', requireAuth())),
    },
    {
      name: 'a guard that a plugin adds to the scope around it',
      app: () =>
        app((app) =>
          app
            .register(fastifyPlugin(async (scope) => void scope.addHook('onRequest', requireAuth())))
            .get('/me', handler),
        ),
    },
    {
      name: 'a guarded route for one host, beside a public one for the others',
      app: () =>
        app((app) =>
          app
            .get('/', { constraints: { host: 'admin.example.com' }, onRequest: requireAuth() }, handler)
            .get('/', { config: isPublic() }, handler),
        ),
    },
    {
      name: 'routes of a plugin that a hook marks as public, behind the guard of the application',
      app: () => {
        const app = fastify()
        app.addHook('onRoute', (route) => {
          if (route.url.startsWith('/docs')) route.config = { ...route.config, ...isPublic() }
        })
        app.register(clerkAuth)
        app.register(fastifyPlugin(async (scope) => void scope.addHook('onRequest', requireAuth())))
        app.register(async (docs) => void docs.get('/', handler), { prefix: '/docs' })
        return app
      },
    },
    {
      name: 'a public route in a guarded scope',
      app: () => app((app) => app.addHook('onRequest', requireAuth()).get('/health', { config: isPublic() }, handler)),
    },
    {
      name: 'a guarded route with a name, beside a public one with a parameter and a public wildcard',
      app: () =>
        app((app) =>
          app
            .get('/users/:id', { config: isPublic() }, handler)
            .get('/*', { config: isPublic() }, handler)
            .get('/users/me', { onRequest: requireAuth() }, handler),
        ),
    },
    {
      name: 'a parameter of digits beside one of letters, guarded differently',
      app: () =>
        app((app) =>
          app
            .get('/files/:id(^\\d+$)', { onRequest: requireAuth() }, handler)
            .get('/downloads/:name', { config: isPublic() }, handler),
        ),
    },
    {
      name: 'a schema that no probe meets',
      app: () =>
        app((app) =>
          app.post(
            '/orders',
            {
              onRequest: requireAuth(),
              schema: {
                body: { type: 'object', required: ['amount'], properties: { amount: { type: 'number' } } },
                headers: { type: 'object', required: ['x-shop'], properties: { 'x-shop': { type: 'string' } } },
                querystring: { type: 'object', required: ['dry'], properties: { dry: { type: 'boolean' } } },
              },
            },
            handler,
          ),
        ),
    },
    {
      name: 'a guard as preHandler, behind a hook that does something else',
      app: () =>
        app((app) =>
          app.get('/me', { preHandler: [async () => {}, requireAuth()], preValidation: async () => {} }, handler),
        ),
    },
    {
      name: 'a guard as preHandler of a route with a schema that its path and query meet',
      app: () =>
        app((app) =>
          app.get(
            '/me',
            {
              preHandler: requireAuth(),
              schema: { querystring: { type: 'object', properties: { page: { type: 'number' } } } },
            },
            handler,
          ),
        ),
    },
    {
      name: 'two versions of a route, of which one is public',
      app: () =>
        app((app) =>
          app
            .get('/orders', { constraints: { version: '1.0.0' }, onRequest: requireAuth() }, handler)
            .get('/orders', { constraints: { version: '2.0.0' }, config: isPublic() }, handler),
        ),
    },
    {
      name: 'a route for GET, and the one for HEAD that Fastify adds',
      app: () => app((app) => app.get('/me', { onRequest: requireAuth() }, handler)),
    },
    {
      name: 'an instance of its own in a scope',
      app: () =>
        app((app) =>
          app.register(async (scope) => {
            await scope.register(clerkAuth)
            scope.get('/staff', { onRequest: requireAuth() }, handler)
          }),
        ),
    },
    {
      name: 'a handler for unknown paths',
      app: () =>
        app((app) => {
          app.setNotFoundHandler(async (_request, reply) => reply.code(404).send())
          app.get('/me', { onRequest: requireAuth() }, handler)
        }),
    },
    {
      name: 'a prefix for all routes, with and without a trailing slash',
      app: () =>
        app((app) =>
          app.register(
            async (scope) => {
              scope.addHook('onRequest', requireAuth())
              scope.get('/', handler).get('/orders/', handler)
            },
            { prefix: '/api' },
          ),
        ),
    },
  ]
}

async function handler() {
  throw new Error('the handler of a route ran')
}
