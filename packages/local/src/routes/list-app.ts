import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expressApp, isExpress } from './express.js'
import { recordExpress } from './express-router.js'
import { fastifyApp, isFastify, recordFastify } from './fastify.js'
import type { FrameworkApp } from './framework-app.js'
import { honoApp, isHono } from './hono.js'
import { isNest, nestApp } from './nest.js'
import { recordNest } from './nest-core.js'
import type { ListedApp } from './route.js'
import { UnlistableApp } from './unlistable-app.js'

/**
 * Prepares the frameworks to be listed. To call before the application is built.
 *
 * @param file a file of the application, from which the frameworks are resolved
 */
export async function prepareFrameworks(file: string): Promise<void> {
  recordExpress(file)
  recordFastify()
  await recordNest(file)
}

export interface ListOptions {
  /** Runs handlers for the requests that get past the guards. Without it, the marker answers these. */
  readonly callsHandlers?: boolean
}

/**
 * Lists the routes of an application in this process, and serves it on loopback until `close()`. Meanwhile, its
 * handlers are replaced.
 *
 * @throws {UnlistableApp} if it is not an application of a supported framework, or has no route
 */
export async function listApp(app: unknown, { callsHandlers = false }: ListOptions = {}): Promise<ListedApp> {
  const { listing, listener, replaceHandlers } = await frameworkApp(app)
  if (listing.routes.length === 0) throw new UnlistableApp('it has no route')
  const restore = callsHandlers ? () => {} : replaceHandlers(listing.routes)
  const server = await serve(listener)
  return {
    listing,
    url: server.url,
    close: async () => {
      await server.close()
      restore()
    },
  }
}

async function frameworkApp(app: unknown): Promise<FrameworkApp> {
  if (isNest(app)) return nestApp(app)
  if (isFastify(app)) {
    const found = await fastifyApp(app)
    if (!found)
      throw new UnlistableApp('its routes are not known: fastify() was called before routes could be recorded')
    return found
  }
  if (isHono(app)) return honoApp(app)
  if (isExpress(app)) return expressApp(app)
  throw new UnlistableApp('not an application of Express, Fastify, Hono or NestJS')
}

async function serve(
  listener: RequestListener,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
