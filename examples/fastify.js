import { clerkAuth, getAuth, isPublic, requireAuth } from '@clerk-auth/fastify'
import cors from '@fastify/cors'
import fastify from 'fastify'

const app = fastify()
await app.register(cors) // answers preflight requests, which carry no token, before a guard refuses them
await app.register(clerkAuth) // identifies the caller; does not refuse requests

const signedIn = requireAuth()
const admin = requireAuth({ role: 'org:admin' })
const sameOrg = requireAuth({ org: (request) => /** @type {{ orgId: string }} */ (request.params).orgId })

app.get('/', { config: isPublic() }, async (request) => ({ caller: getAuth(request).userId ?? 'anonymous' }))
app.get('/me', { onRequest: signedIn }, async (request) => ({ userId: getAuth(request, signedIn).userId }))
app.get('/admin', { onRequest: admin }, async (request) => ({ organization: getAuth(request, admin).orgSlug }))
app.get('/orgs/:orgId/invoices', { onRequest: sameOrg }, async () => [])

const port = Number(process.env.PORT ?? 3002)
await app.listen({ port })
console.log(`Fastify listens on http://localhost:${port}`)

export default app // for tools: npx @clerk-auth/local routes fastify.js --check
