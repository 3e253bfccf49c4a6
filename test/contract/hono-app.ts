import * as adapter from '@clerk-auth/hono'
import { Hono, type Context } from 'hono'
import { answerOf, names, UNUSED_CALLERS, type App } from './app.js'
import { requirements } from './requirements.js'

/** The routes of the contract in Hono. */
export function honoApp({ clerk, seen = [], callers = UNUSED_CALLERS }: App): Hono {
  const { clerkAuth, getAuth, getToken, isPublic, requireAuth } = adapter
  const app = new Hono()
  const [admin, signedIn] = [requireAuth({ role: 'org:admin' }), requireAuth()]
  const named = (c: Context) => c.json(answerOf(getAuth(c, admin), getToken(c)))
  app.onError((error, c) => {
    if ('getResponse' in error) return (error as { getResponse: () => Response }).getResponse()
    seen.push(error)
    const { statusCode = 500, headers } = error as { statusCode?: number; headers?: Record<string, string> }
    return c.json({ handledBy: 'the application' }, statusCode as 500, headers)
  })
  const answer = (c: Context) => c.json(answerOf(getAuth(c), getToken(c)))
  app.get('/unmounted', requireAuth(), answer)
  const mounts = clerk.map((options) => clerkAuth(options))
  for (const mount of mounts) app.use(mount)
  for (const [i, by] of mounts.entries())
    app.get(`/by/${i}`, requireAuth({}, { by }), (c) => c.json(answerOf(getAuth(c, { by }), getToken(c, { by }))))
  app.get('/by/unmounted', requireAuth({}, { by: clerkAuth(clerk[0]) }), answer)
  app.get('/token', (c) => c.json({ hasToken: getToken(c) !== null }))
  app.get('/public', answer)
  app.get('/health', isPublic(), answer)
  app.get('/named/passed', admin, named)
  app.get('/named/outer', admin, signedIn, named)
  app.get('/named/unguarded', named)
  app.get('/named/other', signedIn, named)
  app.all('/me', requireAuth(), answer)
  for (const name of names)
    app.all(`/${name}/:orgId`, requireAuth(requirements[name]((c: Context) => c.req.param('orgId'), callers)), answer)
  return app
}
