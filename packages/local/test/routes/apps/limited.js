// An application with a rate limit, except in tests, and with a route for a role that nobody has.
import { clerkAuth, requireAuth } from '@clerk-auth/express'
import express from 'express'

/** @type {express.RequestHandler} */
const respond = (_req, res) => void res.json({ ok: true })

export default express()
  .use((_req, res, next) => void (process.env['NODE_ENV'] === 'test' ? next() : res.sendStatus(429)))
  .use(clerkAuth())
  .get('/me', requireAuth(), respond)
  .get('/admin', requireAuth({ role: 'org:admins' }), respond)
