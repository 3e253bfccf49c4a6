import { requireAuth } from '@clerk-auth/fastify'
import { isWorker } from '../plugins/guards.js'

export const prefix = '/internal'

/** @type {import('fastify').FastifyPluginAsync} */
export const routes = async (app) => {
  app.post('/jobs', { onRequest: isWorker }, async (_request, reply) => reply.code(202).send())
  app.get('/jobs/:jobId', { onRequest: isWorker }, async () => ({}))
  app.post('/stock', { onRequest: requireAuth({ acceptsToken: ['m2m_token', 'api_key'] }) }, async (_request, reply) =>
    reply.code(204).send(),
  )
  app.get('/whoami', { onRequest: requireAuth({ acceptsToken: 'any' }) }, async () => ({}))
  app.get('/calendar', { onRequest: requireAuth({ acceptsToken: 'oauth_token', scope: 'profile' }) }, async () => [])
  app.get('/stream', { onRequest: isWorker }, (_request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
    reply.raw.end('data: 1\n\n')
  })
}
