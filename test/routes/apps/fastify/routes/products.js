import { isPublic, requireAuth } from '@clerk-auth/fastify'
import { isAdmin } from '../plugins/guards.js'

/** Anybody reads products; a hook for the whole scope guards everything else. */
/** @type {import('fastify').FastifyPluginAsync} */
export const routes = async (app) => {
  app.addHook('onRequest', isAdmin)
  app.get('/', { config: isPublic() }, async () => [])
  app.get('/:productId', { config: isPublic() }, async () => ({}))
  app.get('/:productId/reviews', { config: isPublic() }, async () => [])
  app.get('/:productId-:size', { config: isPublic() }, async () => ({}))
  app.get('/on-sale', async () => [])
  app.post('/', async (_request, reply) => reply.code(201).send())
  app.put('/:productId', async () => ({}))
  app.put('/:productId/image', async (_request, reply) => reply.code(204).send())
  app.delete('/:productId', { preHandler: requireAuth({ reverification: 'moderate' }) }, async (_request, reply) =>
    reply.code(204).send(),
  )
}
