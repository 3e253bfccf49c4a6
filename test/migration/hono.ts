import { clerkAuth, getAuth, requireAuth } from '@clerk-auth/hono'
import { clerkMiddleware, getAuth as getAuthOfClerk } from '@clerk/hono'
import { Hono } from 'hono'

export const app = new Hono()
app.use(clerkMiddleware()) // remove it with the last route that uses it
app.use(clerkAuth())

// Before
app.get('/before', (c) => {
  const { userId } = getAuthOfClerk(c)
  return userId ? c.json({ userId }) : c.json({ error: 'Unauthorized' }, 401)
})

// After
app.get('/after', requireAuth(), (c) => c.json({ userId: getAuth(c).userId }))

// c.get('clerk') comes from clerkMiddleware(). Afterwards, create a client with createClerkClient() of @clerk/backend.
app.get('/profile', requireAuth(), async (c) => {
  const user = await c.get('clerk').users.getUser(getAuth(c).userId)
  return c.json({ firstName: user.firstName })
})
