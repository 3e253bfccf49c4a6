import { clerkAuth, createClerkAuth, requireAuth } from '@clerk-auth/fastify'
import { clerkWebhooks } from '@clerk-auth/fastify/webhooks'
import fastifyPlugin from 'fastify-plugin'

/** Guards that routes share. */
export const signedIn = requireAuth()
export const isAdmin = requireAuth({ role: 'org:admin' })
export const isWorker = requireAuth({ acceptsToken: 'm2m_token' })
export const ofOrganization = requireAuth({
  org: (request) => /** @type {{ orgId: string }} */ (request.params).orgId,
})

export const guards = fastifyPlugin(async (app) => {
  const clerk = createClerkAuth()
  await app.register(clerkAuth, { clerk })
  await app.register(clerkWebhooks, { clerk, path: '/webhooks/clerk' })
})
