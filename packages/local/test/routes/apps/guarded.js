// An application without a finding. It prints, listens on a port, and never ends by itself.
import { clerkAuth, isPublic, requireAuth } from '@clerk-auth/express'
import express from 'express'

console.log('the application prints')
console.error('the application warns')
setInterval(() => {}, 1000)

/** @type {express.RequestHandler} */
const respond = (_req, res) => void res.json({ ok: true })

const app = express()
app.use(clerkAuth())
app.get('/health', isPublic(), respond)
app.get('/me', requireAuth(), respond)
app.post('/invoices', requireAuth({ role: 'org:admin' }), express.json(), respond)
app.use('/orgs/:orgId', requireAuth({ org: (req) => req.params.orgId }), express.Router().get('/members', respond))
app.listen(0)

export default app
