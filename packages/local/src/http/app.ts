import type { HttpBindings } from '@hono/node-server'
import { Hono, type Context, type MiddlewareHandler, type Next } from 'hono'
import type { IncomingMessage } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import type { Answer } from '../api/answer.js'
import { refuseAuthorization, type Credentials } from '../api/credentials.js'
import { MAX_BODY_BYTES, type Endpoint, type EndpointRequest } from '../api/endpoint.js'
import { Refusal, errorAnswer } from '../api/errors.js'
import { limit } from '../support/limit.js'
import { apiVersionOf, refuseVersion } from '../api/versions.js'
import type { OperationCalls } from './operation-calls.js'
import { allowedMethods, honoPath, inOrderOfRoutes } from './paths.js'
import { readBody } from './read-body.js'
import type { RequestLog, Visit } from './request-log.js'
import { responseOf } from './response.js'

export interface AppOptions {
  readonly endpoints: readonly Endpoint[]
  readonly calls: OperationCalls
  readonly requests: RequestLog
  readonly credentials: Credentials
  /** Protects the instance's own paths. Runs before routing, also for paths that do not exist. */
  readonly guard: (request: EndpointRequest) => Answer | undefined
}

interface Env {
  readonly Bindings: HttpBindings
  readonly Variables: { readonly visit: Visit; readonly request: EndpointRequest }
}

/** Each request goes through these, in this order, to its endpoint. */
export function createApp({ endpoints, calls, requests, credentials, guard }: AppOptions): Hono<Env> {
  // Routed by the path as sent, which the checks before an endpoint see too. A decoded path could pass them unseen.
  const app = new Hono<Env>({ getPath: (_request, options) => pathOf(options?.env) })
  for (const endpoint of inOrderOfRoutes(endpoints))
    app.on(endpoint.method, honoPath(endpoint.path), logged(endpoint), onlyGet, faulty(endpoint), refused, async (c) =>
      responseTo(c, await endpoint.answer(c.get('request'))),
    )
  app.notFound((c) => {
    enter(c)
    return unrouted(c)
  })
  app.onError((error, c) => {
    return responseTo(c, error instanceof Refusal ? error.answer : errorAnswer('internal_clerk_error'))
  })
  return app

  function enter(c: Context<Env>, operation?: string, maxBodyBytes?: number): void {
    c.set('request', requestOf(c, maxBodyBytes))
    c.set('visit', requests.enter(c.req.method, pathOf(c.env), operation ?? null))
  }

  function logged({ method, operation, maxBodyBytes }: Endpoint): MiddlewareHandler<Env> {
    return async (c, next) => {
      enter(c, c.req.method === method ? operation : undefined, maxBodyBytes)
      await next()
    }
  }

  /** Hono answers HEAD like GET, which Clerk does not. */
  async function onlyGet(c: Context<Env>, next: Next): Promise<Response | void> {
    return c.req.method === 'HEAD' ? unrouted(c) : next()
  }

  /** Counts the call, and applies the operation's fault. */
  function faulty({ operation }: Endpoint): MiddlewareHandler<Env> {
    return async (c, next) => {
      const effect = operation === undefined ? undefined : calls.enter(operation)
      if (!effect) return next()
      c.get('visit').faulted()
      if (effect.hang) return new Promise<never>(() => {})
      await setTimeout(effect.delayInMs, undefined, { ref: false })
      if (effect.answer) {
        const { headers, ...answer } = effect.answer()
        return responseTo(c, { ...answer, headers: { ...headers, 'clerk-auth-local': 'fault', ...effect.headers } })
      }
      await next()
      for (const [name, value] of Object.entries(effect.headers)) c.res.headers.set(name, value)
    }
  }

  async function refused(c: Context<Env>, next: Next): Promise<Response | void> {
    const answer = refusalOf(c.get('request'))
    return answer ? responseTo(c, answer) : next()
  }

  function unrouted(c: Context<Env>): Response {
    return responseTo(c, refusalOf(c.get('request')) ?? withoutEndpoint(c.req.method, pathOf(c.env), endpoints))
  }

  function refusalOf(request: EndpointRequest): Answer | undefined {
    return guard(request) ?? refuseAuthorization(request, credentials) ?? refuseVersion(request)
  }
}

function responseTo(c: Context<Env>, answer: Answer): Response {
  c.get('visit').answered(answer)
  const request = c.get('request')
  return responseOf(answer, request.path, apiVersionOf(request))
}

/** As sent, without the query. */
function pathOf(env: HttpBindings | undefined): string {
  const [path = ''] = (env?.incoming.url ?? '').split('?')
  return path
}

function requestOf(c: Context<Env>, maxBodyBytes = MAX_BODY_BYTES): EndpointRequest {
  const { incoming } = c.env
  const [, ...query] = (incoming.url ?? '').split('?')
  return {
    path: pathOf(c.env),
    query: new URLSearchParams(query.join('?')),
    headers: incoming.headers,
    params: c.req.param(),
    readText: async () => (await readBody(incoming, maxBodyBytes)).toString(),
    readForm: () => fewForms(() => readForm(incoming, maxBodyBytes)),
  }
}

/** A form may be 10 MB, so only a few are held in memory at a time. */
const fewForms = limit(4)

async function readForm(incoming: IncomingMessage, maxBodyBytes: number): Promise<FormData> {
  const body = await readBody(incoming, maxBodyBytes)
  try {
    return await new Response(body, { headers: { 'content-type': incoming.headers['content-type'] ?? '' } }).formData()
  } catch {
    throw new Refusal('request_body_invalid', 'The body must be multipart/form-data')
  }
}

/** Makes clear that the operation is unsupported here, and not that a user or organization is missing. */
function withoutEndpoint(method: string, path: string, endpoints: readonly Endpoint[]): Answer {
  const allowed = allowedMethods(endpoints, path)
  const missing = `The local instance has no ${method} ${path}`
  if (allowed.length === 0)
    return errorAnswer('resource_not_found', `${missing}: its README lists the supported operations`)
  const allow = allowed.join(', ')
  return { ...errorAnswer('method_not_allowed', `${missing}, only ${allow}`), headers: { allow } }
}
