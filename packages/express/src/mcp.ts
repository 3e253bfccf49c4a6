import type { IncomingMessage } from 'node:http'
import { boundTo, checkCalled, type BoundTo } from '@clerk-auth/core/adapter'
import {
  mcpAuthInfo,
  protectedResource as coreResource,
  type McpAuthInfo,
  type McpCaller,
  type ProtectedResourceOptions,
} from '@clerk-auth/core/mcp'
import type { Request, RequestHandler } from 'express'
import type { ClerkAuthHandler, Guard } from './index.js'

export type { McpAuthInfo, McpCaller, ProtectedResourceOptions } from '@clerk-auth/core/mcp'

/**
 * Declares an OAuth protected resource, such as an MCP server. Serves its metadata, tells OAuth clients in challenges
 * where and for which scopes to log in, and refuses OAuth tokens that are for something else. Mount it after
 * `clerkAuth()` and before the guards.
 *
 * @param options `by`: the `clerkAuth()` to use, if a request passes through several
 * @throws {TypeError} naming the invalid or missing option
 */
export function protectedResource(
  declared: ProtectedResourceOptions,
  options?: BoundTo<ClerkAuthHandler>,
  ...uncalled: readonly never[]
): RequestHandler {
  checkCalled('protectedResource', ...uncalled)
  const resource = coreResource(declared)
  const clerkFor = boundTo('protectedResource()', options)
  return (req, res, next) => {
    const answer = resource.arrive(req, { method: req.method, path: pathOf(req) }, clerkFor?.(req))
    if (!answer) return next()
    const { status, headers, body } = answer
    res.status(status).set(headers)
    if (body) res.json(body)
    else res.end()
  }
}

/** Mount paths included: that of a resource is part of its URL. */
function pathOf({ originalUrl }: Request): string {
  return originalUrl.split('?', 1)[0]!
}

/**
 * Describes the caller to an official MCP SDK: `req.auth = toMcpAuthInfo(req, guard)`.
 *
 * @throws {TypeError} if the guard has not accepted this request
 */
export function toMcpAuthInfo<A extends McpCaller>(req: IncomingMessage, guard: Guard<A>): McpAuthInfo {
  return mcpAuthInfo(req, req, guard)
}
