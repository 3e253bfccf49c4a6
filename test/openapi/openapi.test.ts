import { AuthError, toChallenge, type AuthErrorCode, type Requirements } from '@clerk-auth/core'
import * as express from '@clerk-auth/express'
import { documentGuards as documentExpress } from '@clerk-auth/express/openapi'
import * as fastify from '@clerk-auth/fastify'
import { documentGuards as documentFastify } from '@clerk-auth/fastify/openapi'
import * as hono from '@clerk-auth/hono'
import { documentGuards as documentHono } from '@clerk-auth/hono/openapi'
import swagger from '@fastify/swagger'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv } from 'ajv'
import Express from 'express'
import Express4 from 'express4'
import Fastify, { type FastifyInstance, type RouteOptions } from 'fastify'
import Fastify4 from 'fastify4'
import { Hono } from 'hono'
import { describeRoute, generateSpecs } from 'hono-openapi'
import { describe, expect, it } from 'vitest'
import { AUTH_ERRORS } from '../../packages/core/src/auth/errors.js'

interface Operation {
  readonly security?: readonly Record<string, readonly string[]>[]
  readonly responses: Record<string, { readonly description: string; readonly content?: Record<string, object> }>
}
interface Document {
  readonly paths: Record<string, Record<string, Operation>>
  readonly components?: {
    readonly securitySchemes?: Record<string, Record<string, any>>
    readonly schemas?: Record<string, object>
  }
}

const info = { title: 'Invoices', version: '1.0.0' }
const issuer = 'https://clerk.example.com'

const admin = { role: 'org:admin' } as const
const readers = [{ acceptsToken: ['oauth_token', 'api_key'], scope: ['invoices:read'] }, {}] satisfies Requirements
const machine = { acceptsToken: 'm2m_token' } as const

/** The same API in each framework, as an OpenAPI document. */
const frameworks: readonly [string, () => Promise<Document>][] = [
  ['Express 5', async () => expressDocument(Express)],
  ['Express 4', async () => expressDocument(Express4)],
  ['Fastify 5', async () => fastifyDocument(Fastify)],
  ['Hono', honoDocument],
]

function expressDocument(create: typeof Express): Document {
  const { requireAuth, isPublic } = express
  const end: express.ClerkAuthHandler = ((_req: unknown, res: { end(): void }) => res.end()) as never
  const app = create()
  const orgs = create.Router({ mergeParams: true })
  app.get('/health', isPublic(), end)
  app.get('/invoices', requireAuth(readers), end)
  app.post('/invoices', requireAuth(admin), end)
  app.get('/open', end)
  app.use('/orgs/:orgId', requireAuth(), orgs)
  orgs.get('/members/:memberId', requireAuth(admin), end)
  app.get('/jobs', requireAuth(machine), end)
  return documentExpress(document(), app, { issuer })
}

async function fastifyDocument(create: typeof Fastify): Promise<Document> {
  const { requireAuth, isPublic } = fastify
  const end = () => null
  const app = create()
  await app.register(swagger, { openapi: { openapi: '3.1.0', info }, ...documentFastify(app, { issuer }) })
  app.get('/health', { config: isPublic() }, end)
  app.get('/invoices', { onRequest: requireAuth(readers) }, end)
  app.post('/invoices', { preHandler: [requireAuth(admin)] }, end)
  app.get('/open', end)
  await app.register(
    async (orgs: FastifyInstance) => {
      orgs.get('/members/:memberId', { onRequest: requireAuth(admin) }, end)
      // A hook that is added after a route guards it too.
      orgs.addHook('onRequest', requireAuth())
    },
    { prefix: '/orgs/:orgId' },
  )
  app.get('/jobs', { onRequest: requireAuth(machine) }, end)
  await app.ready()
  return app.swagger() as unknown as Document
}

async function honoDocument(): Promise<Document> {
  const { requireAuth, isPublic } = hono
  const described = describeRoute({ responses: { 200: { description: 'OK' } } })
  const app = new Hono()
  const orgs = new Hono()
  app.get('/health', described, isPublic(), (c) => c.body(null))
  app.get('/invoices', described, requireAuth(readers), (c) => c.body(null))
  app.post('/invoices', described, requireAuth(admin), (c) => c.body(null))
  app.get('/open', described, (c) => c.body(null))
  app.use('/orgs/:orgId/*', requireAuth())
  orgs.get('/members/:memberId', described, requireAuth(admin), (c) => c.body(null))
  app.route('/orgs/:orgId', orgs)
  app.get('/jobs', described, requireAuth(machine), (c) => c.body(null))
  const generated = await generateSpecs(app, { documentation: { openapi: '3.1.0', info } })
  return documentHono(generated, app, { issuer }) as unknown as Document
}

function document(): Document & { openapi: string } {
  const operation: Operation = { responses: { 200: { description: 'OK' } } }
  const parameter = (name: string) => ({ name, in: 'path', required: true, schema: { type: 'string' } })
  const paths = {
    '/health': { get: operation },
    '/invoices': { get: operation, post: operation },
    '/open': { get: operation },
    '/orgs/{orgId}/members/{memberId}': {
      parameters: [parameter('orgId'), parameter('memberId')] as never,
      get: operation,
    },
    '/jobs': { get: operation },
  }
  return { openapi: '3.1.0', info, paths } as Document & { openapi: string }
}

describe.each(frameworks)('%s', (_, create) => {
  const operation = async (path: string, method = 'get') => (await create()).paths[path]![method]!

  it('documents which kinds of token an operation accepts, with the scopes of OAuth tokens', async () => {
    expect((await operation('/invoices')).security).toEqual([
      { oauthToken: ['invoices:read'] },
      { apiKey: [] },
      { sessionToken: [] },
    ])
    expect((await operation('/jobs')).security).toEqual([{ m2mToken: [] }])
  })

  it('documents the schemes that are used, and the endpoints where OAuth clients log in', async () => {
    const { securitySchemes } = (await create()).components!
    expect(Object.keys(securitySchemes!).sort()).toEqual(['apiKey', 'm2mToken', 'oauthToken', 'sessionToken'])
    expect(securitySchemes!['sessionToken']).toMatchObject({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' })
    expect(securitySchemes!['oauthToken']!['flows']).toEqual({
      authorizationCode: {
        authorizationUrl: `${issuer}/oauth/authorize`,
        tokenUrl: `${issuer}/oauth/token`,
        refreshUrl: `${issuer}/oauth/token`,
        scopes: { 'invoices:read': 'The scope invoices:read' },
      },
    })
  })

  it('documents the refusals, and keeps the other responses', async () => {
    const { responses } = await operation('/invoices', 'post')
    expect(Object.keys(responses)).toEqual(['200', '401', '403', '503'])
    expect(responses['403']).toMatchObject({
      description: expect.stringContaining('signed in, role org:admin in the active organization'),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/AuthProblem' } } },
    })
  })

  it('documents no 403 where every valid token of an accepted kind is let in', async () => {
    expect(Object.keys((await operation('/jobs')).responses)).toEqual(['200', '401', '503'])
  })

  it('documents that a public operation needs no credential', async () => {
    const health = await operation('/health')
    expect(health.security).toEqual([])
    expect(Object.keys(health.responses)).toEqual(['200'])
  })

  it('leaves an operation alone that has neither a guard nor a marker', async () => {
    const open = await operation('/open')
    expect(open.security).toBeUndefined()
    expect(Object.keys(open.responses)).toEqual(['200'])
  })

  it('documents all guards of an operation, those of its router or scope too', async () => {
    const { security, responses } = await operation('/orgs/{orgId}/members/{memberId}')
    expect(security).toEqual([{ sessionToken: [] }])
    expect(responses['403']!.description).toContain('signed in; and signed in, role org:admin')
  })

  it('makes a valid document', async () => {
    const { valid, errors } = await new Validator().validate(
      structuredClone(await create()) as unknown as Record<string, unknown>,
    )
    expect(errors).toBeUndefined()
    expect(valid).toBe(true)
  })
})

it('Fastify 4 shows the guards of a scope and of a route', async () => {
  const app = Fastify4() as unknown as FastifyInstance
  const { transform, transformObject } = documentFastify(app)
  const routes: RouteOptions[] = []
  app.addHook('onRoute', (route) => void routes.push(route))
  app.get('/invoices', { onRequest: fastify.requireAuth(admin) }, () => null)
  app.addHook('onRequest', fastify.requireAuth())
  await app.ready()
  const [route] = routes
  const { schema, url } = transform({ schema: undefined, url: '/invoices', route: route! })
  const openapiObject = { openapi: '3.1.0', info, paths: { [url]: { get: { ...schema, responses: {} } } } }
  const { paths } = transformObject({ openapiObject }) as unknown as Document
  expect(paths['/invoices']!['get']!.responses['403']!.description).toContain(
    'signed in; and signed in, role org:admin',
  )
})

it('Fastify runs your own transform first', () => {
  const app = Fastify()
  const own = { schema: { summary: 'Invoices' }, url: '/v1/invoices' }
  const { transform } = documentFastify(app, { transform: () => own })
  const route = { method: 'GET', url: '/invoices', handler: () => null }
  expect(transform({ schema: undefined, url: '/invoices', route })).toMatchObject(own)
})

describe.each([
  ['5', Express],
  ['4', Express4],
])('Express %s documents the guards of the route that answers', (_, create) => {
  const { requireAuth, isPublic } = express
  const end = ((_req: unknown, res: { end(): void }) => res.end()) as never
  const securityOf = (method: string, path: string, add: (app: Express.Express) => void) => {
    const app = create()
    add(app)
    const { paths } = documentExpress(
      { openapi: '3.1.0', info, paths: { [path]: { [method]: { responses: {} } } } },
      app,
    ) as Document
    return paths[path]![method]!
  }
  const session = [{ sessionToken: [] }]

  it('although an earlier one names a short value of its parameter', () => {
    const { security } = securityOf('get', '/users/{id}', (app) => {
      for (const one of ['x', '1']) app.get(`/users/${one}`, isPublic(), end)
      app.get('/users/:id', requireAuth(), end)
    })
    expect(security).toEqual(session)
  })

  it('and those of routes before it that have only guards', () => {
    const { responses } = securityOf('get', '/a', (app) => {
      app.all('/a', requireAuth())
      app.get('/a', requireAuth(admin), end)
    })
    expect(responses['403']?.description).toContain('signed in; and signed in, role org:admin')
  })

  it('of GET for HEAD', () => {
    const { security } = securityOf('head', '/a', (app) => {
      app.get('/a', requireAuth(), end)
      app.all('/a', isPublic(), end)
    })
    expect(security).toEqual(session)
  })

  it('but not one behind its handler', () => {
    expect(securityOf('get', '/a', (app) => app.get('/a', end, requireAuth())).security).toBeUndefined()
  })
})

it('Express 4 documents the guards where a regular expression restricts a parameter', () => {
  const app = Express4()
  const end: express.ClerkAuthHandler = ((_req: unknown, res: { end(): void }) => res.end()) as never
  app.get('/users/:id(\\d+)', express.requireAuth(), end)
  app.get('/users/:name', express.isPublic(), end)
  const given = { openapi: '3.1.0', info, paths: { '/users/{id}': { get: { responses: {} } } } }
  expect((documentExpress(given, app) as Document).paths['/users/{id}']!['get']!.security).toEqual([
    { sessionToken: [] },
  ])
})

describe('Hono documents the guards of the route that answers', () => {
  const securityOf = (method: string, path: string, app: Hono<any>) => {
    const given = { openapi: '3.1.0', info, paths: { [path]: { [method]: { responses: {} } } } }
    return (documentHono(given, app) as Document).paths[path]![method]!.security
  }
  const end = (c: { text(text: string): Response }) => c.text('')
  const { requireAuth, isPublic } = hono

  it('although an earlier one names a short value of its parameter', () => {
    const app = new Hono<any>().get('/users/x', isPublic(), end).get('/users/:id', requireAuth(), end)
    expect(securityOf('get', '/users/{id}', app)).toEqual([{ sessionToken: [] }])
  })

  it('where a regular expression restricts a parameter', () => {
    const app = new Hono<any>().get('/users/:id{[0-9]+}', requireAuth(), end).get('/users/:name', isPublic(), end)
    expect(securityOf('get', '/users/{id}', app)).toEqual([{ sessionToken: [] }])
  })

  it('of GET for HEAD', () => {
    const app = new Hono<any>().get('/a', requireAuth(), end).all('/a', isPublic(), end)
    expect(securityOf('head', '/a', app)).toEqual([{ sessionToken: [] }])
  })
})

describe('the schema of refusals', () => {
  const schema = expressDocument(Express).components!.schemas!['AuthProblem']!
  // The format of a URI is not checked: Ajv has it in a package of its own.
  const isProblem = new Ajv({ strict: false, validateFormats: false }).compile(schema)

  it.each(Object.keys(AUTH_ERRORS) as AuthErrorCode[])(
    'fits the body of %s, and nothing that lacks a field',
    (code) => {
      const { body } = toChallenge(new AuthError(code))
      expect(isProblem(body)).toBe(true)
      const without = (name: string) => Object.fromEntries(Object.entries(body).filter(([key]) => key !== name))
      expect(Object.keys(body).filter((name) => isProblem(without(name)))).toEqual([])
    },
  )
})
