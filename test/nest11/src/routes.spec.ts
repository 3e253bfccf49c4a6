import { Controller, Get, Module, Param, type INestApplication } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ClerkAuthModule, Public, RequireAuth } from '@clerk-auth/nestjs'
import { expectGuarded } from '@clerk-auth/local/testing'

@Controller()
class AppController {
  @Get('orgs/:orgId')
  @RequireAuth({ role: 'org:admin' })
  organization(@Param('orgId') orgId: string) {
    return { orgId }
  }

  @Get('health')
  @Public()
  health() {
    return {}
  }
}

function application(): Promise<INestApplication> {
  @Module({ imports: [ClerkAuthModule.forRoot()], controllers: [AppController] })
  class AppModule {}
  return NestFactory.create(AppModule, { logger: false })
}

describe('expectGuarded()', () => {
  it('resolves if every route is guarded or public', async () => {
    await expectGuarded(application)
  }, 60_000)

  it('rejects if a route was added without a guard', async () => {
    const open = async () => {
      const app = await application()
      app.getHttpAdapter().get('/raw', (_req: unknown, res: { json(body: object): void }) => res.json({}))
      return app
    }
    await expect(expectGuarded(open)).rejects.toThrow(/^GET \/raw: /)
  }, 60_000)
})
