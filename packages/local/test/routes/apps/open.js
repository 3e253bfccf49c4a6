// An application with one open route, and one weaker role than in `guarded.js`.
import { clerkAuth, isPublic, requireAuth } from '@clerk-auth/express'
import express from 'express'

/** @type {express.RequestHandler} */
const respond = (_req, res) => void res.json({ ok: true })

export default () => {
  const app = express()
  app.use(clerkAuth())
  app.get('/health', isPublic(), respond)
  app.get('/me', requireAuth(), respond)
  app.get('/metrics', respond)
  app.post('/invoices', requireAuth({ role: ['org:admin', 'org:member'] }), respond)
  app.use('/orgs/:orgId', requireAuth({ org: (req) => req.params.orgId }), express.Router().get('/members', respond))
  return app
}
