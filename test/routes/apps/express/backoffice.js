import { clerkAuth, getAuth, requireAuth } from '@clerk-auth/express'
import express from 'express'

/** For the staff, who sign in to an instance of their own. */
export const backoffice = express.Router()
const staff = clerkAuth()
const inStaff = requireAuth({}, { by: staff })

backoffice.use(staff)
backoffice.get('/', inStaff, (req, res) => res.json({ userId: getAuth(req, { by: staff }).userId }))
backoffice.get('/customers', inStaff, (_req, res) => res.json([]))
backoffice.get('/customers/:customerId', inStaff, (_req, res) => res.json({}))
backoffice.post('/customers/:customerId/refund', requireAuth({ role: 'org:admin' }, { by: staff }), (_req, res) => {
  res.status(202).end()
})
