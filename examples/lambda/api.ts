import { clerkAuth, getAuth, requireAuth } from '@clerk-auth/hono'
import { Hono } from 'hono'
import { handle } from 'hono/aws-lambda'

const app = new Hono()
app.use(clerkAuth()) // created when the function starts, and kept until Lambda ends its process

app.get('/', (c) => c.json({ caller: getAuth(c).userId ?? 'anonymous' }))
app.get('/me', requireAuth(), (c) => c.json({ userId: getAuth(c).userId }))
app.get('/admin', requireAuth({ role: 'org:admin' }), (c) => c.json({ organization: getAuth(c).orgSlug }))

export const handler = handle(app)
