import { createClerkAuth, createMachineClient, toChallenge, type ClerkAuthOptions } from '@clerk-auth/core'
import { clerkAuth, requireAuth } from '@clerk-auth/hono'
import { clerkWebhooks } from '@clerk-auth/hono/webhooks'
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
  /** The bindings. */
  readonly environment: Readonly<Record<string, string>>
  readonly test: number
}

const apis = new Map<string, Api>()

export default {
  fetch(request: Request, _environment: unknown, context: ExecutionContext): Response | Promise<Response> {
    const settings = request.headers.get('x-api')
    if (!settings) return new Response('up')
    let api = apis.get(settings)
    if (!api) {
      const parsed = JSON.parse(settings) as ApiSettings
      api = parsed.style === 'hono' || parsed.style === 'hono-bare' ? honoApi(parsed) : coreApi(parsed)
      apis.set(settings, api)
    }
    return api(request, context)
  },
}

function honoApi({ style, options, environment }: ApiSettings): Api {
  const app = new Hono<{ Bindings: { readonly CLERK_WEBHOOK_SIGNING_SECRET: string } }>()
  app.use((c, next) => (timeoutOf(c.req.raw) > 0 ? timeout(timeoutOf(c.req.raw))(c, next) : next()))
  // Webhooks need an instance of their own; without them, the middleware creates one from the bindings.
  const clerk = environment['CLERK_WEBHOOK_SIGNING_SECRET'] ? createClerkAuth(options, environment) : undefined
  if (clerk)
    app.post('/webhooks/clerk', (c, next) =>
      clerkWebhooks(clerk, { signingSecret: c.env.CLERK_WEBHOOK_SIGNING_SECRET })(c, next),
    )
  app.use(clerkAuth(clerk ?? options))
  app.get('/session', requireAuth(), (c) => c.text('ok'))
  app.get('/machine', requireAuth({ acceptsToken: 'm2m_token' }), (c) => c.text('ok'))
  app.get('/fresh', requireAuth({ fresh: true }), (c) => c.text('ok'))
  return (request, context) => app.fetch(request, environment, style === 'hono' ? context : undefined)
}

function coreApi({ style, options, environment }: ApiSettings): Api {
  const clerk = createClerkAuth(options, environment)
  const machine = createMachineClient(
    { machineSecretKey: 'ak_secret', origins: ['https://api.internal'], ttlInSeconds: 2 },
    environment,
  )
  const answerTo = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url)
    if (pathname === '/mint') return new Response(await machine.getToken())
    if (pathname === '/shared')
      return new Response(errorOf(() => createClerkAuth({ ...options, shared: UNUSED_STORE }, {})))
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

const UNUSED_STORE = {
  connect: () => {
    throw new Error('the store was opened')
  },
}

function errorOf(start: () => unknown): string {
  try {
    start()
    return 'none'
  } catch (error) {
    return String(error)
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
