import { requireAuth } from '@clerk-auth/express'
import express from 'express'
import { body } from './middleware.js'

/** For the admins of an organization: an application of its own, with its own settings. */
export const admin = express()
admin.set('json spaces', 2)
admin.use(requireAuth({ role: ['org:admin', 'org:owner'] }))

admin.get('/', (_req, res) => res.json({ users: 4 }))
admin.get('/audit-log', requireAuth({ feature: 'reports' }), (_req, res) => res.json([]))
admin.get('/audit-log/:day', (req, res) => res.json({ day: req.params.day }))
admin.post('/transfers', requireAuth({ fresh: true, impersonation: 'deny' }), body(['amount']), (_req, res) =>
  res.status(202).end(),
)

const flags = express.Router()
flags.get('/', (_req, res) => res.json({}))
flags.put('/:name', (_req, res) => res.status(204).end())
flags.delete('/:name', (_req, res) => res.status(204).end())
admin.use(['/flags', '/features'], flags)
