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
} from '@clerk-auth/express'
import { protectedResource, toMcpAuthInfo } from '@clerk-auth/express/mcp'
import express, { Router, type Request, type RequestHandler, type Response } from 'express'
import { typeOf } from './type-of.js'

const app = express()

app.use(clerkAuth())
app.use(clerkAuth({ audience: ['https://api.example.com'], clockSkewInMs: 0 }))
app.use(clerkAuth(createClerkAuth()))

// Without a guard, unauthenticated requests are possible.
app.get('/', (req, res) => {
  typeOf(getAuth(req)).is<SessionAuth | Unauthenticated>()
  typeOf(getAuth(req).userId).is<string | null>()
  typeOf(getToken(req)).is<string | null>()
  // @ts-expect-error -- may be unauthenticated
  void getAuth(req).userId.length
  res.json({})
})

// Behind a guard, requests are authenticated, and the route keeps its own types.
app.get('/users/:id', requireAuth(), (req, res) => {
  typeOf(getAuth(req)).is<SessionAuth>()
  typeOf(getAuth(req).userId).is<string>()
  typeOf(req.params.id).is<string>()
  // @ts-expect-error -- unknown parameter
  void req.params.name
  res.json({})
})
app.post('/users/:id/:name', requireAuth({ role: 'org:admin' }), express.json(), (req, res) => {
  typeOf(getAuth(req).userId).is<string>()
  typeOf(req.params).is<{ id: string } & { name: string }>()
  res.json({})
})
app.get('/twice', requireAuth(), requireAuth({ role: 'org:admin' }), (req, res) => {
  typeOf(getAuth(req).userId).is<string>()
  res.json({})
})
app.get('/async', requireAuth(), async (req, res) => {
  typeOf(getAuth(req).userId).is<string>()
  res.json({})
})

// A guard can be used wherever a handler can.
const handler: RequestHandler = (req, res) => {
  typeOf(getAuth(req).userId).is<string | null>()
  res.json({})
}
const typed: RequestHandler<{ id: string }, { ok: boolean }, { name: string }, { page?: string }> = (req, res) => {
  typeOf(getAuth(req).userId).is<string | null>()
  res.json({ ok: true })
}
app.use(requireAuth())
app.use('/admin', requireAuth({ role: 'org:admin' }), handler)
app.use(['/a', '/b'], clerkAuth(), requireAuth())
app.get('/list', [requireAuth(), requireAuth({ org: true })], handler)
app.get('/list/:id', [clerkAuth(), requireAuth()], (req: Request, res: express.Response) => {
  typeOf(getAuth(req).userId).is<string | null>()
  res.json({})
})
app.get('/handler', requireAuth(), handler)
app.get('/typed/:id', requireAuth(), typed)
app.all('/all', requireAuth(), handler)

const router = Router()
router.use(requireAuth())
router.get('/me', requireAuth(), (req, res) => {
  typeOf(getAuth(req).userId).is<string>()
  res.json({})
})
router
  .route('/orgs/:orgId')
  .all(requireAuth({ org: (req) => req.params['orgId'] }))
  .get(requireAuth(), (req, res) => {
    typeOf(getAuth(req).userId).is<string>()
    typeOf(req.params.orgId).is<string>()
    res.json({})
  })
app.use('/router', requireAuth(), router)

// The union must be narrowed.
app.get('/narrowed', (req, res) => {
  const auth = getAuth(req)
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
  res.json({})
})

// The application's functions receive Express's types.
requireAuth({
  org: (req) => {
    typeOf(req).is<Request>()
    return req.get('X-Organization')
  },
  check: (auth, req) => {
    typeOf(auth).is<SessionAuth>()
    typeOf(req).is<Request>()
    return auth.userId === req.params['id']
  },
})

// @ts-expect-error -- unknown option
clerkAuth({ publishablekey: 'pk_test_' })
// @ts-expect-error -- a number
clerkAuth({ clockSkewInMs: '5000' })
// @ts-expect-error -- unknown field
requireAuth({ roles: ['org:admin'] })
// @ts-expect-error -- requireAuth must be called
requireAuth(app)
// @ts-expect-error -- not called
getAuth(requireAuth)
// @ts-expect-error -- not a request
getAuth({})

// A guard types the caller for its handlers.
app.get('/machine/:id', requireAuth({ acceptsToken: 'm2m_token', machine: 'mch_1' }), (req, res) => {
  typeOf(getAuth(req).machineId).is<string>()
  typeOf(req.params.id).is<string>()
  res.json({})
})
app.get('/either', requireAuth([{ role: 'org:admin' }, { acceptsToken: 'm2m_token' }]), (req, res) => {
  const auth = getAuth(req)
  typeOf(auth.tokenType).is<'session_token' | 'm2m_token'>()
  // @ts-expect-error -- a machine is not a user
  res.json(auth.userId)
})
app.get('/asked', (req, res) => {
  typeOf(getAuth(req, { acceptsToken: 'api_key' }).name).is<string | null>()
  res.json({})
})

// With the guard as an argument, any handler gets the typed caller: in another file, in a controller, after router.use().
const admin = requireAuth({ role: 'org:admin' })
const signedIn = requireAuth()
const separate = (req: Request, res: Response) => {
  typeOf(getAuth(req, signedIn)).is<SessionAuth>()
  res.json({ organization: getAuth(req, admin).orgId.length })
}
class Controller {
  readonly show = (req: Request<{ id: string }>, res: Response) => {
    typeOf(getAuth(req, signedIn).userId).is<string>()
    res.json({})
  }
}
app.get('/separate', admin, separate)
app.get('/controller/:id', signedIn, new Controller().show)
app.use(signedIn)
Router().use(admin).route('/').all(signedIn).get(separate)
// @ts-expect-error -- a handler is not a guard
getAuth({} as Request, separate)
// @ts-expect-error -- a function is not a guard
getAuth({} as Request, JSON.parse)

// A guard that requires an organization makes it non-optional in the types, if the kind can have one.
declare const req: Request
typeOf(getAuth(req, admin).orgId).is<string>()
typeOf(getAuth(req, admin).orgRole).is<string>()
const creator = requireAuth({ permission: 'org:invoices:create' })
typeOf(getAuth(req, creator).orgRole).is<string>()
const inOrganization = requireAuth({ org: (request) => request.params['orgId'] })
typeOf(getAuth(req, inOrganization).orgId).is<string>()
typeOf(getAuth(req, inOrganization).orgRole).is<string | undefined>()
typeOf(getAuth(req, signedIn).orgId).is<string | undefined>()
const ofOrganization = requireAuth({ acceptsToken: ['api_key', 'm2m_token'], org: true })
typeOf(getAuth(req, ofOrganization)).is<ApiKeyAuth & { readonly orgId: string }>()
const ofList = requireAuth([{ role: 'org:admin' }, { acceptsToken: 'api_key', org: true }])
typeOf(getAuth(req, ofList).orgId).is<string>()
app.get('/narrow', admin, (request, res) => {
  typeOf(getAuth(request).orgId).is<string>()
  res.json({})
})
// `fresh` narrows nothing.
const fresh = requireAuth({ fresh: true })
typeOf(getAuth(req, fresh)).is<SessionAuth>()
typeOf(getAuth(req, requireAuth({ acceptsToken: 'api_key', fresh: true }))).is<ApiKeyAuth>()
typeOf(getAuth(req, requireAuth({ role: 'org:admin', fresh: true })).orgId).is<string>()
// @ts-expect-error -- only true
requireAuth({ fresh: false })
// An optional requirement does not count.
declare const declaredElsewhere: Requirement<Request, 'session_token'>
typeOf(getAuth(req, requireAuth(declaredElsewhere)).orgId).is<string | undefined>()

// `any` can be read before narrowing, and narrowed by its kind.
const anyKind = requireAuth({ acceptsToken: 'any' })
const caller = getAuth(req, anyKind)
typeOf(caller.userId).is<string | null | undefined>()
typeOf(caller.orgId).is<string | null | undefined>()
typeOf([caller.machineId, caller.clientId, caller.subject, caller.sessionId]).is<(string | undefined)[]>()
typeOf(caller.scopes).is<readonly string[] | undefined>()
if (caller.tokenType === 'm2m_token') {
  typeOf(caller.machineId).is<string>()
  void (caller satisfies M2mAuth)
}
app.get('/any', anyKind, (request, res) => {
  typeOf(getAuth(request).userId).is<string | null | undefined>()
  typeOf(getAuth(request, { acceptsToken: 'any' }).machineId).is<string | null | undefined>()
  res.json({})
})

// A guard and a reader are bound to the result of clerkAuth().
const by = clerkAuth()
app.use(by)
app.get('/bound', requireAuth({}, { by }), (request, res) => {
  typeOf(getAuth(request, { by })).is<SessionAuth | Unauthenticated>()
  typeOf(getAuth(request, { by, acceptsToken: 'm2m_token' })).is<M2mAuth | Unauthenticated>()
  typeOf(getToken(request, { by })).is<string | null>()
  res.json({})
})
// @ts-expect-error -- an instance is not the result of clerkAuth()
requireAuth({}, { by: createClerkAuth() })
// @ts-expect-error -- neither is another handler
requireAuth({}, { by: separate })

app.get('/health', isPublic(), separate)
// @ts-expect-error -- not called
app.use(clerkAuth)
// @ts-expect-error -- not called
app.use(requireAuth)
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
app.post('/mcp', mcp, (req, res) => {
  const authInfo: AuthInfo = toMcpAuthInfo(req, mcp)
  // @ts-expect-error -- a session is not a client
  toMcpAuthInfo(req, requireAuth())
  res.json(authInfo)
})
// @ts-expect-error -- not called
app.use(protectedResource)
// @ts-expect-error -- without scopes
protectedResource({ resource: 'https://api.example.com/mcp' })
