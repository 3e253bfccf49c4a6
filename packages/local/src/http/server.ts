import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { createApp, type AppOptions } from './app.js'

const REQUEST_TIMEOUT_IN_MS = 10_000

export interface ServerOptions extends AppOptions {
  readonly host: string
  readonly port: number
}

export interface RunningServer {
  readonly port: number
  readonly close: () => Promise<void>
}

export async function startServer({ host, port, ...app }: ServerOptions): Promise<RunningServer> {
  const server = createAdaptorServer({
    fetch: createApp(app).fetch,
    // The application under test shares this process, and its globals must stay as they are.
    overrideGlobalObjects: false,
    serverOptions: {
      requestTimeout: REQUEST_TIMEOUT_IN_MS,
      headersTimeout: REQUEST_TIMEOUT_IN_MS,
      connectionsCheckingInterval: 1000,
    },
  }) as Server
  server.listen({ host, port })
  await once(server, 'listening')

  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
