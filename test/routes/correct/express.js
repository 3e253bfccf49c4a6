import { clerkAuth, isPublic, requireAuth } from '@clerk-auth/express'

/**
 * Applications on Express that look like mistakes, and are none.
 *
 * @param {typeof import('express')} express version 4 or 5
 * @param {string} wildcard the pattern of every path in that version
 * @returns {{ readonly name: string; readonly app: () => unknown }[]}
 */
export function correctOnExpress(express, wildcard) {
  const identified = () => express().use(clerkAuth())
  const { Router } = express

  return [
    {
      name: 'a public route before the guard of the application',
      app: () => identified().get('/health', isPublic(), handler).use(requireAuth()).get('/me', handler),
    },
    {
      name: 'a guard with another letter case than the path',
      app: () => identified().use('/Admin', requireAuth()).get('/admin/users', handler),
    },
    {
      name: 'a guard with a trailing slash',
      app: () => identified().use('/admin/', requireAuth()).get('/admin', handler),
    },
    {
      name: 'a guard for every path, as a route',
      app: () => identified().all(wildcard, requireAuth()).get('/admin', handler),
    },
    {
      name: 'a guard of a router at the root, which also guards the router after it',
      app: () =>
        identified().use(Router().use(requireAuth()).get('/members', handler), Router().get('/cards', handler)),
    },
    {
      name: 'guards in an array',
      app: () => identified().get('/admin', [requireAuth(), requireAuth({ role: 'org:admin' })], handler),
    },
    {
      name: 'a guarded router that is mounted twice',
      app: () => {
        const orders = Router().use(requireAuth()).get('/orders', handler)
        return identified().use('/v1', orders).use('/v2', orders)
      },
    },
    {
      name: 'an application that is mounted behind a guard',
      app: () => identified().use('/admin', requireAuth(), express().get('/users', handler)),
    },
    {
      name: 'the middleware in the application and the guard in a mounted one',
      app: () => identified().use('/admin', express().use(requireAuth()).get('/users', handler)),
    },
    {
      name: 'a guarded route with a name, before a public one with a parameter',
      app: () => identified().get('/users/me', requireAuth(), handler).get('/users/:id', isPublic(), handler),
    },
    {
      name: 'a middleware that takes all its parameters as one list',
      app: () =>
        identified()
          .use((/** @type {Parameters<import('express').RequestHandler>} */ ...request) => request[2]())
          .get('/me', requireAuth(), handler),
    },
    {
      name: 'next("route") in a handler behind the guard',
      app: () =>
        identified()
          .get('/me', requireAuth(), (_req, _res, next) => next('route'))
          .get('/me', requireAuth(), handler),
    },
    {
      name: 'a parameter that a function of the router checks',
      app: () => {
        const app = identified()
        app.param('id', (_req, _res, next) => next())
        return app.get('/orders/:id', requireAuth(), handler)
      },
    },
    {
      name: 'a guard that other middleware follows',
      app: () => identified().post('/orders', requireAuth(), express.json(), (_req, _res, next) => next(), handler),
    },
    {
      name: 'a middleware that reads its parameters from `arguments`',
      app: () =>
        identified()
          .use(function () {
            arguments[2]()
          })
          .get('/me', requireAuth(), handler),
    },
    {
      name: 'a middleware that refuses other media types, behind the guard',
      app: () =>
        identified().post(
          '/orders',
          requireAuth(),
          (req, res, next) => void (req.is('xml') ? next() : res.sendStatus(415)),
          handler,
        ),
    },
    {
      name: 'an error handler that answers errors as it likes',
      app: () =>
        identified()
          .get('/me', requireAuth(), handler)
          .use(
            /** @type {import('express').ErrorRequestHandler} */
            (_error, _req, res, _next) => void res.status(500).end(),
          ),
    },
    {
      name: 'public files for every path, before guarded routes',
      app: () =>
        identified()
          .use(isPublic(), express.static('public'))
          .use('/reports', requireAuth(), handler)
          .use(requireAuth())
          .use('/v1', Router().get('/orders/:id', handler))
          .get('/me', handler),
    },
    {
      name: 'files for members, before routes with guards of their own',
      app: () =>
        identified()
          .use(requireAuth({ role: 'org:admin' }), express.static('public'), (_req, _res, next) => next())
          .get('/me', requireAuth(), handler),
    },
    {
      name: 'a guard that needs an organization, a plan and a feature that no persona has',
      app: () => identified().get('/labs', requireAuth({ org: true, plan: 'org:labs', feature: 'org:labs' }), handler),
    },
  ]
}

/** @type {(...request: Parameters<import('express').RequestHandler>) => void} */
const handler = (_req, _res) => {
  throw new Error('the handler of a route ran')
}
