import { getAuth, requireAuth } from '@clerk-auth/express'
import express from 'express'
import { body, methodNotAllowed } from './middleware.js'

/** What a user sees and changes of their own account. Mounted behind a guard. */
export const account = express.Router()
const session = requireAuth()

account.get('/', session, (req, res) => res.json({ userId: getAuth(req, session).userId }))
account.patch('/', session, body(['name']), (req, res) => res.json({ name: req.body.name }))
account.delete('/', requireAuth({ reverification: 'strict', impersonation: 'deny' }), (_req, res) =>
  res.status(204).end(),
)
account.get('/invoices', (_req, res) => res.json([]))
account.get('/invoices/:invoiceId', (req, res) => res.json({ id: req.params.invoiceId }))
account.get('/notifications', session, (_req, res) => res.json([]))
account.post('/notifications/read', session, (_req, res) => res.status(204).end())

account
  .route('/settings')
  .all(session)
  .get((_req, res) => res.json({ theme: 'dark' }))
  .put(body(['theme']), (req, res) => res.json(req.body))

account
  .route('/avatar')
  .get(session, (_req, res) => res.type('image/png').end())
  .put(session, express.raw({ type: 'image/*', limit: '2mb' }), (_req, res) => res.status(204).end())
  .delete(session, (_req, res) => res.status(204).end())
  .all(session, methodNotAllowed)

account.get('/of/:userId', requireAuth({ check: (auth, req) => auth.userId === req.params.userId }), (req, res) =>
  res.json({ userId: req.params.userId }),
)

const keys = express.Router({ caseSensitive: true, strict: true })
keys.use(requireAuth({ impersonation: 'deny' }))
keys.get('/', (_req, res) => res.json([]))
keys.post('/', requireAuth({ reverification: 'moderate' }), (_req, res) => res.status(201).end())
keys.delete('/:keyId', requireAuth({ reverification: { level: 'first_factor', afterMinutes: 30 } }), (_req, res) =>
  res.status(204).end(),
)
account.use('/keys', keys)
