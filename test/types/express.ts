import {
  clerkAuth,
  createClerkAuth,
  getAuth,
  getToken,
  requireAuth,
  type AuthError,
  type SessionAuth,
  type Unauthenticated,
} from '@clerk-auth/express'
import express, { Router, type Request, type RequestHandler } from 'express'
import { typeOf } from './type-of.js'

const app = express()

app.use(clerkAuth())
app.use(clerkAuth({ audience: ['https://api.example.com'], clockSkewInMs: 0 }))
app.use(clerkAuth(createClerkAuth()))

// Without a guard, anybody may call.
app.get('/', (req, res) => {
  typeOf(getAuth(req)).is<SessionAuth | Unauthenticated>()
  typeOf(getAuth(req).userId).is<string | null>()
  typeOf(getToken(req)).is<string | null>()
  // @ts-expect-error -- perhaps nobody is signed in
  void getAuth(req).userId.length
  res.json({})
})

// Behind a guard, somebody is signed in, and the route keeps its own types.
app.get('/users/:id', requireAuth(), (req, res) => {
  typeOf(getAuth(req)).is<SessionAuth>()
  typeOf(getAuth(req).userId).is<string>()
  typeOf(req.params.id).is<string>()
  // @ts-expect-error -- no such parameter
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

// A guard goes wherever a handler goes.
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

// What the union says, it says after a look at it.
app.get('/narrowed', (req, res) => {
  const auth = getAuth(req)
  if (auth.isAuthenticated) {
    typeOf(auth).is<SessionAuth>()
    typeOf(auth.userId).is<string>()
    // @ts-expect-error -- a caller who is known has no error
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

// What is handed to the application's own functions has Express's types.
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

// @ts-expect-error -- no such option
clerkAuth({ publishablekey: 'pk_test_' })
// @ts-expect-error -- a number
clerkAuth({ clockSkewInMs: '5000' })
// @ts-expect-error -- no such field
requireAuth({ roles: ['org:admin'] })
// @ts-expect-error -- a guard is made by a call
requireAuth(app)
// @ts-expect-error -- not called
getAuth(requireAuth)
// @ts-expect-error -- no request
getAuth({})

// A guard gives its handlers whom it lets pass.
app.get('/machine/:id', requireAuth({ acceptsToken: 'm2m_token', machine: 'mch_1' }), (req, res) => {
  typeOf(getAuth(req).machineId).is<string>()
  typeOf(req.params.id).is<string>()
  res.json({})
})
app.get('/either', requireAuth([{ role: 'org:admin' }, { acceptsToken: 'm2m_token' }]), (req, res) => {
  const auth = getAuth(req)
  typeOf(auth.tokenType).is<'session_token' | 'm2m_token'>()
  // @ts-expect-error -- a machine is no user
  res.json(auth.userId)
})
app.get('/asked', (req, res) => {
  typeOf(getAuth(req, { acceptsToken: 'api_key' }).name).is<string | null>()
  res.json({})
})
