import { clerkAuth, isPublic, requireAuth } from '@clerk-auth/express'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'

const isVersion4 = 'lazyrouter' in express.application
/** A path that ends with a wildcard. */
const any = (path: string) => `${path}/${isVersion4 ? '*' : '*rest'}`

const handler: RequestHandler = (_req, res) => void res.json({ handled: true })
const middleware: RequestHandler = (_req, _res, next) => next()
const signedIn = requireAuth()
const admin = requireAuth({ role: 'org:admin' })
const machine = requireAuth({ acceptsToken: 'm2m_token' })

const app = express()
app.use(clerkAuth())

app.get('/health', isPublic(), handler)
app.get('/open', handler)
app.get('/me', signedIn, middleware, handler)
app.get('/two', signedIn, admin, handler)
app.get('/behind', handler, signedIn)
app.get('/last', middleware, signedIn)
app.get('/lists', [middleware, [signedIn]] as unknown as RequestHandler[], [handler])
app.get(['/first', '/second'], signedIn, handler)
app.get(/^\/pattern-\d+$/, signedIn, handler)
app.get('/one-method', signedIn, handler)
app.post('/one-method', handler)
app.route('/things').all(signedIn).get(handler).post(admin, handler)
app.all('/every-method', signedIn, handler)

// Guards with a path.
app.use('/admin', admin)
app.get('/admin/users/:id', handler)
app.get('/administrators', handler)
app.all(any('/wild'), signedIn)
app.get('/wild/:id', handler)
app.use('/users/me', signedIn)
app.get('/users/:id', handler)
app.get('/later', handler)
app.use('/later', signedIn)

// A guard that a part of the requests gets past: paths are case-insensitive outside of this router.
const exact = express.Router({ caseSensitive: true })
exact.use('/reports', signedIn)
app.use(exact)
app.get('/reports/:id', handler)

// A guard for all but some values of a parameter.
app.use(/^\/pages\/(?!public)[^/]+/i, signedIn)
app.get('/pages/:name', handler)
app.get('/pages/private/one', handler)

// Each usual method has its guard, and others have none.
for (const method of ['get', 'post', 'put', 'patch', 'delete', 'options'] as const) app[method]('/usual', signedIn)
app.all('/usual', handler)

// next('route') may skip the guard of the first route.
app.get('/skip', (req, _res, next) => next(req.query['skip'] ? 'route' : undefined), signedIn, handler)
app.get('/skip', handler)
app.get('/skip-to', (req, _res, next) => next(req.query['skip'] ? 'route' : undefined), handler)
app.get('/skip-to', admin, handler)

// A guard for both, behind the route that answers for both.
app.get('/shadow/:name', handler)
app.get('/shadow/secret', signedIn, handler)

const router = express.Router()
const errorHandler: ErrorRequestHandler = (error, _req, _res, next) => next(error)
router.use(errorHandler)
router.param('id', (_req, res) => void res.status(404).json({ handled: true }))
router.get('/', handler)
router.get('/items/:id', middleware, handler)
router.get('/guarded/:id', signedIn, handler)
app.use('/v1', signedIn, router)
app.use(['/v2', '/v3'], router)

const inner = express()
inner.use(admin)
inner.get('/inner/:id', handler)
app.use('/sub', inner)

const guarded = express.Router()
guarded.use(machine)
app.use('/left', guarded)
app.get('/left/:id', handler)

app.use('/graphql', handler)
app.use('/trpc', signedIn, handler)
app.use('/docs', isPublic(), middleware, handler)
app.use('/other', middleware)
app.get('/after-docs', handler)
app.use(isPublic(), (_req, res) => void res.status(404).end())

// oxlint-disable-next-line import/no-default-export -- as the command loads it
export default app
