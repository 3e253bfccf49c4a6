import { requireAuth } from '@clerk-auth/fastify'
import { signedIn } from '../plugins/guards.js'

/** Two versions of the same route, which the `Accept-Version` header selects. */
/** @type {import('fastify').FastifyPluginAsync} */
export const routes = async (app) => {
  app.get('/', { onRequest: signedIn }, async () => [])
  app.get('/special', { constraints: { version: '1.0.0' }, onRequest: signedIn }, async () => [])
  app.get('/special', { constraints: { version: '2.0.0' }, onRequest: requireAuth({ org: true }) }, async () => ({}))
  app.get('/partners', { constraints: { host: /^partners[.]/ }, onRequest: signedIn }, async () => [])
}
