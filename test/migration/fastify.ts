import { clerkAuth, getAuth, requireAuth } from '@clerk-auth/fastify'
import { clerkClient, clerkPlugin, getAuth as getAuthOfClerk } from '@clerk/fastify'
import fastify from 'fastify'

export const app = fastify()
await app.register(clerkPlugin) // remove it with the last route that uses it
await app.register(clerkAuth)

// Before
app.get('/before', async (request, reply) => {
  const { userId } = getAuthOfClerk(request)
  return userId ? { userId } : reply.code(401).send({ error: 'Unauthorized' })
})

// After
const signedIn = requireAuth()
app.get('/after', { onRequest: signedIn }, async (request) => ({ userId: getAuth(request, signedIn).userId }))

// The client stays: this project verifies tokens and does not replace it.
app.get('/profile', { onRequest: signedIn }, async (request) => {
  const user = await clerkClient.users.getUser(getAuth(request, signedIn).userId)
  return { firstName: user.firstName }
})
