import type { HttpBindings } from '@hono/node-server'
import { Hono, type Context, type MiddlewareHandler } from 'hono'
import { setTimeout } from 'node:timers/promises'
import type { Answer } from '../api/answer.js'
import { refuseAuthorization, type Credentials } from '../api/credentials.js'
import { MAX_BODY_BYTES, type Endpoint, type EndpointRequest, type Method } from '../api/endpoint.js'
import { Refusal, errorAnswer } from '../api/errors.js'
import { refuseVersion } from '../api/versions.js'
import type { Operations } from './faults.js'
import { allowedMethods, honoPath, inOrderOfRoutes } from './paths.js'
import type { RequestLog, Visit } from './request-log.js'
import { readBody } from './read-body.js'
import { responseOf } from './response.js'

export interface AppOptions {
  readonly endpoints: readonly Endpoint[]
  readonly operations: Operations
  readonly requests: RequestLog
  readonly credentials: Credentials
  /** Protects the instance's own paths. Runs before routing, also for paths that do not exist. */
  readonly guard: (request: EndpointRequest) => Answer | undefined
}

interface Env {
  readonly Bindings: HttpBindings
  readonly Variables: { readonly visit: Visit }
}

/** Each request goes through these, in this order, to its endpoint. */
export function createApp({ endpoints, operations, requests, credentials, guard }: AppOptions): Hono<Env> {
  const app = new Hono<Env>()
  for (const endpoint of inOrderOfRoutes(endpoints))
    app.on(
      endpoint.method,
      honoPath(endpoint.path),
      logged(endpoint),
      onlyGet(),
      faulty(endpoint),
      refused(guard),
      refused((request) => refuseAuthorization(request, credentials)),
      refused(refuseVersion),
      async (c) => responseTo(c, await endpoint.answer(requestOf(c, endpoint.maxBodyBytes))),
    )
  app.all(
    '*',
    logged(undefined),
    refused(guard),
    refused((request) => refuseAuthorization(request, credentials)),
    refused(refuseVersion),
    (c) => responseTo(c, missing(c)),
  )
  app.onError((error, c) => {
    return responseTo(c, error instanceof Refusal ? error.answer : errorAnswer('internal_clerk_error'))
  })
  return app

  function logged(endpoint: Endpoint | undefined): MiddlewareHandler<Env> {
    return async (c, next) => {
      c.set('visit', requests.enter(c.req.method, pathOf(c), endpoint?.operation ?? null))
      await next()
    }
  }

  /** Hono answers HEAD like GET, which Clerk does not. */
  function onlyGet(): MiddlewareHandler<Env> {
    return async (c, next) => (c.req.method === 'HEAD' ? responseTo(c, missing(c)) : next())
  }

  /** Counts the call, and applies the operation's fault. */
  function faulty({ operation }: Endpoint): MiddlewareHandler<Env> {
    return async (c, next) => {
      const effect = operation === undefined ? undefined : operations.enter(operation)
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

  function missing(c: Context<Env>): Answer {
    return withoutEndpoint(c.req.method, pathOf(c), allowedMethods(endpoints, pathOf(c)))
  }
}

/** @param refuse returns the answer to a refused request */
function refused(refuse: (request: EndpointRequest) => Answer | undefined): MiddlewareHandler<Env> {
  return async (c, next) => {
    const answer = refuse(requestOf(c))
    return answer ? responseTo(c, answer) : next()
  }
}

function responseTo(c: Context<Env>, answer: Answer): Response {
  const visit: Visit | undefined = c.get('visit')
  visit?.answered(answer)
  return responseOf(answer, requestOf(c))
}

/** As sent, without the query. */
function pathOf({ env }: Context<Env>): string {
  const [path = ''] = (env.incoming.url ?? '').split('?')
  return path
}

function requestOf(c: Context<Env>, maxBodyBytes = MAX_BODY_BYTES): EndpointRequest {
  const bytes = () => readBody(c.req.raw, maxBodyBytes)
  const [, ...query] = (c.env.incoming.url ?? '').split('?')
  return {
    path: pathOf(c),
    query: new URLSearchParams(query.join('?')),
    headers: c.env.incoming.headers,
    params: c.req.param(),
    readText: async () => new TextDecoder().decode(await bytes()),
    async readForm() {
      const form = new Response(await bytes(), { headers: { 'content-type': c.req.header('content-type') ?? '' } })
      try {
        return await form.formData()
      } catch {
        throw new Refusal('request_body_invalid', 'The body must be multipart/form-data')
      }
    },
  }
}

/** Makes clear that the operation is unsupported here, and not that a user or organization is missing. */
function withoutEndpoint(method: string, path: string, allowed: readonly Method[]): Answer {
  const missing = `The local instance has no ${method} ${path}`
  if (allowed.length === 0)
    return errorAnswer('resource_not_found', `${missing}: its README lists the supported operations`)
  const allow = allowed.join(', ')
  return { ...errorAnswer('method_not_allowed', `${missing}, only ${allow}`), headers: { allow } }
}
