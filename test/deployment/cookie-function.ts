import { clerkAuth, getAuth, requireAuth } from '@clerk-auth/hono'
import { Hono } from 'hono'
import { handle } from 'hono/aws-lambda'

// A function that reads session cookies of one site.

const app = new Hono()
app.use(clerkAuth({ cookies: true, authorizedParties: ['https://app.example'] }))
app.get('/me', requireAuth(), (c) => c.json({ userId: getAuth(c).userId }))

export const handler = handle(app)
