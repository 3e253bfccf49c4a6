import { clerkAuth, getAuth, isPublic, requireAuth } from '@clerk-auth/hono'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { cors } from 'hono/cors'

const app = new Hono()
app.use(cors()) // answers preflight requests, which carry no token, before a guard refuses them
app.use(clerkAuth()) // identifies the caller; does not refuse requests

app.get('/', isPublic(), (c) => c.json({ caller: getAuth(c).userId ?? 'anonymous' }))
app.get('/me', requireAuth(), (c) => c.json({ userId: getAuth(c).userId }))
app.get('/admin', requireAuth({ role: 'org:admin' }), (c) => c.json({ organization: getAuth(c).orgSlug }))
app.get('/orgs/:orgId/invoices', requireAuth({ org: (c) => c.req.param('orgId') }), (c) => c.json([]))

const port = Number(process.env.PORT ?? 3003)
serve({ fetch: app.fetch, port }, () => console.log(`Hono listens on http://localhost:${port}`))

export default app // for tools: npx @clerk-auth/local routes hono.js --check
