import { requireAuth } from '@clerk-auth/hono'
import { Hono } from 'hono'
import { json } from './valid.js'

/** What the members and admins of an organization do in it. */
export const teams = new Hono()
teams.use(requireAuth({ org: (c) => c.req.param('orgId') }))

const isAdmin = requireAuth({ role: 'org:admin' })
teams.get('/', (c) => c.json({}))
teams.patch('/', isAdmin, json('name'), (c) => c.json({}))
teams.get('/members', (c) => c.json([]))
teams.post('/members', isAdmin, json('email'), (c) => c.json({}, 201))
teams.delete('/members/:userId', isAdmin, (c) => c.body(null, 204))
teams.get('/invoices', requireAuth({ permission: 'org:invoices:read' }), (c) => c.json([]))
teams.post('/invoices', requireAuth({ permission: 'org:invoices:create' }), json('amount'), (c) => c.json({}, 201))
teams.get('/reports', requireAuth({ feature: 'reports' }), (c) => c.json([]))
teams.get('/reports/:name', requireAuth([{ role: 'org:admin' }, { permission: 'org:reports:read' }]), (c) => c.json({}))
