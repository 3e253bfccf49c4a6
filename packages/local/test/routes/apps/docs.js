// The application in docs/routes.md with two mistakes.
import { clerkAuth, isPublic, requireAuth } from '@clerk-auth/express'
import express from 'express'

/** @type {express.RequestHandler} */
const respond = (_req, res) => void res.json({})

export default express()
  .use(clerkAuth())
  .get('/health', isPublic(), respond)
  .get('/metrics', respond)
  .get('/invoices/:invoiceId', requireAuth(), respond)
  .post('/:collection', requireAuth(), respond)
  .post('/invoices', requireAuth({ role: 'org:admin' }), respond)
