// An API as one process of a fleet: prints its URL. The environment has the variables of the instance and of Redis.
import { serve } from '@hono/node-server'
import { clerkAuth, createClerkAuth, requireAuth } from '@clerk-auth/hono'
import { redisStore } from '@clerk-auth/redis'
import { Hono } from 'hono'

const clerk = createClerkAuth({
  acceptsToken: 'any',
  ...(process.env['REDIS_URL'] && { shared: redisStore() }),
  ...(process.env['REMEMBER_IN_MS'] && { remote: { rememberInMs: Number(process.env['REMEMBER_IN_MS']) } }),
})
const app = new Hono()
app.use(clerkAuth(clerk))
app.get('/', requireAuth({ acceptsToken: 'any' }), (c) => c.json({ ok: true }))
app.get('/stats', (c) => c.json(clerk.stats()))
app.post('/revoke', async (c) => {
  await clerk.revoke(await c.req.json())
  return c.body(null, 204)
})
await clerk.warmUp()
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => console.log(`http://127.0.0.1:${port}`))
