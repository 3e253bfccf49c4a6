import { clerkAuth, getAuth, requireAuth } from '@clerk-auth/fastify'
import fastify from 'fastify'

export async function serve() {
  const app = fastify()
  await app.register(clerkAuth)
  const admin = requireAuth({ role: 'org:admin' })
  app.get('/admin', { onRequest: admin }, async (request) => ({ userId: getAuth(request, admin).userId }))
  return { url: await app.listen({ port: 0, host: '127.0.0.1' }), close: () => app.close() }
}
