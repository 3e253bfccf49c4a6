import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import type { ClerkAuthOptions } from '@clerk-auth/core'
import { onTestFinished } from 'vitest'
import { examples } from './official-client.js'

/** The application of an example, as a listener of a Node server. */
export type NotesApp = (resource: string, options: ClerkAuthOptions) => Promise<RequestListener>

export const SCOPES = ['notes:read', 'notes:write']

const appOf = async (file: string, ...given: Parameters<NotesApp>): Promise<unknown> => {
  const { notesApp } = (await import(/* @vite-ignore */ join(examples, file))) as { readonly notesApp: Function }
  return notesApp(...given) as unknown
}

export const APPS = {
  Express: async (...given) => (await appOf('express.js', ...given)) as RequestListener,
  Fastify: async (...given) => {
    const app = (await appOf('fastify.js', ...given)) as { ready: () => Promise<void>; routing: RequestListener }
    await app.ready()
    return app.routing
  },
  Hono: async (...given) => {
    const app = (await appOf('hono.js', ...given)) as { readonly fetch: (request: Request) => Response }
    const listener = getRequestListener(app.fetch)
    return (request, response) => void listener(request, response)
  },
} satisfies Record<string, NotesApp>

/** A server that keeps sessions. Its tool is `add_draft`. */
export const draftsApp: NotesApp = async (...given) => {
  const { draftsApp } = (await import(/* @vite-ignore */ join(examples, 'sessions.js'))) as {
    readonly draftsApp: Function
  }
  return draftsApp(...given) as RequestListener
}

/** The URL of the MCP endpoint, until the test ends. */
export async function serve(app: NotesApp, options: ClerkAuthOptions): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const resource = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
  server.on('request', await app(resource, options))
  return resource
}
