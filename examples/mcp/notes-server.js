import { McpServer, requireScopes } from '@modelcontextprotocol/server'
import { z } from 'zod'

// The official SDK, version 2. `requireScopes` asks the client for more scopes, with the metadata in `authInfo`.

const notes = ['buy milk']

export function notesServer() {
  const server = new McpServer({ name: 'notes', version: '1.0.0' })
  server.registerTool('list_notes', { description: 'Lists your notes' }, ({ http }) => ({
    content: [{ type: 'text', text: [http?.authInfo?.extra?.userId, ...notes].join('\n') }],
  }))
  server.registerTool(
    'add_note',
    {
      description: 'Adds a note',
      inputSchema: z.object({ text: z.string() }),
      scopeChallenge: requireScopes('notes:read', 'notes:write'),
    },
    ({ text }) => ({ content: [{ type: 'text', text: `added note ${notes.push(text)}` }] }),
  )
  return server
}
