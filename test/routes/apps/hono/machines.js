import { getAuth, requireAuth } from '@clerk-auth/hono'
import { Hono } from 'hono'

const worker = requireAuth({ acceptsToken: 'm2m_token' })

/** For other services, and for clients that act for a user. */
export const machines = new Hono()
  .post('/jobs', worker, (c) => c.json({ by: getAuth(c, worker).machineId }, 202))
  .get('/jobs/:jobId', worker, (c) => c.json({}))
  .get('/whoami', requireAuth({ acceptsToken: 'any' }), (c) => c.json({}))
  .get('/reindex', requireAuth({ acceptsToken: ['m2m_token', 'api_key'] }), (c) => c.json({}))
  .get('/calendar', requireAuth({ acceptsToken: 'oauth_token', scope: 'profile' }), (c) => c.json([]))
