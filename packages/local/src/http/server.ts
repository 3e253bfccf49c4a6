import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { Answer } from '../api/answer.js'
import { apiVersionOf, isProxied } from '../backend-api/backend-api.js'
import { MAX_BODY_BYTES, matchPath, type Endpoint, type EndpointRequest } from '../api/endpoint.js'
import { Refusal, errorAnswer, errorBody, newTraceId, proxyErrorBody } from '../api/errors.js'
import type { Operations } from './faults.js'
import type { RequestLog, Visit } from './request-log.js'

const REQUEST_TIMEOUT_IN_MS = 10_000

export interface ServerOptions {
  readonly host: string
  readonly port: number
  readonly operations: Operations
  readonly requests: RequestLog
  readonly endpoints: readonly Endpoint[]
  /** Runs before routing, also for paths that do not exist. */
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
      const route = routeOf(message.method ?? '', request.path, rules.endpoints)
      const visit = rules.requests.enter(route.method, request.path, route.endpoint?.operation ?? null)
      answerTo(request, route, rules, visit)
        .catch(() => errorAnswer('internal_clerk_error'))
        .then((answer) => {
          if (!answer) return
          visit.answered(answer)
          send(answer, request, response)
        })
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

/** The endpoint for a request. */
interface Route {
  readonly method: string
  /** `undefined`: no endpoint for this method at the path */
  readonly endpoint: Endpoint | undefined
  readonly params: EndpointRequest['params']
  /** methods of all endpoints at the path */
  readonly methods: readonly string[]
}

function routeOf(method: string, path: string, endpoints: readonly Endpoint[]): Route {
  const ofPath = endpoints.flatMap((endpoint) => {
    const params = matchPath(endpoint.path, path)
    return params ? [{ endpoint, params }] : []
  })
  const { endpoint, params = {} } = ofPath.find((match) => match.endpoint.method === method) ?? {}
  return { method, endpoint, params, methods: ofPath.map((match) => match.endpoint.method) }
}

/** Returns `undefined` if a fault prevents any response. */
async function answerTo(
  request: EndpointRequest,
  route: Route,
  { operations, refuse }: Pick<ServerOptions, 'operations' | 'refuse'>,
  visit: Visit,
): Promise<Answer | undefined> {
  const { endpoint } = route
  const effect = endpoint?.operation === undefined ? undefined : operations.enter(endpoint.operation)

  if (effect) visit.faulted()
  if (effect?.hang) return undefined
  if (effect) await setTimeout(effect.delayInMs, undefined, { ref: false })
  const answer =
    effect?.answer?.() ??
    refuse(request) ??
    (endpoint
      ? await askEndpoint(endpoint, { ...request, params: route.params })
      : withoutEndpoint(route, request.path))
  // Tells the answer of a fault, which may be anything, from the instance's own.
  const mark = effect?.answer && { 'clerk-auth-local': 'fault' }
  return { ...answer, headers: { ...answer.headers, ...mark, ...effect?.headers } }
}

async function askEndpoint(endpoint: Endpoint, request: EndpointRequest): Promise<Answer> {
  try {
    return await endpoint.answer(request)
  } catch (error) {
    if (error instanceof Refusal) return error.answer
    throw error
  }
}

/** Makes clear that the operation is unsupported here, and not that a user or organization is missing. */
function withoutEndpoint({ method, methods }: Route, path: string): Answer {
  const missing = `The local instance has no ${method} ${path}`
  if (methods.length === 0)
    return errorAnswer('resource_not_found', `${missing}: its README lists the supported operations`)
  const allow = methods.join(', ')
  const answer = errorAnswer('method_not_allowed', `${missing}, only ${allow}`)
  return { ...answer, headers: { ...answer.headers, allow } }
}

function send({ status, headers, body }: Answer, request: EndpointRequest, response: ServerResponse): void {
  const traceId = newTraceId()
  const version = apiVersionOf(request)
  response.statusCode = status
  // Without a charset: Clerk's SDK treats any other value as text.
  response.setHeader('content-type', 'application/json')
  response.setHeader('x-clerk-trace-id', traceId)
  // Clerk's SDK uses it as the trace id if the body has none, as in responses of the proxy for tokens and API keys.
  response.setHeader('cf-ray', traceId)
  response.setHeader('clerk-api-version', version)
  // An API in production recognizes a local instance by this header, whatever host name it uses.
  response.setHeader('clerk-auth-local', '1')
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value)
  response.end(
    typeof body === 'string'
      ? body
      : isProxied(request.path)
        ? proxyErrorBody(body)
        : errorBody(body, traceId, version),
  )
}

// Not with `new URL`: the target may be anything, such as `//` or `*`, and is only compared.
function readRequest(message: IncomingMessage): EndpointRequest {
  const [path = '', ...query] = (message.url ?? '').split('?')
  return {
    path,
    query: new URLSearchParams(query.join('?')),
    headers: message.headers,
    params: {},
    readBody: () => readBody(message),
  }
}

/** Reads on past the limit, because closing the connection would prevent a response. The request timeout ends it. */
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
