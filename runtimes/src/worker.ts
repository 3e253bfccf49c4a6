import type { App } from '../../test/contract/app.js'
import { honoApp } from '../../test/contract/hono-app.js'
import { coreApp } from './core-app.js'
import { hostOf, type Open } from './host.js'

// Runs in workerd, whose configuration names the socket of each request in a header.

type Fetch = (request: Request, environment: object, context: ExecutionContext) => Response | Promise<Response>

interface ExecutionContext {
  readonly waitUntil: (promise: Promise<unknown>) => void
  readonly passThroughOnException: () => void
  readonly props: unknown
}

const apps = new Map<number, Fetch>()
let opened = 0

const open: Open = async (target, app) => {
  const at = opened++ % SOCKETS
  apps.set(at, fetchOf(target, app))
  return { at, close: () => void apps.delete(at) }
}

function fetchOf(target: string, app: App): Fetch {
  if (target === 'Hono') {
    const hono = honoApp(app)
    return (request, environment, context) => hono.fetch(request, environment, context)
  }
  const answer = coreApp(app)
  return async (request) => {
    const { status, headers, body } = await answer(request, new URL(request.url).pathname)
    return new Response(JSON.stringify(body), { status, headers })
  }
}

/** How many apps can be open at a time. */
const SOCKETS = 64
const host = hostOf(open)

export default {
  async fetch(request: Request, environment: object, context: ExecutionContext): Promise<Response> {
    const socket = request.headers.get('x-socket')
    if (socket === 'control')
      return new Response(await host(new URL(request.url).pathname.slice(1), await request.text()))
    const app = apps.get(Number(socket))
    return app ? app(request, environment, context) : new Response('closed', { status: 404 })
  },
}
