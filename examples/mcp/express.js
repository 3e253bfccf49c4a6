import { clerkAuth, requireAuth } from '@clerk-auth/express'
import { protectedResource, toMcpAuthInfo } from '@clerk-auth/express/mcp'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import express from 'express'
import { z } from 'zod'

// The official SDK, version 1, on Express. The tool that writes requires a scope of its own.

const notes = ['buy milk']

function notesServer() {
  const server = new McpServer({ name: 'notes', version: '1.0.0' })
  server.registerTool('list_notes', { description: 'Lists your notes' }, ({ authInfo }) => ({
    content: [{ type: 'text', text: [authInfo?.extra?.userId, ...notes].join('\n') }],
  }))
  server.registerTool('add_note', { description: 'Adds a note', inputSchema: { text: z.string() } }, ({ text }) => ({
    content: [{ type: 'text', text: `added note ${notes.push(text)}` }],
  }))
  return server
}

export function notesApp(resource, options) {
  const app = express()
  app.use(clerkAuth(options))
  app.use(protectedResource({ resource, scopes: ['notes:read', 'notes:write'], name: 'Notes' }))

  const reads = requireAuth({ acceptsToken: 'oauth_token', scope: 'notes:read' })
  const writes = requireAuth({ acceptsToken: 'oauth_token', scope: ['notes:read', 'notes:write'] })
  const writesIfNeeded = (req, res, next) => {
    const adds = [req.body].flat().some((message) => message?.params?.name === 'add_note')
    return adds ? writes(req, res, next) : next()
  }

  // A body of any media type, because the SDK reads what is not parsed here, past the guard.
  const parseBody = express.json({ type: () => true })
  app.post('/mcp', reads, parseBody, writesIfNeeded, async (req, res) => {
    const server = notesServer()
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined })
    res.on('close', () => void server.close())
    await server.connect(transport)
    req.auth = toMcpAuthInfo(req, reads)
    await transport.handleRequest(req, res, req.body)
  })
  app.all('/mcp', reads, (_req, res) => void res.status(405).set('Allow', 'POST').end())
  return app
}
