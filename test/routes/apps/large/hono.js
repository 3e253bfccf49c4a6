import { clerkAuth, requireAuth } from '@clerk-auth/hono'
import { Hono } from 'hono'
import { groups, names } from './size.js'

const app = new Hono().use(clerkAuth())
for (const group of groups) {
  const part = new Hono().use(requireAuth({ org: (c) => c.req.param('orgId') }))
  for (const name of names) {
    part.get(`/${name}/:id`, requireAuth({ permission: 'org:invoices:read' }), (c) => c.json({}))
    part.post(`/${name}`, requireAuth({ role: 'org:admin' }), (c) => c.json({}))
  }
  app.route(`/orgs/:orgId/${group}`, part)
}

export default app
