import { clerkAuth, getAuth, isPublic, requireAuth } from '@clerk-auth/fastify'
import { startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type RouteOptions } from 'fastify'
import fastify4 from 'fastify4'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'

let local: LocalClerk
let other: LocalClerk
beforeAll(async () => {
  local = await startLocalClerk()
  other = await startLocalClerk()
})
afterAll(() => Promise.all([local.close(), other.close()]))

const versions = [
  ['Fastify 5', () => fastify()],
  ['Fastify 4', () => fastify4() as unknown as FastifyInstance],
] as const

describe.each(versions)('%s', (_name, make) => {
  let app: FastifyInstance
  let errors: unknown[]
  beforeEach(() => {
    errors = []
    app = make()
    app.setErrorHandler((error, _request, reply) => {
      errors.push(error)
      return reply.code(500).send({ handledBy: 'the application' })
    })
  })
  afterEach(() => app.close())

  const handler = async (request: FastifyRequest) => ({ userId: getAuth(request).userId })
  const ask = async (url: string, token?: string) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const { statusCode, body } = await app.inject({ url, headers })
    return { status: statusCode, body: JSON.parse(body || '{}') as Record<string, unknown> }
  }
  const errorOf = async (work: () => unknown): Promise<unknown> => {
    try {
      await work()
      return undefined
    } catch (error) {
      return error
    }
  }

  describe('a guard of a scope', () => {
    beforeEach(async () => {
      await app.register(clerkAuth, { frontendApiUrl: local.url })
      app.addHook('onRequest', requireAuth())
      app.get('/guarded', handler)
      app.get('/health', { config: isPublic() }, handler)
      app.get('/with-config', { config: { ...isPublic(), other: 1 } }, handler)
      await app.register(async (scope) => void scope.get('/below', { config: isPublic() }, handler))
    })

    it('guards its routes', async () => {
      expect(await ask('/guarded')).toMatchObject({ status: 401, body: { code: 'credentials-missing' } })
      expect(await ask('/guarded', await local.sessionToken())).toMatchObject({ status: 200 })
    })

    it.each(['/health', '/with-config', '/below'])('skips a route that is marked as public: %s', async (path) => {
      expect(await ask(path)).toMatchObject({ status: 200, body: { userId: null } })
      expect(await ask(path, 'nonsense')).toMatchObject({ status: 200, body: { userId: null } })
    })

    it('leaves a request without a route to Fastify, which answers 404', async () => {
      expect(await ask('/nowhere')).toMatchObject({ status: 404 })
    })

    it('does not count as having accepted a request to a public route', async () => {
      const guard = requireAuth()
      app.addHook('onRequest', guard)
      app.get('/named', { config: isPublic() }, async (request) => getAuth(request, guard))
      expect(await ask('/named', await local.sessionToken())).toMatchObject({ status: 500 })
      expect(errors).toEqual([expect.any(TypeError)])
    })

    it('does not disable the guard of a not-found handler', async () => {
      app.setNotFoundHandler({ preHandler: requireAuth() }, async () => ({ found: 'a fallback' }))
      expect(await ask('/nowhere')).toMatchObject({ status: 401, body: { code: 'credentials-missing' } })
    })

    it.each(['/missing', '/missing-below'])(
      'does not disable the guard of a not-found handler that a public route calls: %s',
      async (path) => {
        const callNotFound = (_request: FastifyRequest, reply: FastifyReply) => reply.callNotFound()
        app.setNotFoundHandler({ preHandler: requireAuth() }, async () => ({ found: 'a fallback' }))
        app.get('/missing', { config: isPublic() }, callNotFound)
        await app.register(async (scope) => void scope.get('/missing-below', { config: isPublic() }, callNotFound))
        expect(await ask(path)).toMatchObject({ status: 401, body: { code: 'credentials-missing' } })
        expect(await ask(path, await local.sessionToken())).toMatchObject({ body: { found: 'a fallback' } })
      },
    )

    it('does not let a request to a not-found handler pass in a scope without clerkAuth', async () => {
      const outer = make()
      outer.setNotFoundHandler({ preHandler: requireAuth() }, async () => ({ found: 'a fallback' }))
      await outer.register(async (scope) => {
        await scope.register(clerkAuth, { frontendApiUrl: local.url })
      })
      const { statusCode, body } = await outer.inject('/nowhere')
      expect(statusCode).toBe(500)
      expect(body).toContain('needs clerkAuth() to run first')
      await outer.close()
    })

    it('guards a public route that was registered before clerkAuth, with a TypeError that says so', async () => {
      const late = make()
      late.get('/health', { config: isPublic() }, handler)
      await late.register(clerkAuth, { frontendApiUrl: local.url })
      late.addHook('onRequest', requireAuth())
      const { statusCode, body } = await late.inject('/health')
      expect(statusCode).toBe(500)
      expect(body).toContain('register clerkAuth before the route')
      await late.close()
    })

    it('guards a route that a hook marks after clerkAuth has checked it, with a TypeError that says so', async () => {
      const late = make()
      await late.register(clerkAuth, { frontendApiUrl: local.url })
      late.addHook('onRequest', requireAuth())
      late.addHook('onRoute', (route) => void (route.config = { ...route.config, ...isPublic() }))
      late.get('/docs', handler)
      const { statusCode, body } = await late.inject('/docs')
      expect(statusCode).toBe(500)
      expect(body).toContain('after an onRoute hook that marks it')
      await late.close()
    })

    it('skips a route that a hook marks before clerkAuth checks it', async () => {
      const early = make()
      early.addHook('onRoute', (route) => {
        if (route.url === '/docs') route.config = { ...route.config, ...isPublic() }
      })
      await early.register(clerkAuth, { frontendApiUrl: local.url })
      early.addHook('onRequest', requireAuth())
      early.get('/docs', handler)
      early.get('/me', handler)
      expect([(await early.inject('/docs')).statusCode, (await early.inject('/me')).statusCode]).toEqual([200, 401])
      await early.close()
    })
  })

  describe('two instances', () => {
    it('work in their own scopes, and a guard of the outer scope uses the caller of the inner one there', async () => {
      await app.register(clerkAuth, { frontendApiUrl: local.url })
      app.addHook('onRequest', requireAuth())
      app.get('/outer', handler)
      await app.register(async (scope) => {
        await scope.register(clerkAuth, { frontendApiUrl: other.url })
        scope.get('/inner', handler)
      })
      const [ours, theirs] = [await local.sessionToken(), await other.sessionToken()]
      expect(await ask('/outer', ours)).toMatchObject({ status: 200 })
      expect(await ask('/outer', theirs)).toMatchObject({ status: 401, body: { code: 'jwk-kid-mismatch' } })
      expect(await ask('/inner', theirs)).toMatchObject({ status: 200 })
      expect(await ask('/inner', ours)).toMatchObject({ status: 401, body: { code: 'jwk-kid-mismatch' } })
    })

    it('in one scope are a TypeError at startup', async () => {
      await app.register(clerkAuth, { frontendApiUrl: local.url })
      const error = await errorOf(() => app.register(clerkAuth, { frontendApiUrl: other.url }))
      expect(error).toBeInstanceOf(TypeError)
      expect(String(error)).toContain('registered twice in one scope')
    })
  })

  describe('a hook in which guards do not work', () => {
    const hooks = ['preParsing', 'preSerialization', 'onSend', 'onResponse', 'onError', 'onTimeout', 'onRequestAbort']

    // Fastify ignores options that it does not know, and the route would be open.
    const misspelt = ['onrequest', 'preHandlers', 'guard']

    it.each([...hooks, ...misspelt])('is refused when the route is registered: %s', async (hook) => {
      await app.register(clerkAuth, { frontendApiUrl: local.url })
      for (const value of [requireAuth(), [requireAuth()]]) {
        const route = { method: 'GET', url: '/x', handler, [hook]: value } as unknown as RouteOptions
        expect(await errorOf(() => app.route(route))).toEqual(
          new TypeError(
            `route GET /x: "${hook}" contains a guard; guards work only in the hooks onRequest, preValidation, preHandler`,
          ),
        )
      }
    })

    it.each(['preParsing', 'preSerialization', 'onSend'])(
      'is refused at its first use by addHook: %s',
      async (hook) => {
        await app.register(clerkAuth, { frontendApiUrl: local.url })
        app.addHook(hook as 'onRequest', requireAuth())
        app.get('/x', handler)
        expect(await ask('/x', await local.sessionToken())).toMatchObject({ status: 500 })
        expect(errors[0]).toBeInstanceOf(TypeError)
        expect(String(errors[0])).toContain('in a hook where guards do not work')
      },
    )

    it('is logged by addHook, after the response: onResponse', async () => {
      const logged: unknown[] = []
      await app.register(clerkAuth, { frontendApiUrl: local.url })
      app.addHook('onRequest', async (request) => {
        Object.assign(request, { log: { error: (...args: unknown[]) => void logged.push(...args) } })
      })
      app.addHook('onResponse', requireAuth())
      app.get('/x', handler)
      expect(await ask('/x', await local.sessionToken())).toMatchObject({ status: 200 })
      expect(logged[0]).toBeInstanceOf(TypeError)
    })

    it.each(['onRequest', 'preValidation', 'preHandler'] as const)('is none of these: %s', async (hook) => {
      await app.register(clerkAuth, { frontendApiUrl: local.url })
      app.get('/option', { [hook]: requireAuth() }, handler)
      await app.register(async (scope) => {
        scope.addHook(hook, requireAuth())
        scope.get('/scope', handler)
      })
      for (const path of ['/option', '/scope']) {
        expect(await ask(path)).toMatchObject({ status: 401, body: { code: 'credentials-missing' } })
        expect(await ask(path, await local.sessionToken())).toMatchObject({ status: 200 })
      }
    })
  })

  describe('a mistake', () => {
    it.each(['onRequest', 'preValidation', 'preHandler'] as const)(
      'is a guard on a route that is marked as public: %s',
      async (hook) => {
        await app.register(clerkAuth, { frontendApiUrl: local.url })
        const error = await errorOf(() => app.get('/x', { config: isPublic(), [hook]: [requireAuth()] }, handler))
        expect(error).toEqual(
          new TypeError(`route GET /x is marked by isPublic(), and "${hook}" contains a guard: keep one of them`),
        )
      },
    )

    it('is to call a guard without done(): the handler does not run', async () => {
      await app.register(clerkAuth, { frontendApiUrl: local.url })
      const guard = requireAuth() as (request: FastifyRequest, reply: FastifyReply) => void
      app.get('/x', { onRequest: async (request, reply) => guard(request, reply) }, handler)
      expect(await ask('/x')).toMatchObject({ status: 500 })
      expect(String(errors[0])).toMatch(/^TypeError: .*without done\(\)/)
    })

    it('is to call the plugin', () => {
      const call = clerkAuth as unknown as (options?: object) => never
      for (const options of [undefined, { frontendApiUrl: local.url }])
        expect(() => app.register(call(options))).toThrow(
          new TypeError('clerkAuth is a plugin: write register(clerkAuth, options), without calling it'),
        )
    })

    it('is to use requireAuth or isPublic without a call', async () => {
      await app.register(clerkAuth, { frontendApiUrl: local.url })
      const route = { onRequest: requireAuth } as unknown as { onRequest: [] }
      expect(String(await errorOf(() => app.get('/a', route, handler)))).toMatch(/^TypeError: .*write requireAuth\(\)/)
      const config = { config: isPublic as unknown as object }
      expect(String(await errorOf(() => app.get('/b', config, handler)))).toMatch(/^TypeError: .*write isPublic\(\)/)
    })

    it('is to bind a guard by an option', () => {
      const bind = requireAuth as (requirement: object, options: object) => unknown
      expect(() => bind({}, { by: clerkAuth })).toThrow(
        new TypeError('requireAuth() has no options on Fastify: it uses the clerkAuth of its scope'),
      )
    })

    it('is requireAuth without a call in addHook: reported at the first request, and the handler does not run', async () => {
      await app.register(clerkAuth, { frontendApiUrl: local.url })
      app.addHook('onRequest', requireAuth as never)
      app.get('/x', handler)
      expect(await ask('/x', await local.sessionToken())).toMatchObject({ status: 500 })
      expect(String(errors[0])).toMatch(/^TypeError: .*write requireAuth\(\)/)
    })
  })
})
