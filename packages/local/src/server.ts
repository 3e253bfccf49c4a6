import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { Answer } from './answer.js'
import { apiVersionOf } from './backend-api.js'
import type { Endpoint, EndpointRequest } from './endpoint.js'
import { errorAnswer, newTraceId } from './errors.js'
import type { Operations } from './faults.js'

const MAX_BODY_BYTES = 64 * 1024
const REQUEST_TIMEOUT_IN_MS = 10_000

export interface ServerOptions {
  readonly host: string
  readonly port: number
  readonly operations: Operations
  readonly endpoints: readonly Endpoint[]
  /** Has the first word, also on paths that do not exist. */
  readonly refuse: (request: EndpointRequest) => Answer | undefined
}

export interface RunningServer {
  readonly port: number
  readonly close: () => Promise<void>
}

export async function startServer({ host, port, ...rules }: ServerOptions): Promise<RunningServer> {
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_IN_MS, headersTimeout: REQUEST_TIMEOUT_IN_MS, connectionsCheckingInterval: 1000 },
    (message, response) => {
      const request = readRequest(message)
      answerTo(request, message.method ?? '', rules)
        .catch(() => errorAnswer('internal_clerk_error'))
        .then((answer) => answer && send(answer, apiVersionOf(request), response))
        .catch(() => response.destroy())
    },
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

/** `undefined` when a fault says that no answer comes. */
async function answerTo(
  request: EndpointRequest,
  method: string,
  { endpoints, operations, refuse }: Omit<ServerOptions, 'host' | 'port'>,
): Promise<Answer | undefined> {
  const ofPath = endpoints.filter(({ path }) => path === request.path)
  const endpoint = ofPath.find((candidate) => candidate.method === method)
  const disturbance = endpoint?.operation === undefined ? undefined : operations.enter(endpoint.operation)

  if (disturbance?.hang) return undefined
  if (disturbance) await setTimeout(disturbance.delayInMs, undefined, { ref: false })
  const answer =
    disturbance?.answer?.() ?? refuse(request) ?? (await endpoint?.answer(request)) ?? withoutEndpoint(ofPath)
  return { ...answer, headers: { ...answer.headers, ...disturbance?.headers } }
}

function withoutEndpoint(ofPath: readonly Endpoint[]): Answer {
  if (ofPath.length === 0) return errorAnswer('resource_not_found')
  const answer = errorAnswer('method_not_allowed')
  return { ...answer, headers: { ...answer.headers, allow: ofPath.map(({ method }) => method).join(', ') } }
}

function send({ status, headers, body }: Answer, apiVersion: string, response: ServerResponse): void {
  response.statusCode = status
  // Exactly this, without a charset: Clerk's SDK takes anything else for text.
  response.setHeader('content-type', 'application/json')
  response.setHeader('x-clerk-trace-id', newTraceId())
  response.setHeader('clerk-api-version', apiVersion)
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value)
  response.end(body)
}

// Not by `new URL`: a target may be anything, such as `//` or `*`, and no more than comparing is done with it.
function readRequest(message: IncomingMessage): EndpointRequest {
  const [path = '', ...query] = (message.url ?? '').split('?')
  return {
    path,
    query: new URLSearchParams(query.join('?')),
    headers: message.headers,
    readBody: () => readBody(message),
  }
}

/** Reads on past the limit, as an answer cannot be sent on a connection that was cut; the request timeout ends it. */
function readBody(message: IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    message.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= MAX_BODY_BYTES) chunks.push(chunk)
      else resolve(undefined)
    })
    message.on('end', () => resolve(Buffer.concat(chunks).toString()))
    message.on('error', reject)
  })
}
