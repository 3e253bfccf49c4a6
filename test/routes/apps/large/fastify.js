import { clerkAuth, requireAuth } from '@clerk-auth/fastify'
import fastify from 'fastify'
import { groups, names } from './size.js'

const app = fastify({ exposeHeadRoutes: false })
app.register(clerkAuth)
for (const group of groups) {
  app.register(
    async (scope) => {
      scope.addHook(
        'onRequest',
        requireAuth({ org: (request) => /** @type {{ orgId: string }} */ (request.params).orgId }),
      )
      for (const name of names) {
        scope.get(`/${name}/:id`, { onRequest: requireAuth({ permission: 'org:invoices:read' }) }, async () => ({}))
        scope.post(`/${name}`, { onRequest: requireAuth({ role: 'org:admin' }) }, async () => ({}))
      }
    },
    { prefix: `/orgs/:orgId/${group}` },
  )
}

export default app
