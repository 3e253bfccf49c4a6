import { clerkAuth, isPublic, requireAuth } from '@clerk-auth/hono'
import { Hono, type Handler, type MiddlewareHandler } from 'hono'
import { every, except, some } from 'hono/combine'
import { HTTPException } from 'hono/http-exception'

const handler: Handler = (c) => c.json({ handled: true })
const middleware: MiddlewareHandler = async (_c, next) => next()
const signedIn = requireAuth()
const admin = requireAuth({ role: 'org:admin' })

const app = new Hono()
app.use(clerkAuth())

app.get('/health', isPublic(), handler)
app.get('/open', handler)
app.get('/me', signedIn, middleware, handler)
app.get('/two', signedIn, admin, handler)
app.get('/behind', handler, signedIn)
app.get('/two-parameters', signedIn, async (c, _next) => c.json({ handled: true }))
app.get('/no-parameter', signedIn, () => new Response('{"handled":true}'))
app.get('/one-method', signedIn, handler)
app.post('/one-method', handler)
app.all('/every-method', signedIn, handler)
app.on(['GET', 'PURGE'], ['/cache', '/caches'], signedIn, handler)
app.on('POST', '/half', signedIn)
app.all('/half', handler)

// Guards with a path.
app.use('/admin/*', admin)
app.get('/admin/users/:id', handler)
app.get('/administrators', handler)
app.use('/users/me', signedIn)
app.get('/users/:id', handler)
app.use('/numbers/:id{[0-9]+}', signedIn)
app.get('/numbers/:id', handler)
app.get('/digits/:id{[0-9]+}', handler)
app.get('/optional/:id?', handler)
app.get('/later', handler)
app.use('/later', signedIn)

app.use('/pages/:name{(?!public).*}', signedIn)
app.get('/pages/:name', handler)
for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) app.on(method, '/usual', signedIn)
app.all('/usual', handler)

app.get('/shadow/:name', handler)
app.get('/shadow/secret', signedIn, handler)
app.get('/files/*', signedIn, handler)

const books = new Hono()
books.get('/', handler)
books.get('/:id', signedIn, handler)
app.route('/books', books)
app.use('/library/*', admin)
app.route('/library', books)

const withErrors = new Hono()
withErrors.onError((error, c) => (error instanceof HTTPException ? error.getResponse() : c.text('failed', 500)))
withErrors.get('/guarded', middleware, signedIn, handler)
app.route('/errors', withErrors)

app.basePath('/based').get('/here', signedIn, handler)

app.get('/every', every(middleware, signedIn), handler)
app.get('/some', some(signedIn, middleware), handler)
app.use('/except/*', except('/except/public', signedIn))
app.get('/except/:id', handler)

app.use('/mounted-guarded/*', signedIn)
app.mount('/mounted-guarded', () => new Response('{"handled":true}'))
app.mount('/mounted', () => new Response('{"handled":true}'))
app.use('/docs/*', isPublic(), middleware)
app.get('/after-docs', handler)
app.notFound((c) => c.text('not found', 404))

// oxlint-disable-next-line import/no-default-export -- as the command loads it
export default app
