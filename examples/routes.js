// An API that exports its application, so that its routes can be listed and checked.
import { clerkAuth, isPublic, requireAuth } from '@clerk-auth/express'
import express from 'express'

const app = express()
app.use(clerkAuth())

app.get('/health', isPublic(), (_req, res) => res.json({ ok: true }))
app.get('/invoices', requireAuth(), (_req, res) => res.json([]))
app.post('/invoices', requireAuth({ role: 'org:admin' }), (_req, res) => res.status(201).json({}))
app.get('/orgs/:orgId/members', requireAuth({ org: (req) => req.params.orgId }), (_req, res) => res.json([]))
app.post('/jobs', requireAuth({ acceptsToken: 'm2m_token' }), (_req, res) => res.status(202).json({}))

export default app
