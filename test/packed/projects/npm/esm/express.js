import { clerkAuth, getAuth, requireAuth } from '@clerk-auth/express'
import express from 'express'
import { served } from '../ask.cjs'

export function serve() {
  const app = express()
  app.use(clerkAuth())
  app.get('/admin', requireAuth({ role: 'org:admin' }), (req, res) => res.json({ userId: getAuth(req).userId }))
  return served(app.listen(0, '127.0.0.1'))
}
