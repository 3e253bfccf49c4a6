import { clerkAuth, requireAuth } from '@clerk-auth/express'
import express from 'express'
import { groups, names } from './size.js'

const app = express().use(clerkAuth())
for (const group of groups) {
  const router = express.Router({ mergeParams: true }).use(requireAuth({ org: (req) => req.params['orgId'] }))
  for (const name of names) {
    router.get(`/${name}/:id`, requireAuth({ permission: 'org:invoices:read' }), (_req, res) => void res.json({}))
    router.post(`/${name}`, requireAuth({ role: 'org:admin' }), (_req, res) => void res.json({}))
  }
  app.use(`/orgs/:orgId/${group}`, router)
}

export default app
