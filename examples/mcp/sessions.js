import { randomUUID } from 'node:crypto'
import { clerkAuth, requireAuth } from '@clerk-auth/express'
import { protectedResource, toMcpAuthInfo } from '@clerk-auth/express/mcp'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { isInitializeRequest } from '@modelcontextprotocol/sdk/types.js'
import express from 'express'

// The official SDK, version 1, with sessions, on Express. A session belongs to the caller that opened it.

function drafts() {
  const server = new McpServer({ name: 'drafts', version: '1.0.0' })
  let count = 0
  server.registerTool('add_draft', { description: 'Adds a draft to your session' }, ({ authInfo }) => ({
    content: [{ type: 'text', text: ['draft', ++count, 'of', authInfo?.extra?.userId].join(' ') }],
  }))
  return server
}

export function draftsApp(resource, options) {
  const app = express()
  app.use(clerkAuth(options))
  app.use(protectedResource({ resource, scopes: ['notes:read'] }))

  const sessions = new Map()
  const reads = requireAuth({ acceptsToken: 'oauth_token', scope: 'notes:read' })

  async function open(owner) {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, { owner, transport }),
      onsessionclosed: (id) => void sessions.delete(id),
    })
    await drafts().connect(transport)
    return transport
  }

  app.all('/mcp', reads, express.json(), async (req, res) => {
    const authInfo = toMcpAuthInfo(req, reads)
    const owner = `${authInfo.clientId} ${authInfo.extra.subject}`
    const id = req.get('Mcp-Session-Id')
    const session = id === undefined ? undefined : sessions.get(id)
    // The id of a session is not a credential: for other callers, the session does not exist.
    if (id !== undefined && session?.owner !== owner) return void res.sendStatus(404)
    if (id === undefined && !isInitializeRequest(req.body)) return void res.sendStatus(400)

    // Otherwise the stream would stay open after its token has expired. The client opens another one.
    if (req.method === 'GET' && authInfo.expiresAt !== undefined) {
      const end = setTimeout(() => res.end(), authInfo.expiresAt * 1000 - Date.now())
      res.on('close', () => clearTimeout(end))
    }
    req.auth = authInfo
    const transport = session?.transport ?? (await open(owner))
    await transport.handleRequest(req, res, req.body)
  })
  return app
}
