import { clerkAuth, requireAuth } from '@clerk-auth/fastify'
import { protectedResource, toMcpAuthInfo } from '@clerk-auth/fastify/mcp'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler } from '@modelcontextprotocol/server'
import fastify from 'fastify'
import { notesServer } from './notes-server.js'

export async function notesApp(resource, options) {
  const app = fastify()
  await app.register(clerkAuth, options)
  await app.register(protectedResource, { resource, scopes: ['notes:read', 'notes:write'], name: 'Notes' })

  const reads = requireAuth({ acceptsToken: 'oauth_token', scope: 'notes:read' })
  const handle = toNodeHandler(createMcpHandler(notesServer))
  app.all('/mcp', { onRequest: reads }, async (request, reply) => {
    request.raw.auth = toMcpAuthInfo(request, reads)
    reply.hijack()
    await handle(request.raw, reply.raw, request.body)
  })
  return app
}
