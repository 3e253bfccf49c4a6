import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { RequestError, getRequestListener } from '@hono/node-server'
import { errorAnswer } from '../api/errors.js'
import { NEWEST_VERSION } from '../api/versions.js'
import { createApp, type AppOptions } from './app.js'
import { responseOf } from './response.js'

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
  const listener = getRequestListener(createApp(app).fetch, {
    // The application under test shares this process, and its globals must stay as they are.
    overrideGlobalObjects: false,
    // For requests without a Host header. The endpoints see that it is missing.
    hostname: 'localhost',
    errorHandler: refuseMalformed,
  })
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_IN_MS, headersTimeout: REQUEST_TIMEOUT_IN_MS, connectionsCheckingInterval: 1000 },
    (incoming, outgoing) => void listener(incoming, outgoing),
  )
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

/** Hono needs a URL. The adapter builds it of the Host header and the path, and accepts only hosts in their usual form. */
function refuseMalformed(error: unknown): Response {
  const answer =
    error instanceof RequestError
      ? errorAnswer('authorization_invalid', 'The Host header and the path must form a URL')
      : errorAnswer('internal_clerk_error')
  return responseOf(answer, '', NEWEST_VERSION)
}
