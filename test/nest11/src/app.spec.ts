import { Controller, Get, type INestApplication } from '@nestjs/common'
import { type NestFastifyApplication, FastifyAdapter } from '@nestjs/platform-fastify'
import { Test } from '@nestjs/testing'
import {
  Auth,
  AuthError,
  ClerkAuthModule,
  OptionalAuth,
  Public,
  RequireAuth,
  type AuthOf,
  type SessionAuth,
  type Unauthenticated,
} from '@clerk-auth/nestjs'
import { alice, bob, issuer } from './callers'

const Admin = RequireAuth({ role: 'org:admin' })

@Controller()
class AppController {
  @Get('me')
  me(@Auth() auth: SessionAuth) {
    return { userId: auth.userId }
  }

  @Get('admin')
  @Admin
  admin(@Auth(Admin) auth: AuthOf<typeof Admin>) {
    return { orgId: auth.orgId }
  }

  @Get('health')
  @Public()
  health(@OptionalAuth() caller: SessionAuth | Unauthenticated) {
    return { userId: caller.userId }
  }
}

describe.each([
  ['Express', undefined],
  ['Fastify', new FastifyAdapter()],
])('NestJS 11 on %s', (_name, adapter) => {
  let app: INestApplication
  let url: string

  beforeAll(async () => {
    const imports = [ClerkAuthModule.forRoot({ frontendApiUrl: issuer })]
    const module = await Test.createTestingModule({ imports, controllers: [AppController] }).compile()
    app = adapter ? module.createNestApplication<NestFastifyApplication>(adapter) : module.createNestApplication()
    await app.listen(0, '127.0.0.1')
    url = await app.getUrl()
  })
  afterAll(() => app.close())

  async function ask(path: string, token?: string) {
    const headers: HeadersInit = token === undefined ? {} : { Authorization: `Bearer ${token}` }
    const response = await fetch(`${url}${path}`, { headers })
    return { status: response.status, type: response.headers.get('content-type'), body: await response.json() }
  }

  it('requires a session by default, and answers with problem details', async () => {
    expect(await ask('/me')).toEqual({
      status: 401,
      type: expect.stringMatching(/^application\/problem\+json/),
      body: expect.objectContaining({ code: 'credentials-missing' }),
    })
    expect(await ask('/me', alice)).toMatchObject({ status: 200, body: { userId: expect.stringMatching(/^user_/) } })
  })

  it('guards a handler with a requirement', async () => {
    expect(await ask('/admin', bob)).toMatchObject({ status: 403, body: { code: 'role-missing' } })
    expect(await ask('/admin', alice)).toMatchObject({ status: 200, body: { orgId: expect.stringMatching(/^org_/) } })
  })

  it('answers anyone on a public route, and 404 on an unknown one', async () => {
    expect(await ask('/health')).toMatchObject({ status: 200, body: { userId: null } })
    expect(await ask('/unknown')).toMatchObject({ status: 404 })
  })
})

it('core and the module have one AuthError class', () => {
  expect(AuthError).toBe(require('@clerk-auth/core').AuthError)
})
