import { clerkAuth, getAuth, requireAuth } from '@clerk-auth/hono'
import { serve as listen } from '@hono/node-server'
import { Hono } from 'hono'
import { served } from '../ask.cjs'

export function serve() {
  const app = new Hono()
  app.use(clerkAuth())
  app.get('/admin', requireAuth({ role: 'org:admin' }), (c) => c.json({ userId: getAuth(c).userId }))
  return served(listen({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }))
}
