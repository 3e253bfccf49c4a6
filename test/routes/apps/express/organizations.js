import { requireAuth } from '@clerk-auth/express'
import express from 'express'
import { body } from './middleware.js'

/** What members and admins of an organization do in it. Mounted behind a guard. */
export const organizations = express.Router()

const inOrganization = requireAuth({ org: (req) => req.params.orgId })
const isAdmin = requireAuth({ org: (req) => req.params.orgId, role: 'org:admin' })

organizations.get('/', requireAuth(), (_req, res) => res.json([]))
organizations.get('/:orgId', inOrganization, (req, res) => res.json({ id: req.params.orgId }))
organizations.patch('/:orgId', isAdmin, body(['name']), (req, res) => res.json(req.body))
organizations.delete(
  '/:orgId',
  requireAuth({ role: 'org:admin', org: (req) => req.params.orgId, reverification: 'strict' }),
  (_req, res) => {
    res.status(204).end()
  },
)

const members = express.Router({ mergeParams: true })
members.get('/', inOrganization, (_req, res) => res.json([]))
members.post('/', isAdmin, body(['email']), (_req, res) => res.status(201).end())
members.delete('/:userId', isAdmin, (_req, res) => res.status(204).end())
organizations.use('/:orgId/members', members)

const invoices = express.Router({ mergeParams: true })
invoices.param('invoiceId', (_req, res, next, invoiceId) => {
  if (/^inv_\d+$/.test(invoiceId)) next()
  else res.status(404).json({ title: 'no such invoice' })
})
invoices.use(inOrganization)
invoices.get('/', requireAuth({ permission: 'org:invoices:read' }), (_req, res) => res.json([]))
invoices.post(
  '/',
  [requireAuth({ permission: 'org:invoices:create' }), body(['amount'])],
  (/** @type {express.Request} */ _req, /** @type {express.Response} */ res) => res.status(201).end(),
)
invoices.get('/export.csv', requireAuth({ permission: 'org:invoices:read' }), (_req, res) => {
  res.type('text/csv')
  res.write('id,amount\n')
  res.end('inv_1,100\n')
})
invoices.get('/:invoiceId', requireAuth({ permission: 'org:invoices:read' }), (req, res) =>
  res.json({ id: req.params.invoiceId }),
)
invoices.put('/:invoiceId', requireAuth({ permission: 'org:invoices:create' }), body(['amount']), (req, res) =>
  res.json(req.body),
)
invoices.post(
  '/:invoiceId/send',
  requireAuth([{ role: 'org:admin' }, { permission: 'org:invoices:create' }]),
  (_req, res) => {
    res.status(202).end()
  },
)
organizations.use('/:orgId/invoices', invoices)
