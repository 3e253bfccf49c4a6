import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import type { AuthSource } from '@clerk-auth/core'
import type { MatchedRoute } from '@clerk-auth/core/adapter'
import type { ExecutionContext } from '@nestjs/common'

/** One call of a handler: a request over HTTP, or a field of a GraphQL operation. */
export interface Call {
  /** Stores the caller. */
  readonly holder: object
  /** Holds the credential. */
  readonly source: AuthSource
  /** Only over HTTP: a GraphQL response has one status for all its fields. */
  readonly response: HttpResponse | undefined
}

/** The part that Express and Fastify have in common. */
export interface HttpResponse {
  header(name: string, value: string): unknown
  getHeader(name: string): OutgoingHttpHeaders[string]
  status(code: number): { send(body: unknown): unknown }
}

interface HttpRequest extends IncomingMessage {
  /** With the paths of mounts, and before a rewrite. */
  readonly originalUrl?: string
  /** Express. */
  readonly route?: { readonly path: string | RegExp | readonly (string | RegExp)[] }
  /** Fastify. */
  readonly routeOptions?: { readonly url?: string | undefined }
  readonly raw?: IncomingMessage
}

interface FieldInfo {
  readonly fieldName: string
  readonly parentType: { readonly name: string }
}

export function isCall(context: ExecutionContext): boolean {
  return isHttp(context) || isGraphql(context)
}

/** @throws {TypeError} if there is no HTTP request from which to read the credential */
export function callOf(context: ExecutionContext): Call {
  if (!isCall(context))
    throw new TypeError(
      `${nameOf(context)} is called over "${context.getType()}", where callers cannot be authenticated: mark it with @Public() if it authenticates them itself`,
    )
  const request = requestOf(context)
  const source = request.raw ?? request
  if (isHttp(context)) return { holder: request, source, response: context.getArgByIndex<HttpResponse>(1) }
  return { holder: holderOf(request, infoOf(context)), source, response: undefined }
}

/** The pattern of the route or the field, never the requested path. */
export function routeOf(context: ExecutionContext): MatchedRoute {
  const { method, route, routeOptions } = requestOf(context)
  const pattern = isHttp(context) ? (route ? [route.path].flat().join(', ') : routeOptions?.url) : fieldOf(context)
  return { ...(method !== undefined && { method }), ...(pattern !== undefined && { route: pattern }) }
}

/** The requested path, without its query. */
export function pathOf(context: ExecutionContext): string {
  const { originalUrl, url = '' } = requestOf(context)
  return (originalUrl ?? url).split('?', 1)[0]!
}

function requestOf(context: ExecutionContext): HttpRequest {
  if (isHttp(context)) return context.getArgByIndex<HttpRequest>(0)
  const request = context.getArgByIndex<{ readonly req?: HttpRequest } | undefined>(2)?.req
  if (!request?.headers)
    throw new TypeError(
      `${nameOf(context)} needs the HTTP request in the GraphQL context: return { req: request } from the "context" option of GraphQLModule`,
    )
  return request
}

const isHttp = (context: ExecutionContext) => context.getType() === 'http'
const isGraphql = (context: ExecutionContext) => context.getType<string>() === 'graphql'
const infoOf = (context: ExecutionContext) => context.getArgByIndex<FieldInfo>(3)

function fieldOf(context: ExecutionContext): string {
  const { parentType, fieldName } = infoOf(context)
  return `${parentType.name}.${fieldName}`
}

function nameOf(context: ExecutionContext): string {
  return `${context.getClass().name}.${context.getHandler().name}()`
}

/**
 * The guards of several fields run at the same time for one request, so each field has its own caller. It also means
 * that a token sent when a WebSocket was opened is verified again for every operation.
 */
const fields = new WeakMap<object, WeakMap<object, object>>()

function holderOf(request: object, info: object): object {
  const ofRequest = getOrAdd(fields, request, () => new WeakMap<object, object>())
  return getOrAdd(ofRequest, info, () => ({}))
}

function getOrAdd<T extends object>(map: WeakMap<object, T>, key: object, create: () => T): T {
  const value = map.get(key) ?? create()
  map.set(key, value)
  return value
}
