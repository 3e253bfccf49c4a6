import { clerkAuth, getAuth, requireAuth } from '@clerk-auth/express'
import { clerkClient, clerkMiddleware, getAuth as getAuthOfClerk } from '@clerk/express'
import express from 'express'

export const app = express()
app.use(clerkMiddleware()) // remove it with the last route that uses it
app.use(clerkAuth())

// Before
app.get('/before', (req, res) => {
  const { userId } = getAuthOfClerk(req)
  if (!userId) return void res.status(401).json({ error: 'Unauthorized' })
  res.json({ userId })
})

// After
app.get('/after', requireAuth(), (req, res) => res.json({ userId: getAuth(req).userId }))

// The client stays: this project verifies tokens and does not replace it.
app.get('/profile', requireAuth(), async (req, res) => {
  const user = await clerkClient.users.getUser(getAuth(req).userId)
  res.json({ firstName: user.firstName })
})
