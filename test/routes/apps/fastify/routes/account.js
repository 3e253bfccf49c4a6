import { getAuth, requireAuth } from '@clerk-auth/fastify'
import { signedIn } from '../plugins/guards.js'

/** What a customer sees and changes of their own account. */
/** @type {import('fastify').FastifyPluginAsync} */
export const routes = async (app) => {
  app.addHook('onRequest', signedIn)

  app.get('/', async (request) => ({ userId: getAuth(request, signedIn).userId }))
  app.patch(
    '/',
    {
      schema: {
        body: { type: 'object', required: ['name'], properties: { name: { type: 'string', maxLength: 100 } } },
        response: { 200: { type: 'object', properties: { name: { type: 'string' } } } },
      },
    },
    async (request) => request.body,
  )
  app.delete(
    '/',
    { onRequest: requireAuth({ reverification: 'strict', impersonation: 'deny' }) },
    async (_request, reply) => reply.code(204).send(),
  )
  app.get(
    '/orders',
    { schema: { querystring: { type: 'object', properties: { page: { type: 'integer' } } } } },
    async () => [],
  )
  app.get(
    '/orders/:orderId',
    { schema: { params: { type: 'object', properties: { orderId: { type: 'string', pattern: '^ord_' } } } } },
    async () => ({}),
  )
  app.get('/orders/:orderId/invoice.pdf', async (_request, reply) => reply.type('application/pdf').send(''))
  app.put('/avatar', async (_request, reply) => reply.code(204).send())
  app.route({ method: ['PUT', 'POST'], url: '/addresses', handler: async (_request, reply) => reply.code(201).send() })
  app.get('/addresses', async () => [])
  app.delete('/addresses/:id(^\\d+$)', async (_request, reply) => reply.code(204).send())

  app.register(
    async (keys) => {
      keys.addHook('preHandler', requireAuth({ impersonation: 'deny' }))
      keys.get('/', async () => [])
      keys.post('/', { preHandler: [requireAuth({ reverification: 'moderate' })] }, async (_request, reply) =>
        reply.code(201).send(),
      )
      keys.delete('/:keyId', async (_request, reply) => reply.code(204).send())
    },
    { prefix: '/keys' },
  )
}
