import { createClerkAuth, createMachineClient, toChallenge, type ClerkAuthOptions } from '@clerk-auth/core'
import { clerkAuth, requireAuth } from '@clerk-auth/hono'
import { Hono } from 'hono'
import { timeout } from 'hono/timeout'

// Runs in workerd. The requests choose which API answers them, so that each test has its own keys and caches.

interface ExecutionContext {
  readonly waitUntil: (promise: Promise<unknown>) => void
  readonly passThroughOnException: () => void
  readonly props: unknown
}
type Api = (request: Request, context: ExecutionContext) => Response | Promise<Response>

/** `hono` and `core-warm` have a `waitUntil`, `hono-bare` and `core` do not. */
export type Style = 'hono' | 'hono-bare' | 'core' | 'core-warm'

/** The request header with this as JSON. Requests with equal settings share an API. */
export interface ApiSettings {
  readonly style: Style
  readonly options: ClerkAuthOptions
  readonly test: number
}

const apis = new Map<string, Api>()

export default {
  fetch(request: Request, _environment: unknown, context: ExecutionContext): Response | Promise<Response> {
    const settings = request.headers.get('x-api')
    if (!settings) return new Response('up')
    let api = apis.get(settings)
    if (!api) {
      const { style, options } = JSON.parse(settings) as ApiSettings
      api = style === 'hono' || style === 'hono-bare' ? honoApi(options, style) : coreApi(options, style)
      apis.set(settings, api)
    }
    return api(request, context)
  },
}

function honoApi(options: ClerkAuthOptions, style: Style): Api {
  const app = new Hono()
  app.use((c, next) => (timeoutOf(c.req.raw) > 0 ? timeout(timeoutOf(c.req.raw))(c, next) : next()))
  app.use(clerkAuth(options))
  app.get('/session', requireAuth(), (c) => c.text('ok'))
  app.get('/machine', requireAuth({ acceptsToken: 'm2m_token' }), (c) => c.text('ok'))
  return (request, context) => app.fetch(request, {}, style === 'hono' ? context : undefined)
}

function coreApi(options: ClerkAuthOptions, style: Style): Api {
  const clerk = createClerkAuth(options, {})
  const machine = createMachineClient({
    machineSecretKey: 'ak_secret',
    origins: ['https://api.internal'],
    apiUrl: options.apiUrl ?? '',
    ttlInSeconds: 2,
  })
  const answerTo = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url)
    if (pathname === '/mint') return new Response(await machine.getToken())
    const acceptsToken = pathname === '/machine' ? 'm2m_token' : 'session_token'
    const auth = await clerk.authenticate(request, { acceptsToken })
    if (auth.isAuthenticated) return new Response('ok')
    const { status, headers, body } = toChallenge(auth.error)
    return Response.json(body, { status, headers })
  }
  return (request, context) => {
    if (style === 'core-warm') context.waitUntil(clerk.warmUp().catch(() => {}))
    const timeout = timeoutOf(request)
    return timeout > 0 ? Promise.race([answerTo(request), gaveUp(timeout)]) : answerTo(request)
  }
}

/** Milliseconds after which the handler responds with 504, even if a call is pending; 0 for never. */
function timeoutOf(request: Request): number {
  return Number(request.headers.get('x-timeout-in-ms'))
}

/** The response of a request that ends while its call is pending. */
async function gaveUp(timeoutInMs: number): Promise<Response> {
  await new Promise((resolve) => setTimeout(resolve, timeoutInMs))
  return new Response('gave up', { status: 504 })
}
