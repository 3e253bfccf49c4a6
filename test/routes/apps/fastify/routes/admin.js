import { requireAuth } from '@clerk-auth/fastify'
import { isAdmin } from '../plugins/guards.js'

/** @type {import('fastify').FastifyPluginAsync} */
export const routes = async (app) => {
  app.addHook('onRoute', (route) => {
    route.onRequest = [isAdmin, ...[route.onRequest ?? []].flat()]
  })
  app.get('/', async () => ({ customers: 4 }))
  app.get('/customers', async () => [])
  app.get('/customers/:id', async () => ({}))
  app.delete('/customers/:id', { onRequest: requireAuth({ reverification: 'strict' }) }, async (_request, reply) =>
    reply.code(204).send(),
  )
  app.post('/refunds', { onRequest: requireAuth({ fresh: true }) }, async (_request, reply) => reply.code(202).send())
  app.register(async (nested) => {
    nested.get('/audit-log', async () => [])
    nested.get('/audit-log/export', async (_request, reply) => reply.type('text/csv').send('id\n'))
    nested.all('/proxy/*', async () => ({}))
  })
}
