import { clerkAuth, getAuth, requireAuth } from '@clerk-auth/express'
import express from 'express'

const app = express()
app.use(clerkAuth())
app.get('/me', requireAuth(), (req, res) => res.json({ userId: getAuth(req).userId }))
app.get('/invoices', requireAuth({ permission: 'org:invoices:read' }), (_req, res) => res.json([]))

const port = Number(process.env.PORT ?? 3000)
app.listen(port, () => console.log(`The API listens on http://localhost:${port}`))
