import { clerkAuth, isPublic, requireAuth } from '@clerk-auth/fastify'
import fastify, { type RouteHandlerMethod, type preHandlerAsyncHookHandler } from 'fastify'

const handler: RouteHandlerMethod = async () => ({ handled: true })
const fails: preHandlerAsyncHookHandler = async (_request, reply) => reply.code(418).send()
const signedIn = requireAuth()
const admin = requireAuth({ role: 'org:admin' })

/** The command awaits what the function makes. */
// oxlint-disable-next-line import/no-default-export -- as the command loads it
export default async function build() {
  const app = fastify()
  await app.register(clerkAuth)

  app.get('/health', { config: isPublic() }, handler)
  app.get('/open', handler)
  app.get('/me', { onRequest: signedIn }, handler)
  app.get('/lists', { onRequest: [signedIn], preHandler: [admin] }, handler)
  app.get('/behind-guard', { onRequest: [signedIn], preHandler: [fails] }, handler)
  app.get('/before-guard', { onRequest: [fails, signedIn] }, handler)
  app.route({ method: ['GET', 'POST'], url: '/methods', preValidation: signedIn, handler })
  app.all('/every-method', { onRequest: signedIn }, handler)
  app.post('/validated', { preHandler: signedIn, schema: { body: { type: 'object', required: ['id'] } } }, handler)
  app.get('/files/*', { onRequest: signedIn }, handler)
  app.get('/versions', { constraints: { version: '2.0.0' }, onRequest: signedIn }, handler)
  app.get('/some-hosts', { constraints: { host: /^api/ }, onRequest: signedIn }, handler)
  app.get('/hosts', { constraints: { host: 'api.example.com' }, onRequest: signedIn }, handler)
  app.head('/head', handler)

  // Only GET gets a guard: Fastify adds HEAD to it.
  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      if (route.method === 'GET') route.onRequest = signedIn
    })
    scope.get('/half', handler)
  })

  // An application whose own hook looks at the options of a route.
  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.preHandler ??= admin
    })
    scope.get('/default', handler)
  })

  await app.register(
    async (scope) => {
      scope.get('/users/:id', handler)
      scope.addHook('preHandler', admin)
      scope.get('/health', { config: isPublic() }, handler)
      scope.get('/', { onRequest: signedIn }, handler)
      await scope.register(async (inner) => inner.get('/inner', handler), { prefix: '/nested' })
    },
    { prefix: '/admin' },
  )
  app.get('/administrators', handler)
  return app
}
