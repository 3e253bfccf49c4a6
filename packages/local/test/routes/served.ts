import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { clerkAuth } from '@clerk-auth/express'
import { describeGuard } from '@clerk-auth/core'
import express from 'express'
import { onTestFinished } from 'vitest'
import { defaultSeed, type LocalClerk, type Seed } from '../../src/index.js'
import { checkRoutes, type CheckResult, type CheckOptions } from '../../src/routes/check-routes.js'
import type { Core } from '../../src/routes/core.js'
import { NO_VALUES } from '../../src/routes/params-file.js'
import type { Description, Listing, Route } from '../../src/routes/route.js'
import { coreOf } from '../../src/support/core-of-project.js'
import { start } from '../start.js'

const PROJECT = resolve(import.meta.dirname, '../../../..')

const core = coreOf(PROJECT) as Core

/** What passed the guards. */
export const marker: express.RequestHandler = (_req, res) => void res.status(204).end()

/** The routes of an Express application in which the handlers are markers, and their guards as a listing has them. */
export interface ServedRoute {
  readonly method: string
  readonly path: string
  readonly handlers: readonly express.RequestHandler[]
  /** what the listing says, if it is something else than the guards among the handlers */
  readonly listed?: Partial<Route>
}

export function route(label: string, ...handlers: readonly express.RequestHandler[]): ServedRoute {
  const [method = '', path = ''] = label.split(' ')
  return { method, path, handlers }
}

/** Checks routes that an Express application serves over HTTP. */
export async function check(
  routes: readonly ServedRoute[],
  { seed = defaultSeed, ...more }: Partial<CheckOptions> & { readonly seed?: Seed } = {},
): Promise<CheckResult> {
  const local = more.local ?? (await start<Seed>({ seed }))
  const app = express()
  app.use(clerkAuth({ frontendApiUrl: local.url, ...optionsOf(local) }))
  for (const { method, path, handlers } of routes)
    app[method.toLowerCase() as 'get'](path, ...handlers, ...(handlers.includes(marker) ? [] : [marker]))
  return checkServed(app, listingOf(routes), { ...more, local })
}

export async function checkServed(
  listener: RequestListener,
  listing: Listing,
  options: Partial<CheckOptions> & Pick<CheckOptions, 'local'>,
): Promise<CheckResult> {
  return checkRoutes({
    listing,
    url: await serve(listener),
    core,
    personas: {},
    azp: undefined,
    values: NO_VALUES,
    timeoutInMs: 5_000,
    callsHandlers: false,
    progress: () => {},
    ...options,
  })
}

export function optionsOf({ env, url }: LocalClerk<Seed>) {
  return {
    apiUrl: url,
    secretKey: env.CLERK_SECRET_KEY,
    machineSecretKey: env.CLERK_MACHINE_SECRET_KEY,
    machineId: env.CLERK_MACHINE_ID,
  }
}

export function listingOf(routes: readonly ServedRoute[]): Listing {
  return {
    framework: 'express',
    routes: routes.map(({ method, path, handlers, listed }) => ({
      method,
      path,
      guards: handlers.flatMap((handler) => (describeGuard(handler) as Description | undefined) ?? []),
      guardsBehindHandler: [],
      hasOwnHandler: true,
      ...listed,
    })),
  }
}

export async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  await new Promise((resolve) => server.once('listening', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
