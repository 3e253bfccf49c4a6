import { requireAuth } from '@clerk-auth/fastify'
import { isAdmin, ofOrganization, signedIn } from '../plugins/guards.js'

export const prefix = '/orgs'

/** @type {import('fastify').FastifyPluginAsync} */
export const routes = async (app) => {
  app.get('/', { onRequest: signedIn }, async () => [])
  app.register(inOrganization, { prefix: '/:orgId' })
}

/** @type {import('fastify').FastifyPluginAsync} */
const inOrganization = async (app) => {
  app.get('/', async () => ({}))
  app.patch('/', { onRequest: isAdmin }, async () => ({}))
  app.get('/members', async () => [])
  app.post('/members', { onRequest: isAdmin }, async (_request, reply) => reply.code(201).send())
  app.delete('/members/:userId', { onRequest: isAdmin }, async (_request, reply) => reply.code(204).send())
  app.get('/invoices', { onRequest: requireAuth({ permission: 'org:invoices:read' }) }, async () => [])
  app.post(
    '/invoices',
    { preValidation: requireAuth({ permission: 'org:invoices:create' }) },
    async (_request, reply) => reply.code(201).send(),
  )
  app.get('/reports/:name', { onRequest: requireAuth({ feature: 'org:reports', plan: 'org:pro' }) }, async () => ({}))
  // A hook of a scope is also for the routes that were added before it.
  app.addHook('onRequest', ofOrganization)
}
