import { clerkAuth, createClerkAuth, isPublic, requireAuth } from '@clerk-auth/hono'
import { clerkWebhooks } from '@clerk-auth/hono/webhooks'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { compress } from 'hono/compress'
import { cors } from 'hono/cors'
import { etag } from 'hono/etag'
import { HTTPException } from 'hono/http-exception'
import { requestId } from 'hono/request-id'
import { secureHeaders } from 'hono/secure-headers'
import { admin } from './admin.js'
import { articles } from './articles.js'
import { machines } from './machines.js'
import { media } from './media.js'
import { me } from './me.js'
import { teams } from './teams.js'

/** An API for a publisher. Every route has the guard that it should have. */
const app = new Hono()
const clerk = createClerkAuth()

app.use(requestId(), secureHeaders(), cors({ origin: 'https://read.example.com' }))
app.get('/', isPublic(), (c) => c.text('publisher'))
app.on('GET', ['/health', '/ready'], isPublic(), (c) => c.json({ ok: true }))
app.get('/favicon.ico', isPublic(), (c) => c.body(null, 204))
app.post('/webhooks/clerk', clerkWebhooks(clerk))
app.post('/webhooks/payments', isPublic(), bodyLimit({ maxSize: 100_000 }), async (c) =>
  c.json({ got: (await c.req.text()).length }),
)

app.use(clerkAuth(clerk))
const api = app.basePath('/api')
api.get('/openapi.json', isPublic(), etag(), (c) => c.json({ openapi: '3.1.0' }))
api.route('/articles', articles)
api.use('/me/*', requireAuth())
api.route('/me', me)
api.route('/teams/:orgId', teams)
api.route('/admin', admin)
api.route('/machines', machines)
api.use('/media/*', requireAuth({ acceptsToken: ['session_token', 'api_key'] }), compress())
api.route('/media', media)

app.notFound((c) => c.json({ title: 'no such route' }, 404))
app.onError((error, c) => (error instanceof HTTPException ? error.getResponse() : c.json({ title: 'an error' }, 500)))

export default app
