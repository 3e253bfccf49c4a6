import {
  clerkAuth,
  createClerkAuth,
  getAuth,
  getToken,
  isPublic,
  requireAuth,
  type ApiKeyAuth,
  type AuthError,
  type M2mAuth,
  type Requirement,
  type SessionAuth,
  type Unauthenticated,
} from '@clerk-auth/fastify'
import { protectedResource, toMcpAuthInfo } from '@clerk-auth/fastify/mcp'
import fastify, {
  type FastifyPluginAsync,
  type FastifyReply,
  type FastifyRequest,
  type FastifyTypeProvider,
  type RouteHandlerMethod,
} from 'fastify'
import { typeOf } from './type-of.js'

const app = fastify()

await app.register(clerkAuth)
await app.register(clerkAuth, { audience: ['https://api.example.com'], clockSkewInMs: 0 })
await app.register(clerkAuth, { clerk: createClerkAuth() })
await app.register(clerkAuth, { secretKey: 'sk_test_', prefix: '/v1', logLevel: 'warn' })

// Without the guard as an argument, unauthenticated requests are possible.
app.get('/', async (request) => {
  typeOf(getAuth(request)).is<SessionAuth | Unauthenticated>()
  typeOf(getAuth(request).userId).is<string | null>()
  typeOf(getToken(request)).is<string | null>()
  // @ts-expect-error -- may be unauthenticated
  void getAuth(request).userId.length
})

// With the guard as an argument, the request is authenticated.
const signedIn = requireAuth()
const admin = requireAuth({ role: 'org:admin' })
app.get('/me', { onRequest: signedIn }, async (request) => {
  typeOf(getAuth(request, signedIn)).is<SessionAuth>()
  typeOf(getAuth(request, signedIn).userId).is<string>()
  return {}
})

// The route keeps its own types.
interface Route {
  Params: { id: string }
  Querystring: { page?: number }
  Body: { name: string }
  Reply: { ok: boolean }
}
app.post<Route>('/users/:id', { onRequest: admin }, async (request, reply) => {
  typeOf(getAuth(request, admin).userId).is<string>()
  typeOf(getAuth(request).userId).is<string | null>()
  typeOf(request.params.id).is<string>()
  typeOf(request.query.page).is<number | undefined>()
  typeOf(request.body.name).is<string>()
  typeOf(getToken(request)).is<string | null>()
  // @ts-expect-error -- another reply
  await reply.send({ ok: 'yes' })
  return { ok: true }
})

// So does a type provider.
interface FromSchema extends FastifyTypeProvider {
  validator: this['schema'] extends { readonly type: 'string' } ? string : { readonly fromSchema: number }
  serializer: unknown
}
const withProvider = app.withTypeProvider<FromSchema>()
withProvider.get('/:id', { schema: { params: { type: 'object' } as const }, onRequest: signedIn }, async (request) => {
  typeOf(request.params.fromSchema).is<number>()
  typeOf(getAuth(request, signedIn).userId).is<string>()
  return {}
})
await withProvider.register(clerkAuth)

// A guard can be used wherever a hook can.
const handler: RouteHandlerMethod = async (request) => ({ userId: getAuth(request).userId })
app.get('/list', { onRequest: [signedIn, admin] }, handler)
app.get('/later', { preHandler: signedIn, preValidation: [admin] }, handler)
app.route({ method: ['GET', 'POST'], url: '/route', onRequest: requireAuth({ org: true }), handler })
app.addHook('onRequest', requireAuth())
const plugin: FastifyPluginAsync = async (scope) => {
  scope.addHook('preHandler', admin)
  scope.get('/', handler)
}
await app.register(plugin, { prefix: '/admin' })

// The union must be narrowed.
app.get('/narrowed', async (request: FastifyRequest, reply: FastifyReply) => {
  const auth = getAuth(request)
  if (!auth.isAuthenticated) {
    typeOf(auth).is<Unauthenticated>()
    typeOf(auth.error).is<AuthError>()
    typeOf(auth.userId).is<null>()
    return reply.code(401).send()
  }
  typeOf(auth).is<SessionAuth>()
  typeOf(auth.tokenType).is<'session_token'>()
  return { userId: auth.userId }
})
app.get('/kind', async (request) => {
  const auth = getAuth(request)
  if (auth.tokenType === 'session_token') typeOf(auth.sessionId).is<string>()
  else typeOf(auth.error).is<AuthError>()
})

// The application's functions receive Fastify's types.
requireAuth({
  org: (request) => {
    typeOf(request).is<FastifyRequest>()
    return request.headers['x-organization']
  },
  check: (auth, request) => {
    typeOf(auth).is<SessionAuth>()
    typeOf(request).is<FastifyRequest>()
    return auth.userId === request.hostname
  },
})

// @ts-expect-error -- unknown option
await app.register(clerkAuth, { publishablekey: 'pk_test_' })
// @ts-expect-error -- a number
await app.register(clerkAuth, { clockSkewInMs: '5000' })
// @ts-expect-error -- an instance
await app.register(clerkAuth, { clerk: {} })
// @ts-expect-error -- unknown field
requireAuth({ roles: ['org:admin'] })
// @ts-expect-error -- requireAuth must be called
app.get('/uncalled', { onRequest: requireAuth }, handler)
// @ts-expect-error -- the guard, not its requirement
app.get('/misnamed', async (request) => getAuth(request, { role: 'org:admin' }))
// @ts-expect-error -- a function is not a guard
app.get('/no-guard', async (request) => getAuth(request, JSON.parse))

// A guard as an argument types the caller.
const machineGuard = requireAuth({ acceptsToken: 'm2m_token', machine: 'mch_1' })
app.get('/machine', { onRequest: machineGuard }, async (request) => {
  typeOf(getAuth(request, machineGuard).machineId).is<string>()
  typeOf(getAuth(request, { acceptsToken: 'api_key' }).name).is<string | null>()
  return {}
})

// A forwarded refusal has the response headers.
app.setErrorHandler((error: AuthError, _request, reply) => reply.code(error.status).headers(error.headers).send({}))
// A guard that requires an organization makes it non-optional in the types, if the kind can have one.
declare const request: FastifyRequest
typeOf(getAuth(request, admin).orgId).is<string>()
typeOf(getAuth(request, admin).orgRole).is<string>()
typeOf(getAuth(request, requireAuth({ permission: 'org:invoices:create' })).orgRole).is<string>()
const inOrganization = requireAuth({ org: ({ params }) => (params as { orgId: string }).orgId })
typeOf(getAuth(request, inOrganization).orgId).is<string>()
typeOf(getAuth(request, inOrganization).orgRole).is<string | undefined>()
typeOf(getAuth(request, signedIn).orgId).is<string | undefined>()
const ofOrganization = requireAuth({ acceptsToken: ['api_key', 'm2m_token'], org: true })
typeOf(getAuth(request, ofOrganization)).is<ApiKeyAuth & { readonly orgId: string }>()
const ofList = requireAuth([{ role: 'org:admin' }, { acceptsToken: 'api_key', org: true }])
typeOf(getAuth(request, ofList).orgId).is<string>()
declare const declaredElsewhere: Requirement<FastifyRequest, 'session_token'>
typeOf(getAuth(request, requireAuth(declaredElsewhere)).orgId).is<string | undefined>()

// `any` can be read before narrowing, and narrowed by its kind.
const caller = getAuth(request, requireAuth({ acceptsToken: 'any' }))
typeOf(caller.userId).is<string | null | undefined>()
typeOf(caller.machineId).is<string | undefined>()
if (caller.tokenType === 'm2m_token') void (caller satisfies M2mAuth)
typeOf(getAuth(request, { acceptsToken: 'any' }).userId).is<string | null | undefined>()

declare module 'fastify' {
  interface FastifyContextConfig {
    other?: number
  }
}

// A public route, with or without other config.
app.get('/health', { config: isPublic() }, handler)
app.get('/with-config', { config: { ...isPublic(), other: 1 } }, handler)
// @ts-expect-error -- not called
app.addHook('onRequest', requireAuth)
// @ts-expect-error -- a plugin is registered, not called
await app.register(clerkAuth())

// What the official MCP SDKs declare.
interface AuthInfo {
  token: string
  clientId: string
  scopes: string[]
  expiresAt?: number
  resource?: URL
  resourceMetadataUrl?: string
  extra?: Record<string, unknown>
}
await app.register(protectedResource, { resource: 'https://api.example.com/mcp', scopes: ['mcp:read'] })
const mcp = requireAuth({ acceptsToken: ['oauth_token', 'api_key'], scope: 'mcp:read' })
app.post('/mcp', { onRequest: mcp }, async (request) => {
  const authInfo: AuthInfo = toMcpAuthInfo(request, mcp)
  // @ts-expect-error -- a session is not a client
  toMcpAuthInfo(request, requireAuth())
  return authInfo
})
// @ts-expect-error -- without scopes
await app.register(protectedResource, { resource: 'https://api.example.com/mcp' })
