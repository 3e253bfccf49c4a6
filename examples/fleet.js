// One process of a fleet. With REDIS_URL and CLERK_AUTH_SHARED_SECRET it shares answers, keys and revocations.
import { clerkAuth, createClerkAuth, requireAuth } from '@clerk-auth/hono'
import { redisStore } from '@clerk-auth/redis'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'

const clerk = createClerkAuth({
  acceptsToken: 'any',
  ...(process.env.REDIS_URL && { shared: redisStore() }),
  remote: { rememberInMs: Number(process.env.REMEMBER_IN_MS ?? 30_000) },
})
const app = new Hono()
app.use('/', clerkAuth(clerk))
app.get('/', requireAuth({ acceptsToken: 'any' }), (c) => c.json({ ok: true }))

// For operators: guard these two, or serve them on a port that only they can reach.
app.get('/stats', (c) => c.json(clerk.stats()))
app.post('/revoke', async (c) => {
  await clerk.revoke(await c.req.json())
  return c.body(null, 204)
})

await clerk.warmUp()
serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3004) }, ({ port }) =>
  console.log(`A process listens on http://localhost:${port}`),
)
