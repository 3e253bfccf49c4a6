import { clerkAuth, getAuth, isPublic, requireAuth } from '@clerk-auth/express'
import cors from 'cors'
import express from 'express'

const app = express()
app.use(cors()) // answers preflight requests, which carry no token, before a guard refuses them
app.use(clerkAuth()) // identifies the caller; does not refuse requests

app.get('/', isPublic(), (req, res) => res.json({ caller: getAuth(req).userId ?? 'anonymous' }))
app.get('/me', requireAuth(), (req, res) => res.json({ userId: getAuth(req).userId }))
app.get('/admin', requireAuth({ role: 'org:admin' }), (req, res) => res.json({ organization: getAuth(req).orgSlug }))
app.get('/orgs/:orgId/invoices', requireAuth({ org: (req) => req.params.orgId }), (_req, res) => res.json([]))

const port = Number(process.env.PORT ?? 3001)
app.listen(port, () => console.log(`Express listens on http://localhost:${port}`))

export default app // for tools: npx @clerk-auth/local routes express.js --check
