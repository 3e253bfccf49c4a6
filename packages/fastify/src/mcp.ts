import {
  mcpAuthInfo,
  protectedResource as coreResource,
  type McpAuthInfo,
  type McpCaller,
  type ProtectedResourceOptions,
} from '@clerk-auth/core/mcp'
import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import type { Guard } from './guard.js'
import { isPublic } from './is-public.js'
import { ownOptions } from './own-options.js'
import { RESOURCES, SCOPE, type ResourcesOfScope, type Scope } from './scope.js'

export type { McpAuthInfo, McpCaller, ProtectedResourceOptions } from '@clerk-auth/core/mcp'

/**
 * Declares an OAuth protected resource, such as an MCP server. Serves its metadata, tells OAuth clients in challenges
 * where and for which scopes to log in, and refuses OAuth tokens that are for something else:
 * `app.register(protectedResource, { resource, scopes })`. Register it after `clerkAuth` and without a prefix; it
 * applies to guards of the scope where it is registered and of its child scopes.
 *
 * If an option is invalid or missing, `ready()` rejects with a `TypeError` naming it.
 */
export const protectedResource: FastifyPluginAsync<ProtectedResourceOptions> = fastifyPlugin(
  (fastify: FastifyInstance | undefined, options: ProtectedResourceOptions) => {
    if (typeof fastify?.decorate !== 'function')
      throw new TypeError(
        'protectedResource is a plugin: write register(protectedResource, options), without calling it',
      )
    return register(fastify, options)
  },
  { name: '@clerk-auth/fastify/mcp', fastify: '4.x || 5.x' },
)

/** The metadata paths that each server has already: the one without a resource belongs to the first resource. */
const metadataPaths = new WeakMap<object, Set<string>>()

// Asynchronous, because an error thrown by a callback-style plugin crashes the process.
async function register(
  fastify: FastifyInstance & { readonly [SCOPE]?: Scope; readonly [RESOURCES]?: ResourcesOfScope },
  options: ProtectedResourceOptions,
): Promise<void> {
  const resource = coreResource(ownOptions(options))
  const clerk = fastify[SCOPE]?.clerk
  if (!clerk) throw new TypeError('protectedResource needs clerkAuth: register clerkAuth first')
  if (fastify.prefix !== '')
    throw new TypeError(
      'protectedResource is registered with a prefix, but its metadata has a fixed path: register it without',
    )

  const enter: ResourcesOfScope[number] = (request, clerk) => {
    // `originalUrl` is not in every Fastify 4.
    const url = (request.originalUrl as string | undefined) ?? request.url
    resource.enter(request, url.split('?', 1)[0]!, clerk)
  }
  const outer = fastify[RESOURCES] ?? []
  if (Object.hasOwn(fastify, RESOURCES)) outer.push(enter)
  else fastify.decorate(RESOURCES, [...outer, enter])

  // Fails at start if the issuer is unknown.
  resource.metadata('GET', clerk)
  const known = metadataPaths.get(fastify.server) ?? new Set()
  metadataPaths.set(fastify.server, known)
  for (const url of resource.metadataPaths) {
    if (known.has(url)) continue
    known.add(url)
    fastify.route({
      method: ['GET', 'HEAD', 'OPTIONS'],
      url,
      exposeHeadRoute: false,
      config: isPublic(),
      handler: (request, reply) => {
        const { status, headers, body } = resource.metadata(request.method, clerk)
        return reply
          .code(status)
          .headers(headers)
          .send(body && JSON.stringify(body))
      },
    })
  }
}

/**
 * Describes the caller to an official MCP SDK: `request.raw.auth = toMcpAuthInfo(request, guard)`.
 *
 * @throws {TypeError} if the guard has not accepted this request
 */
export function toMcpAuthInfo<A extends McpCaller>(request: FastifyRequest, guard: Guard<A>): McpAuthInfo {
  return mcpAuthInfo(request, request.raw, guard)
}
