const { clerkAuth, getAuth, requireAuth } = require('@clerk-auth/hono')
const { serve: listen } = require('@hono/node-server')
const { Hono } = require('hono')
const { served } = require('../ask.cjs')

exports.serve = function serve() {
  const app = new Hono()
  app.use(clerkAuth())
  app.get('/admin', requireAuth({ role: 'org:admin' }), (c) => c.json({ userId: getAuth(c).userId }))
  return served(listen({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }))
}
