import { clerkAuth, requireAuth } from '@clerk-auth/fastify'
import fastify from 'fastify'
import { eventLogger } from './event-logger.js'

const app = fastify({ logger: true })
await app.register(clerkAuth, { onEvent: eventLogger(app.log) })
app.get('/orgs/:orgId', { onRequest: requireAuth({ role: 'org:admin' }) }, async () => ({}))

await app.listen({ port: Number(process.env.PORT ?? 3005) })
