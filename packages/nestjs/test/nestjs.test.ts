import {
  Catch,
  Controller,
  createParamDecorator,
  Get,
  HttpException,
  Inject,
  Injectable,
  Module,
  Post,
  UseGuards,
  UseInterceptors,
  VersioningType,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type DynamicModule,
  type ExceptionFilter,
  type ExecutionContext,
  type INestApplication,
  type NestInterceptor,
  type Type,
} from '@nestjs/common'
import { startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import {
  Auth,
  AuthError,
  CLERK_AUTH,
  ClerkAuthModule,
  createClerkAuth,
  getAuth,
  OptionalAuth,
  Public,
  RequireAuth,
  Token,
  type AuthOf,
  type ClerkAuth,
  type ClerkAuthModuleOptions,
  type SessionAuth,
  type Unauthenticated,
} from '@clerk-auth/nestjs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { APP_FILTER } from '@nestjs/core'
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js'
import { appGuard } from '../src/app-guard.js'
import { PLATFORMS } from '../../../test/contract/nestjs.js'

let local: LocalClerk
beforeAll(async () => void (local = await startLocalClerk()))
afterAll(() => local.close())

describe.each(Object.entries(PLATFORMS))('on %s', (_name, create) => {
  let app: INestApplication | undefined
  const seen: unknown[] = []
  afterEach(async () => {
    await app?.close()
    app = undefined
    seen.length = 0
  })

  @Catch()
  class Seen implements ExceptionFilter {
    catch(exception: unknown, host: ArgumentsHost) {
      seen.push(exception)
      const status = exception instanceof HttpException ? exception.getStatus() : 500
      app!.getHttpAdapter().reply(host.switchToHttp().getResponse(), { handledBy: 'the application' }, status)
    }
  }

  async function serve(
    controllers: Type[],
    { imports = [forRoot()], prepare = () => {}, ...more }: Served = {},
  ): Promise<void> {
    class Root {}
    app = await create({ module: Root, imports, controllers, ...more })
    prepare(app)
    await app.listen(0, '127.0.0.1')
  }

  const forRoot = (options: ClerkAuthModuleOptions = {}) =>
    ClerkAuthModule.forRoot({ frontendApiUrl: local.url, ...options })

  async function ask(path: string, user?: string, init: Request = {}) {
    const headers = { ...(user && { Authorization: `Bearer ${await local.sessionToken({ user })}` }) }
    const response = await fetch(`${await app!.getUrl()}${path}`, { ...init, headers: { ...init.headers, ...headers } })
    const text = await response.text()
    const body = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : text
    return { status: response.status, headers: response.headers, body }
  }

  describe('a route', () => {
    @Controller('plain')
    class Plain {
      @Get()
      get(@Auth() auth: SessionAuth) {
        return { userId: auth.userId }
      }

      @Get('health')
      @Public()
      health(@OptionalAuth() caller: SessionAuth | Unauthenticated) {
        return { userId: caller.userId }
      }
    }

    it('without a decorator requires a session', async () => {
      await serve([Plain])
      expect(await ask('/plain')).toMatchObject({ status: 401, body: { code: 'credentials-missing' } })
      expect(await ask('/plain', 'alice')).toMatchObject({ status: 200, body: { userId: local.people['alice'].id } })
    })

    it('without a decorator refuses other kinds of token', async () => {
      await serve([Plain])
      const headers = { Authorization: 'Bearer ak_0123456789abcdef' }
      expect(await ask('/plain', undefined, { headers })).toMatchObject({
        status: 401,
        body: { code: 'token-type-mismatch' },
      })
    })

    it('with @Public() answers anyone, and knows who is signed in', async () => {
      await serve([Plain])
      expect(await ask('/plain/health')).toMatchObject({ status: 200, body: { userId: null } })
      expect(await ask('/plain/health', 'alice')).toMatchObject({ body: { userId: local.people['alice'].id } })
    })

    it('that does not exist is 404, with and without a credential', async () => {
      await serve([Plain])
      expect(await ask('/unknown')).toMatchObject({ status: 404 })
      expect(await ask('/unknown', 'alice')).toMatchObject({ status: 404 })
      expect(await ask('/plain', undefined, { method: 'DELETE' })).toMatchObject({ status: 404 })
    })

    it('is guarded under a global prefix and a version', async () => {
      @Controller({ path: 'versioned', version: '2' })
      class Versioned {
        @Get('open')
        @Public()
        open() {
          return {}
        }

        @Get('admin')
        @RequireAuth({ role: 'org:admin' })
        admin() {
          return {}
        }
      }
      await serve([Versioned, Plain], {
        prepare: (app) => app.setGlobalPrefix('api').enableVersioning({ type: VersioningType.URI }),
      })
      expect(await ask('/api/v2/versioned/open')).toMatchObject({ status: 200 })
      expect(await ask('/api/v2/versioned/admin')).toMatchObject({ status: 401 })
      expect(await ask('/api/v2/versioned/admin', 'bob')).toMatchObject({
        status: 403,
        body: { code: 'role-missing' },
      })
      expect(await ask('/api/v2/versioned/admin', 'alice')).toMatchObject({ status: 200 })
      expect(await ask('/api/v1/versioned/open')).toMatchObject({ status: 404 })
      expect(await ask('/api/plain')).toMatchObject({ status: 401 })
    })
  })

  describe('a controller with a guard', () => {
    const Member = RequireAuth({ org: true })

    @Controller('org')
    @Member
    class Organization {
      @Get()
      get(@Auth(Member) auth: AuthOf<typeof Member>) {
        return { orgId: auth.orgId }
      }

      @Get('admin')
      @RequireAuth({ role: 'org:admin' })
      admin() {
        return {}
      }

      @Get('either')
      @RequireAuth([{ acceptsToken: 'api_key' }, { acceptsToken: 'session_token' }])
      either() {
        return {}
      }

      @Get('open')
      @Public()
      open() {
        return {}
      }
    }

    it('guards every handler', async () => {
      await serve([Organization])
      expect(await ask('/org')).toMatchObject({ status: 401 })
      expect(await ask('/org', 'dave')).toMatchObject({ status: 403, body: { code: 'org-missing' } })
      expect(await ask('/org', 'bob')).toMatchObject({
        status: 200,
        body: { orgId: local.organizations['acme'].id },
      })
    })

    it('adds to the guard of a handler: both must accept the caller', async () => {
      await serve([Organization])
      expect(await ask('/org/admin', 'dave')).toMatchObject({ status: 403, body: { code: 'org-missing' } })
      expect(await ask('/org/admin', 'bob')).toMatchObject({ status: 403, body: { code: 'role-missing' } })
      expect(await ask('/org/admin', 'alice')).toMatchObject({ status: 200 })
      expect(await ask('/org/either', 'dave')).toMatchObject({ status: 403, body: { code: 'org-missing' } })
    })

    it('leaves a handler with @Public() open', async () => {
      await serve([Organization])
      expect(await ask('/org/open')).toMatchObject({ status: 200 })
    })

    it('also guards the controllers that extend it', async () => {
      @Controller('derived')
      class Derived extends Organization {}
      await serve([Derived])
      expect(await ask('/derived', 'dave')).toMatchObject({ status: 403, body: { code: 'org-missing' } })
      expect(await ask('/derived/admin', 'bob')).toMatchObject({ status: 403, body: { code: 'role-missing' } })
    })

    it('with @Public() leaves the handlers without a guard open', async () => {
      @Controller('open')
      @Public()
      class Open {
        @Get()
        get() {
          return {}
        }

        @Get('admin')
        @RequireAuth({ role: 'org:admin' })
        admin() {
          return {}
        }
      }
      await serve([Open])
      expect(await ask('/open')).toMatchObject({ status: 200 })
      expect(await ask('/open/admin')).toMatchObject({ status: 401 })
      expect(await ask('/open/admin', 'bob')).toMatchObject({ status: 403, body: { code: 'role-missing' } })
    })
  })

  describe('@Auth()', () => {
    @Controller()
    class Mistaken {
      @Get('open')
      @Public()
      open(@Auth() auth: SessionAuth) {
        return { userId: auth.userId }
      }

      @Get('any')
      @RequireAuth({ acceptsToken: 'any' })
      any(@Auth() auth: SessionAuth) {
        return { userId: auth.userId }
      }

      @Get('other')
      other(@Auth(RequireAuth({ role: 'org:admin' })) auth: SessionAuth) {
        return { userId: auth.userId }
      }
    }

    it.each([
      ['on a public route', '/open', '@Auth() is used on a public route: use @OptionalAuth()'],
      [
        'on a route that accepts other kinds of token, even for a session',
        '/any',
        '@Auth() is used on a route that accepts tokens other than session tokens: pass the guard, @Auth(guard)',
      ],
      [
        'with a guard that has not accepted the request',
        '/other',
        'getAuth() got a guard that has not accepted this request: add that guard to the route',
      ],
    ])('is a TypeError %s', async (_where, path, message) => {
      await serve([Mistaken], { prepare: (app) => app.useGlobalFilters(new Seen()) })
      expect(await ask(path, 'alice')).toMatchObject({ status: 500 })
      expect(seen).toEqual([new TypeError(message)])
    })

    it('and @Token() work beside other parameters, and getAuth() in guards and interceptors', async () => {
      const found: unknown[] = []
      const guard: CanActivate = { canActivate: (context) => found.push(getAuth(context).userId) > 0 }
      const interceptor: NestInterceptor = {
        intercept: (context: ExecutionContext, next: CallHandler) => {
          found.push(getAuth(context).userId)
          return next.handle()
        },
      }
      const Method = createParamDecorator(
        (_: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<{ method: string }>().method,
      )

      @Controller('me')
      @UseGuards(guard)
      @UseInterceptors(interceptor)
      class Me {
        @Post()
        post(@Method() method: string, @Auth() auth: SessionAuth, @Token() token: string | null) {
          return { method, userId: auth.userId, hasToken: token !== null }
        }
      }
      await serve([Me])
      const { id } = local.people['alice']
      expect(await ask('/me', 'alice', { method: 'POST' })).toMatchObject({
        status: 201,
        body: { method: 'POST', userId: id, hasToken: true },
      })
      expect(found).toEqual([id, id])
    })
  })

  describe('a refusal', () => {
    @Controller()
    class Admin {
      @Get()
      @RequireAuth({ role: 'org:admin' })
      get() {
        return {}
      }
    }

    it("is an HttpException for the application's filters, with the AuthError as its cause", async () => {
      await serve([Admin], { prepare: (app) => app.useGlobalFilters(new Seen()) })
      const { status, headers } = await ask('/', 'bob')
      expect(status).toBe(403)
      expect(headers.get('www-authenticate')).toBe('Bearer realm="api"')
      const [exception] = seen as [HttpException]
      expect(exception).toBeInstanceOf(HttpException)
      expect(exception.getStatus()).toBe(403)
      expect(exception.message).toBe('The role is not sufficient')
      expect(exception.getResponse()).toMatchObject({ code: 'role-missing', type: 'urn:clerk-auth:role-missing' })
      expect(AuthError.is(exception.cause)).toBe(true)
    })

    it("is answered by the module before the application's filters that are providers", async () => {
      const filter = { provide: APP_FILTER, useFactory: () => new Seen() }
      await serve([Admin], { providers: [filter] })
      expect(await ask('/')).toMatchObject({ status: 401, body: { code: 'credentials-missing' } })
      expect(seen).toEqual([])
    })

    it("leaves the content type to the application's filters", async () => {
      await serve([Admin], { prepare: (app) => app.useGlobalFilters(new Seen()) })
      const { headers, body } = await ask('/')
      expect(body).toEqual({ handledBy: 'the application' })
      expect(headers.get('content-type')).toMatch(/^application\/json/)
    })

    it('has problem details if the application has no filter', async () => {
      await serve([Admin])
      const { status, headers, body } = await ask('/')
      expect(status).toBe(401)
      expect(headers.get('content-type')).toMatch(/^application\/problem\+json/)
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('www-authenticate')).toBe('Bearer realm="api"')
      expect(body).toMatchObject({ code: 'credentials-missing', status: 401 })
    })

    it('keeps the Vary header of enableCors(), which answers preflight requests', async () => {
      await serve([Admin], {
        imports: [forRoot({ cookies: true, authorizedParties: ['https://app.example.com'] })],
        prepare: (app) => app.enableCors({ origin: ['https://app.example.com'] }),
      })
      const Origin = 'https://app.example.com'
      const { headers } = await ask('/', undefined, { headers: { Origin } })
      expect(headers.get('vary')).toMatch(/Origin.*Authorization, Cookie/)
      const preflight = { Origin, 'Access-Control-Request-Method': 'GET' }
      expect(await ask('/', undefined, { method: 'OPTIONS', headers: preflight })).toMatchObject({ status: 204 })
    })
  })

  describe('the module', () => {
    @Controller()
    class Me {
      @Get()
      get(@Auth() auth: SessionAuth) {
        return { userId: auth.userId }
      }
    }

    it('takes its options from other providers', async () => {
      @Injectable()
      class Config {
        readonly url = local.url
      }
      @Module({ providers: [Config], exports: [Config] })
      class ConfigModule {}
      const useFactory = async (config: Config) => ({ frontendApiUrl: config.url })
      await serve([Me], {
        imports: [ClerkAuthModule.forRootAsync({ imports: [ConfigModule], inject: [Config], useFactory })],
      })
      expect(await ask('/')).toMatchObject({ status: 401 })
      expect(await ask('/', 'alice')).toMatchObject({ status: 200 })
    })

    it('provides the instance', async () => {
      @Controller('stats')
      class Stats {
        readonly clerk: ClerkAuth
        constructor(@Inject(CLERK_AUTH) clerk: ClerkAuth) {
          this.clerk = clerk
        }

        @Get()
        get() {
          return this.clerk.stats().verified
        }
      }
      await serve([Stats])
      expect(await ask('/stats', 'alice')).toMatchObject({ body: { entries: 1 } })
    })

    it('closes its instance with the application', async () => {
      await serve([Me])
      const clerk = app!.get<ClerkAuth>(CLERK_AUTH)
      await app!.close()
      await expect(clerk.verifyToken(await local.sessionToken())).rejects.toMatchObject({ code: 'keys-unavailable' })
    })

    it('leaves an instance that it was given open', async () => {
      const clerk = createClerkAuth({ frontendApiUrl: local.url })
      await serve([Me], { imports: [ClerkAuthModule.forRoot(clerk)] })
      await app!.close()
      await expect(clerk.verifyToken(await local.sessionToken())).resolves.toMatchObject({ tokenType: 'session_token' })
    })

    it('rejects invalid options when the application starts', async () => {
      const imports = [ClerkAuthModule.forRoot({ audiences: 'x' } as ClerkAuthModuleOptions)]
      await expect(serve([Me], { imports })).rejects.toThrow(/^unknown option "audiences"/)
    })

    it('without forRoot() makes the application fail to start, because it would guard nothing', async () => {
      await expect(serve([Me], { imports: [ClerkAuthModule] })).rejects.toThrow(
        new TypeError(
          'ClerkAuthModule guards nothing without a call: write ClerkAuthModule.forRoot(), once, in the root module',
        ),
      )
    })

    it('that is missing makes a guarded route fail with a TypeError', async () => {
      @Controller()
      class Guarded {
        @Get()
        @RequireAuth()
        get() {
          return {}
        }
      }
      await serve([Guarded], { imports: [], prepare: (app) => app.useGlobalFilters(new Seen()) })
      expect(await ask('/', 'alice')).toMatchObject({ status: 500 })
      expect(seen).toEqual([
        new TypeError(
          '@RequireAuth() needs the guard of ClerkAuthModule to run first: import ClerkAuthModule.forRoot() in the root module',
        ),
      ])
    })

    it('that is imported with two instances makes every route fail with a TypeError', async () => {
      const imports = [forRoot(), forRoot({ realm: 'other' })]
      await serve([Me], { imports, prepare: (app) => app.useGlobalFilters(new Seen()) })
      expect(await ask('/', 'alice')).toMatchObject({ status: 500 })
      expect(seen).toEqual([
        new TypeError('ClerkAuthModule.forRoot() is imported twice: import it once, in the root module'),
      ])
    })
  })
})

interface Request extends RequestInit {
  readonly headers?: Record<string, string>
}

interface Served {
  readonly imports?: (DynamicModule | Type)[]
  readonly prepare?: (app: INestApplication) => unknown
  readonly providers?: unknown[]
}

describe('a decorator', () => {
  it('rejects a requirement that can never be met', () => {
    expect(() => RequireAuth({ roles: 'org:admin' } as object)).toThrow(/unknown requirement "roles"/)
  })

  it.each([
    ['RequireAuth', RequireAuth],
    ['Public', Public],
  ])('without a call is a TypeError that says how to write it: %s', (name, uncalled) => {
    const message = `@${name} is used without a call: write @${name}(), with parentheses`
    const decorate = uncalled as unknown as (...target: unknown[]) => unknown
    expect(() => decorate(class {})).toThrow(new TypeError(message))
    expect(() => decorate({}, 'get', { value: () => {} })).toThrow(new TypeError(message))
  })

  it('is a TypeError if a handler, or a controller, is both public and guarded', () => {
    expect(() => {
      class Both {
        @Public()
        @RequireAuth()
        get() {}
      }
      return Both
    }).toThrow(new TypeError('get is decorated with @Public() and with @RequireAuth(): keep one of them'))
    expect(() => {
      @RequireAuth()
      @Public()
      class Both {}
      return Both
    }).toThrow(new TypeError('Both is decorated with @Public() and with @RequireAuth(): keep one of them'))
  })
})

describe('a call that is neither HTTP nor GraphQL', () => {
  class Gateway {
    @RequireAuth()
    guarded() {}

    @Public()
    open() {}

    plain() {}
  }
  const context = (handler: 'guarded' | 'open' | 'plain', type: string) => {
    const host = new ExecutionContextHost([{}, {}, {}], Gateway, Gateway.prototype[handler])
    host.setType(type)
    return host
  }
  const refused = (handler: string, type: string) =>
    `Gateway.${handler}() is called over "${type}", where callers cannot be authenticated: mark it with @Public() if it authenticates them itself`

  it.each(['ws', 'rpc', 'rmq'])('is refused with a TypeError unless it is public: %s', (type) => {
    const guard = appGuard(createClerkAuth({ frontendApiUrl: local.url }))
    expect(() => guard.canActivate(context('plain', type))).toThrow(new TypeError(refused('plain', type)))
    expect(() => guard.canActivate(context('guarded', type))).toThrow(new TypeError(refused('guarded', type)))
    expect(guard.canActivate(context('open', type))).toBe(true)
  })

  it('is refused by @RequireAuth() too, because global guards do not run in hybrid applications', () => {
    const [guard] = Reflect.getMetadata('__guards__', context('guarded', 'rpc').getHandler()) as [CanActivate]
    expect(() => guard.canActivate(context('guarded', 'rpc'))).toThrow(new TypeError(refused('guarded', 'rpc')))
  })

  it('is refused over GraphQL if the context has no request', () => {
    const guard = appGuard(createClerkAuth({ frontendApiUrl: local.url }))
    expect(() => guard.canActivate(context('plain', 'graphql'))).toThrow(
      new TypeError(
        'Gateway.plain() needs the HTTP request in the GraphQL context: return { req: request } from the "context" option of GraphQLModule',
      ),
    )
  })
})
