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
} from '@clerk-auth/hono'
import { protectedResource, toMcpAuthInfo } from '@clerk-auth/hono/mcp'
import { Hono, type Context, type Handler, type MiddlewareHandler } from 'hono'
import { hc } from 'hono/client'
import { every, some } from 'hono/combine'
import { createFactory, createMiddleware } from 'hono/factory'
import { typeOf } from './type-of.js'

const app = new Hono()

app.use(clerkAuth())
app.use('/v1/*', clerkAuth({ audience: ['https://api.example.com'], clockSkewInMs: 0 }))
app.use(clerkAuth(createClerkAuth()))

// Without a guard, unauthenticated requests are possible.
app.get('/', (c) => {
  typeOf(getAuth(c)).is<SessionAuth | Unauthenticated>()
  typeOf(getAuth(c).userId).is<string | null>()
  typeOf(getToken(c)).is<string | null>()
  // @ts-expect-error -- may be unauthenticated
  void getAuth(c).userId.length
  return c.json({})
})

// Behind a guard, requests are authenticated, and the route keeps its own types.
app.get('/users/:id', requireAuth(), (c) => {
  typeOf(getAuth(c)).is<SessionAuth>()
  typeOf(getAuth(c).userId).is<string>()
  typeOf(c.req.param('id')).is<string>()
  typeOf(getToken(c)).is<string | null>()
  // @ts-expect-error -- unknown parameter
  void c.req.param('name').length
  return c.json({})
})
app.get('/twice', requireAuth(), requireAuth({ role: 'org:admin' }), (c) => {
  typeOf(getAuth(c).userId).is<string>()
  return c.json({})
})
app.post('/async', requireAuth({ role: 'org:admin' }), async (c) => {
  typeOf(getAuth(c).userId).is<string>()
  return c.json({})
})

// In a chain too, and the rest of the chain keeps its types.
const chained = new Hono<{ Variables: { requestId: string }; Bindings: { DB: object } }>()
  .use(clerkAuth())
  .get('/public', (c) => {
    typeOf(getAuth(c).userId).is<string | null>()
    return c.json({ ok: true })
  })
  .get('/me', requireAuth(), (c) => {
    typeOf(getAuth(c).userId).is<string>()
    typeOf(c.var.requestId).is<string>()
    typeOf(c.env.DB).is<object>()
    return c.json({ userId: getAuth(c).userId })
  })
const me = await hc<typeof chained>('http://localhost').me.$get()
typeOf(await me.json()).is<{ userId: string }>()

const guarded = new Hono().use(clerkAuth()).use(requireAuth())
guarded.get('/', (c) => {
  typeOf(getAuth(c).userId).is<string>()
  return c.json({})
})

// A guard can be used wherever middleware can.
const handler: Handler = (c) => c.json({ userId: getAuth(c).userId })
const middleware: MiddlewareHandler = createMiddleware(async (_c, next) => next())
app.use(requireAuth())
app.use('/admin/*', requireAuth({ role: 'org:admin' }))
app.on(['GET', 'POST'], '/on', requireAuth(), handler)
app.all('/all', middleware, requireAuth(), handler)
app.use('/some/*', some(requireAuth({ role: 'org:admin' }), every(requireAuth(), middleware)))
app.route('/guarded', guarded)
createFactory().createHandlers(requireAuth(), (c) => {
  typeOf(getAuth(c).userId).is<string>()
  return c.json({})
})

function plain(c: Context) {
  typeOf(getAuth(c)).is<SessionAuth | Unauthenticated>()
  return c.json({ token: getToken(c) })
}
app.get('/plain', requireAuth(), plain)

// The union must be narrowed.
app.get('/narrowed', (c) => {
  const auth = getAuth(c)
  if (auth.isAuthenticated) {
    typeOf(auth).is<SessionAuth>()
    typeOf(auth.userId).is<string>()
    // @ts-expect-error -- an authenticated caller has no error
    void auth.error
  } else {
    typeOf(auth).is<Unauthenticated>()
    typeOf(auth.error).is<AuthError>()
    typeOf(auth.userId).is<null>()
  }
  if (auth.tokenType === 'session_token') typeOf(auth.sessionId).is<string>()
  else typeOf(auth.error).is<AuthError>()
  return c.json({})
})

// The application's functions receive Hono's types.
requireAuth({
  org: (c) => {
    typeOf(c).is<Context>()
    return c.req.header('X-Organization')
  },
  check: (auth, c) => {
    typeOf(auth).is<SessionAuth>()
    typeOf(c).is<Context>()
    return auth.userId === c.req.param('id')
  },
})

// @ts-expect-error -- unknown option
clerkAuth({ publishablekey: 'pk_test_' })
// @ts-expect-error -- a number
clerkAuth({ clockSkewInMs: '5000' })
// @ts-expect-error -- unknown field
requireAuth({ roles: ['org:admin'] })
// @ts-expect-error -- requireAuth must be called
app.use(requireAuth)
// @ts-expect-error -- the context, not the request
app.get('/request', (c) => c.json(getAuth(c.req)))

// A guard types the caller for its handlers.
app.get('/machine', requireAuth({ acceptsToken: 'm2m_token', machine: 'mch_1' }), (c) => {
  typeOf(getAuth(c).machineId).is<string>()
  return c.json({})
})
app.get('/asked', (c) => {
  typeOf(getAuth(c, { acceptsToken: 'api_key' }).name).is<string | null>()
  return c.json({})
})

// With the guard as an argument, any handler gets the typed caller: in another file, in a controller, after use().
const admin = requireAuth({ role: 'org:admin' })
const signedIn = requireAuth()
const separate = (c: Context) => {
  typeOf(getAuth(c, signedIn)).is<SessionAuth>()
  return c.json({ organization: getAuth(c, admin).orgId.length })
}
const withBindings = (c: Context<{ Bindings: { DB: object } }>) => c.json(getAuth(c, signedIn).userId.length)
app.get('/separate', admin, separate)
app.use('/behind/*', signedIn)
app.get('/behind/separate', every(signedIn, admin), separate)
new Hono<{ Bindings: { DB: object } }>().get('/', signedIn, withBindings)
// @ts-expect-error -- a middleware is not a guard
getAuth({} as Context, middleware)
// @ts-expect-error -- a function is not a guard
getAuth({} as Context, JSON.parse)

// A guard that requires an organization makes it non-optional in the types, if the kind can have one.
declare const context: Context
typeOf(getAuth(context, admin).orgId).is<string>()
typeOf(getAuth(context, admin).orgRole).is<string>()
typeOf(getAuth(context, requireAuth({ permission: 'org:invoices:create' })).orgRole).is<string>()
const inOrganization = requireAuth({ org: (c) => c.req.param('orgId') })
typeOf(getAuth(context, inOrganization).orgId).is<string>()
typeOf(getAuth(context, inOrganization).orgRole).is<string | undefined>()
typeOf(getAuth(context, signedIn).orgId).is<string | undefined>()
const ofOrganization = requireAuth({ acceptsToken: ['api_key', 'm2m_token'], org: true })
typeOf(getAuth(context, ofOrganization)).is<ApiKeyAuth & { readonly orgId: string }>()
const ofList = requireAuth([{ role: 'org:admin' }, { acceptsToken: 'api_key', org: true }])
typeOf(getAuth(context, ofList).orgId).is<string>()
app.get('/narrow/:id', admin, (c) => {
  typeOf(getAuth(c).orgId).is<string>()
  typeOf(c.req.param('id')).is<string>()
  return c.json({})
})
declare const declaredElsewhere: Requirement<Context, 'session_token'>
typeOf(getAuth(context, requireAuth(declaredElsewhere)).orgId).is<string | undefined>()

// `any` can be read before narrowing, and narrowed by its kind.
const caller = getAuth(context, requireAuth({ acceptsToken: 'any' }))
typeOf(caller.userId).is<string | null | undefined>()
typeOf(caller.machineId).is<string | undefined>()
if (caller.tokenType === 'm2m_token') void (caller satisfies M2mAuth)
app.get('/any', requireAuth({ acceptsToken: 'any' }), (c) => {
  typeOf(getAuth(c).userId).is<string | null | undefined>()
  typeOf(getAuth(c, { acceptsToken: 'any' }).machineId).is<string | null | undefined>()
  return c.json({})
})

// A guard and a reader are bound to the result of clerkAuth().
const by = clerkAuth()
app.use(by)
app.get('/bound', requireAuth({}, { by }), (c) => {
  typeOf(getAuth(c, { by })).is<SessionAuth | Unauthenticated>()
  typeOf(getAuth(c, { by, acceptsToken: 'm2m_token' })).is<M2mAuth | Unauthenticated>()
  typeOf(getToken(c, { by })).is<string | null>()
  return c.json({})
})
// @ts-expect-error -- an instance is not the result of clerkAuth()
requireAuth({}, { by: createClerkAuth() })
// @ts-expect-error -- neither is another middleware
requireAuth({}, { by: middleware })

app.get('/health', isPublic(), separate)
// @ts-expect-error -- not called
app.use(clerkAuth)
// @ts-expect-error -- not called
app.get('/uncalled', requireAuth, separate)
// @ts-expect-error -- not called
app.get('/uncalled', isPublic, separate)

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
app.use(protectedResource({ resource: 'https://api.example.com/mcp', scopes: ['mcp:read'] }, { by: clerkAuth() }))
const mcp = requireAuth({ acceptsToken: ['oauth_token', 'api_key'], scope: 'mcp:read' })
app.post('/mcp', mcp, (c) => {
  const authInfo: AuthInfo = toMcpAuthInfo(c, mcp)
  // @ts-expect-error -- a session is not a client
  toMcpAuthInfo(c, requireAuth())
  return c.json(authInfo.scopes)
})
// @ts-expect-error -- not called
app.use(protectedResource)
// @ts-expect-error -- without scopes
protectedResource({ resource: 'https://api.example.com/mcp' })
