import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** Contained in every response of a faulty issuer. Only the issuer may ever see it. */
export const CANARY = 'c4n4ry'

/** A request to an issuer, and the means to answer it, validly or not. */
export interface Exchange {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly response: ServerResponse
  readonly socket: Socket
  /** The body with which a healthy issuer accepts the caller. */
  readonly good: string
}

export type Behaviour = (exchange: Exchange) => void

/** A server on loopback with configurable behaviour. */
export interface Issuer {
  readonly url: string
  /** The requests that it got, in order. */
  readonly asked: readonly Exchange[]
  /** All its connections, and those that are open. */
  readonly connections: { readonly all: number; readonly open: number }
  /** Sets the response to every request from now on. */
  readonly answer: (behave: Behaviour) => void
  /** Sets the behaviour for every connection from now on, before any request. Open connections are reset. */
  readonly greet: (greet: (socket: Socket) => void) => void
  readonly heal: () => void
  /** Fulfils when each started response is either sent whole or ended by the end of its connection. */
  readonly released: () => Promise<void>
  /** Closes every connection without a response. */
  readonly dropConnections: () => void
  /** Stops, and starts again at the same address. */
  readonly stop: () => Promise<void>
  readonly start: () => Promise<void>
}

export interface Health {
  readonly good: (path: string) => string
  /** Default: 200 with the valid body. */
  readonly healthy?: Behaviour
}

const running = new Set<Issuer>()

export async function startIssuer({ good, healthy = ({ response, good: body }) => json(response, 200, body) }: Health) {
  const asked: Exchange[] = []
  const sockets = new Set<Socket>()
  const closings = new Map<Socket, Promise<void>>()
  let faulty: Promise<unknown>[] = []
  let all = 0
  let port = 0
  let behave = healthy
  let greet: ((socket: Socket) => void) | undefined

  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (part: string) => (body += part))
    request.on('end', () => {
      const { url: path = '', headers, socket } = request
      const exchange = { path, headers, body, response, socket, good: good(path) }
      asked.push(exchange)
      const finished = new Promise((resolve) => response.on('finish', resolve))
      if (behave !== healthy) faulty.push(Promise.race([finished, closings.get(socket)]))
      behave(exchange)
    })
    response.on('error', () => {})
  })
  server.on('connection', (socket) => {
    all++
    sockets.add(socket)
    socket.on('error', () => {})
    closings.set(
      socket,
      new Promise((resolve) => {
        socket.on('close', () => {
          sockets.delete(socket)
          resolve()
        })
      }),
    )
    if (!greet) return
    faulty.push(closings.get(socket)!)
    greet(socket)
  })
  const dropConnections = () => sockets.forEach((socket) => socket.destroy())
  const start = async () => {
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    port = (server.address() as AddressInfo).port
  }
  await start()

  const issuer: Issuer = {
    url: `http://127.0.0.1:${port}`,
    asked,
    connections: {
      get all() {
        return all
      },
      get open() {
        return sockets.size
      },
    },
    answer: (other) => {
      greet = undefined
      behave = other
    },
    greet: (other) => {
      greet = other
      behave = ({ socket }) => void socket.resetAndDestroy()
      for (const socket of sockets) socket.resetAndDestroy()
    },
    heal: () => {
      greet = undefined
      behave = healthy
    },
    released: async () => {
      await Promise.all(faulty)
      faulty = []
    },
    dropConnections,
    start,
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      dropConnections()
      await closed
    },
  }
  running.add(issuer)
  return issuer
}

/** Stops the servers that a test file has started. */
export async function stopIssuers(): Promise<void> {
  await Promise.all(Array.from(running, (issuer) => issuer.stop()))
  running.clear()
}

export function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}
