import { getAuth, requireAuth } from '@clerk-auth/express'
import express from 'express'

/** For other services, and for clients that act for a user. */
export const machines = express.Router()
const worker = requireAuth({ acceptsToken: 'm2m_token' })

machines.post('/jobs', worker, (req, res) => res.status(202).json({ by: getAuth(req, worker).machineId }))
machines.get('/jobs/:jobId', worker, (_req, res) => res.json({ done: true }))
machines.post('/reindex', requireAuth({ acceptsToken: ['m2m_token', 'api_key'] }), (_req, res) => res.status(202).end())
machines.get('/whoami', requireAuth({ acceptsToken: 'any' }), (req, res) => {
  res.json({ kind: getAuth(req, { acceptsToken: 'any' }).tokenType })
})
machines.get('/calendar', requireAuth({ acceptsToken: 'oauth_token', scope: 'profile' }), (_req, res) => res.json([]))
machines.get('/email', requireAuth({ acceptsToken: 'oauth_token', scope: ['email', 'profile'] }), (_req, res) =>
  res.json([]),
)
machines.get('/keys/self', requireAuth({ acceptsToken: 'api_key' }), (req, res) => {
  res.json({ id: getAuth(req, { acceptsToken: 'api_key' }).isAuthenticated })
})
