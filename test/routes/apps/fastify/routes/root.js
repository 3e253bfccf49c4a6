import { isPublic } from '@clerk-auth/fastify'

export const prefix = '/'

/** @type {import('fastify').FastifyPluginAsync} */
export const routes = async (app) => {
  app.get('/', { config: isPublic() }, async () => ({ name: 'shop' }))
  app.get('/health', { config: { ...isPublic(), rateLimit: false }, logLevel: 'silent' }, async () => ({ ok: true }))
  app.route({ method: ['GET', 'HEAD'], url: '/ready', config: isPublic(), handler: async () => ({ ok: true }) })
  app.get('/assets/*', { config: isPublic() }, async (_request, reply) => reply.type('image/png').send(''))
  app.post('/webhooks/payments', { config: isPublic() }, async (_request, reply) => reply.code(204).send())
}
