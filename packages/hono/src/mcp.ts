import { boundTo, checkCalled, type BoundTo } from '@clerk-auth/core/adapter'
import {
  mcpAuthInfo,
  protectedResource as coreResource,
  type McpAuthInfo,
  type McpCaller,
  type ProtectedResourceOptions,
} from '@clerk-auth/core/mcp'
import type { Context, MiddlewareHandler } from 'hono'
import type { ClerkAuthMiddleware, Guard } from './index.js'

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
  options?: BoundTo<ClerkAuthMiddleware>,
): MiddlewareHandler {
  // Hono calls middleware with the context and next().
  checkCalled('protectedResource', typeof options === 'function' ? options : undefined)
  const resource = coreResource(declared)
  const clerkFor = boundTo('protectedResource()', options)
  return async (c, next) => {
    const answer = resource.arrive(c, { method: c.req.method, path: c.req.path }, clerkFor?.(c))
    if (!answer) return next()
    const { status, headers, body } = answer
    return new Response(body && JSON.stringify(body), { status, headers })
  }
}

/**
 * Describes the caller to an official MCP SDK: `transport.handleRequest(c.req.raw, { authInfo: toMcpAuthInfo(c, guard) })`.
 *
 * @throws {TypeError} if the guard has not accepted this request
 */
export function toMcpAuthInfo<A extends McpCaller>(c: Context, guard: Guard<A>): McpAuthInfo {
  return mcpAuthInfo(c, c.req.raw, guard)
}
