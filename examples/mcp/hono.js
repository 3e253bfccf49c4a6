import { clerkAuth, requireAuth } from '@clerk-auth/hono'
import { protectedResource, toMcpAuthInfo } from '@clerk-auth/hono/mcp'
import { createMcpHandler } from '@modelcontextprotocol/server'
import { Hono } from 'hono'
import { notesServer } from './notes-server.js'

export function notesApp(resource, options) {
  const app = new Hono()
  app.use(clerkAuth(options))
  app.use(protectedResource({ resource, scopes: ['notes:read', 'notes:write'], name: 'Notes' }))

  const reads = requireAuth({ acceptsToken: 'oauth_token', scope: 'notes:read' })
  const handler = createMcpHandler(notesServer)
  app.all('/mcp', reads, (c) => handler.fetch(c.req.raw, { authInfo: toMcpAuthInfo(c, reads) }))
  return app
}
