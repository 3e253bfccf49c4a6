import { createServer, type IncomingMessage } from 'node:http'
import { listen, targets, type Served } from '../../test/contract/targets.js'
import { honoApp } from '../../test/contract/hono-app.js'
import { coreApp } from './core-app.js'
import { hostOf, type Open } from './host.js'
import type { App } from '../../test/contract/app.js'

// Runs in Node, Bun and Deno. Prints the port for commands.

type Handler = (request: Request) => Response | Promise<Response>

interface FetchServers {
  readonly Bun?: {
    readonly serve: (options: { readonly port: 0; readonly hostname: string; readonly fetch: Handler }) => {
      readonly port: number
      readonly stop: (closeConnections: true) => void
    }
  }
  readonly Deno?: {
    readonly serve: (
      options: { readonly port: 0; readonly hostname: string; readonly onListen: () => void },
      handler: Handler,
    ) => { readonly addr: { readonly port: number }; readonly shutdown: () => Promise<void> }
  }
}

const { Bun, Deno } = globalThis as FetchServers

/** Bun and Deno have a server for Fetch handlers; `undefined` in Node. */
function serveFetch(handler: Handler): { readonly at: number; readonly close: () => void } | undefined {
  if (Bun) {
    const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: handler })
    return { at: server.port, close: () => server.stop(true) }
  }
  if (!Deno) return undefined
  const server = Deno.serve({ port: 0, hostname: '127.0.0.1', onListen: () => {} }, handler)
  // Not awaited: idle connections keep it open for a while.
  return { at: server.addr.port, close: () => void server.shutdown() }
}

const open: Open = async (name, app) => {
  if (name === 'core') return openCore(app)
  if (name === 'Hono') {
    const { fetch } = honoApp(app)
    const served = serveFetch((request) => fetch(request))
    if (served) return served
  }
  return opened(await targets.find((target) => target.name === name)!.serve(app))
}

async function openCore(app: App): ReturnType<Open> {
  const answer = coreApp(app)
  const handler: Handler = async (request) => {
    const { status, headers, body } = await answer(request, new URL(request.url).pathname)
    return new Response(JSON.stringify(body), { status, headers })
  }
  const inNode = async (request: IncomingMessage) => answer(request, request.url ?? '')
  return (
    serveFetch(handler) ??
    opened(
      await listen(
        createServer((request, response) => {
          void inNode(request).then(({ status, headers, body }) => {
            response.writeHead(status, headers).end(JSON.stringify(body))
          })
        }),
      ),
    )
  )
}

function opened({ url, close }: Served) {
  return { at: Number(new URL(url).port), close }
}

const host = hostOf(open)
const control = await listen(
  createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => void host(request.url!.slice(1), body).then((reply) => response.end(reply)))
  }),
)
process.stdout.write(`${new URL(control.url).port}\n`)
