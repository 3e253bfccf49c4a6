import { clerkAuth, createClerkAuth, isPublic, requireAuth } from '@clerk-auth/express'
import { clerkWebhooks } from '@clerk-auth/express/webhooks'
import cors from 'cors'
import express from 'express'
import { account } from './account.js'
import { admin } from './admin.js'
import { backoffice } from './backoffice.js'
import { files } from './files.js'
import { machines } from './machines.js'
import { organizations } from './organizations.js'
import { reports } from './reports.js'
import { requestId, secureHeaders, withinLimit } from './middleware.js'

/** An API for invoices. Every route has the guard that it should have. */
const app = express()
app.disable('x-powered-by')
app.set('trust proxy', 'loopback')
app.use(requestId, secureHeaders)
app.use(cors({ origin: ['https://app.example.com'], allowedHeaders: ['Authorization', 'Content-Type'] }))

app.get('/', isPublic(), (_req, res) => res.json({ name: 'invoices', version: 3 }))
app.get(['/health', '/ready'], isPublic(), (_req, res) => res.json({ ok: true }))
app.get('/robots.txt', isPublic(), (_req, res) => res.type('text/plain').send('User-agent: *\nDisallow: /\n'))
app.use('/assets', isPublic(), express.static(import.meta.dirname, { extensions: ['png'] }))

const clerk = createClerkAuth()
app.post('/webhooks/clerk', clerkWebhooks(clerk))
app.post('/webhooks/payments', isPublic(), express.raw({ type: '*/*', limit: '1mb' }), (req, res) => {
  res.status(Buffer.isBuffer(req.body) ? 204 : 400).end()
})

app.use(clerkAuth(clerk), withinLimit({ requests: 100_000 }))
app.use('/backoffice', backoffice)

const api = express.Router()
api.get('/openapi.json', isPublic(), (_req, res) => res.json({ openapi: '3.1.0' }))
api.get('/plans', isPublic(), (_req, res) => res.json(['free', 'pro']))
api.use('/machines', machines)
api.use(requireAuth({ acceptsToken: ['session_token', 'api_key', 'oauth_token'] }), express.json({ limit: '100kb' }))
api.use('/account', account)
api.use('/orgs', organizations)
api.use('/files', files)
api.use('/reports', reports)
api.use('/admin', admin)
app.use('/api/v3', api)

// The paths of an earlier version, for clients that were never updated.
app.all('/api/v2/{*path}', requireAuth())
app.get('/api/v2/me', (_req, res) => res.redirect(308, '/api/v3/account'))
app.get('/api/v2/invoices', (_req, res) => res.redirect(308, '/api/v3/account/invoices'))

app.use(isPublic(), (_req, res) => {
  res.status(404).json({ title: 'no such route' })
})
app.use(answerError)

/** @type {(...failed: Parameters<express.ErrorRequestHandler>) => void} */
function answerError(error, _req, res, next) {
  if (res.headersSent) next(error)
  else res.status(error.status ?? 500).json({ title: 'an error in the application' })
}

export default app
