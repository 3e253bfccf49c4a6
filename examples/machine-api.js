// A service for machines: callers send an M2M token of the same Clerk instance.
import { clerkAuth, getAuth, requireAuth } from '@clerk-auth/express'
import express from 'express'

const app = express()
app.use(clerkAuth()) // CLERK_MACHINE_ID in the environment is the id of this service's machine

const reports = process.env.REPORTS_MACHINE_ID ?? 'mch_…' // the machine that may call
app.get('/internal/invoices', requireAuth({ acceptsToken: 'm2m_token', machine: reports }), (req, res) => {
  res.json({ invoices: [], calledBy: getAuth(req).machineId })
})

const port = Number(process.env.PORT ?? 3005)
app.listen(port, () => console.log(`The machine API listens on http://localhost:${port}`))
