import { clerkAuth, requireAuth } from '@clerk-auth/express'
import express from 'express'
import { pino } from 'pino'
import { eventLogger } from './event-logger.js'

const logger = pino()
const app = express()
app.use(clerkAuth({ onEvent: eventLogger(logger) }))
app.get('/orgs/:orgId', requireAuth({ role: 'org:admin' }), (_req, res) => res.json({}))

const port = Number(process.env.PORT ?? 3006)
app.listen(port, () => logger.info(`Express listens on http://localhost:${port}`))
