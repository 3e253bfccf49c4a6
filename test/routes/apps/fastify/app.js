import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import cors from '@fastify/cors'
import fastify from 'fastify'
import { errors } from './plugins/errors.js'
import { guards } from './plugins/guards.js'
import { rawBodies } from './plugins/raw-bodies.js'
import { requestId } from './plugins/request-id.js'

/** An API for a shop, with a file for each group of routes. Every route has the guard that it should have. */
export default async function createApp() {
  const app = fastify({
    ignoreTrailingSlash: true,
    caseSensitive: false,
    bodyLimit: 1_000_000,
    genReqId: () => crypto.randomUUID(),
  })
  await app.register(cors, { origin: ['https://shop.example.com'] })
  await app.register(requestId)
  await app.register(errors)
  await app.register(guards)
  await app.register(rawBodies)

  const folder = join(import.meta.dirname, 'routes')
  for (const file of readdirSync(folder).sort()) {
    const { routes, prefix = `/${basename(file, '.js')}` } = await import(pathToFileURL(join(folder, file)).href)
    app.register(routes, { prefix })
  }
  return app
}
