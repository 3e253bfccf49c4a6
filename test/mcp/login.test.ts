import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { defaultSeed, startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import type { ClerkAuthOptions } from '@clerk-auth/core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { examples, officialClient, REDIRECT_URI, VERSIONS, type Registration, type Version } from './official-client.js'

// `.ci/run` installs the official SDKs; without them, these tests are skipped.
const isInstalled = existsSync(join(examples, 'node_modules/@modelcontextprotocol'))

const SCOPES = ['notes:read', 'notes:write']

let local: LocalClerk

/** An application of an example, as a listener of a Node server. */
type NotesApp = (resource: string, options: ClerkAuthOptions) => Promise<RequestListener>

const example = async (file: string) => (await import(/* @vite-ignore */ join(examples, file))) as { notesApp: Function }

const APPS: Record<string, NotesApp> = {
  Express: async (...given) => (await example('express.js')).notesApp(...given) as RequestListener,
  Fastify: async (...given) => {
    const app = (await (await example('fastify.js')).notesApp(...given)) as {
      readonly ready: () => Promise<void>
      readonly routing: RequestListener
    }
    await app.ready()
    return app.routing
  },
  Hono: async (...given) => {
    const app = (await example('hono.js')).notesApp(...given) as { readonly fetch: (request: Request) => Response }
    return getRequestListener(app.fetch)
  },
}

/** The URL of the MCP endpoint of an example, until the test ends. */
async function serve(app: NotesApp): Promise<string> {
  const server: Server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void (server.close(), server.closeAllConnections()))
  const resource = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
  server.on('request', await app(resource, { frontendApiUrl: local.url }))
  return resource
}

describe.runIf(isInstalled || process.env['CI'])('an official MCP client', () => {
  beforeAll(async () => {
    const clients = { notes: { name: 'Notes', redirectUris: [REDIRECT_URI], scopes: SCOPES } }
    const oauth = { scopes: SCOPES, defaultScopes: SCOPES, dynamicRegistration: true }
    local = (await startLocalClerk({ seed: { ...defaultSeed, clients, oauth } })) as unknown as LocalClerk
  })
  afterAll(() => local.close())

  const clientOfSeed = (): Registration => ({
    known: { client_id: (local.clients as Record<string, { readonly id: string }>)['notes']!.id },
  })

  async function connected(version: Version, app: NotesApp, registration: Registration) {
    const resource = await serve(app)
    const client = officialClient(version, registration, 'alice')
    onTestFinished(() => client.close())
    await client.connect(resource)
    return { client, resource }
  }

  describe.each(Object.entries(APPS))('on %s', (_name, app) => {
    it.each(VERSIONS)('%s logs in as a client of the seed, and asks for more scopes when a tool needs them', async (version) => {
      const { client, resource } = await connected(version, app, clientOfSeed())
      expect(await client.call('list_notes')).toEqual([{ type: 'text', text: expect.stringContaining(local.people.alice.id) }])
      expect(client.authorizations.map((sent) => sent.get('scope'))).toEqual(['notes:read'])
      expect(client.authorizations[0]!.get('resource')).toBe(resource)
      console.log(version, client.steps)

      expect(await client.call('add_note', { text: 'water plants' })).toEqual([
        { type: 'text', text: expect.stringMatching(/^added note \d+$/) },
      ])
      expect(client.authorizations.map((sent) => sent.get('scope'))).toEqual(['notes:read', 'notes:read notes:write'])
      console.log(version, client.steps)
    })
  })
})
