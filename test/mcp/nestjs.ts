import type { OAuthAuth, Requirements, Unauthenticated } from '@clerk-auth/core'
import {
  ClerkAuthModule,
  McpAuth,
  OptionalAuth,
  ProtectedResourceModule,
  Public,
  RequireAuth,
  type Guard,
  type McpAuthInfo,
} from '@clerk-auth/nestjs'
import { Controller, createParamDecorator, Get, HttpCode, Post, type INestApplication, type Type } from '@nestjs/common'
import type { Framework } from './frameworks.js'

const OAUTH = { acceptsToken: 'oauth_token' } as const

@Controller('mcp')
class Open {
  @Get('open')
  @Public()
  open(@OptionalAuth(OAUTH) auth: OAuthAuth | Unauthenticated) {
    return { clientId: auth.clientId }
  }
}

/** Serves the routes in a NestJS application. */
export function serveNest(
  create: (root: object) => Promise<INestApplication>,
  routes: readonly (readonly [path: string, requirement: Requirements])[],
): Framework['serve'] {
  return async ({ clerk, resources }) => {
    class Root {}
    const app = await create({
      module: Root,
      imports: [ClerkAuthModule.forRoot(clerk), ProtectedResourceModule.forRoot(...resources)],
      controllers: [Open, ...routes.map(([path, requirement]) => controllerOf(path, requirement))],
    })
    await app.listen(0, '127.0.0.1')
    return { url: await app.getUrl(), close: () => app.close() }
  }
}

function controllerOf(path: string, requirement: Requirements): Type {
  const guard = RequireAuth(requirement) as unknown as Guard<OAuthAuth>
  const acceptsSessions = ([requirement].flat() as { acceptsToken?: unknown }[]).some((one) => !one.acceptsToken)
  // Sessions have no `AuthInfo`.
  const Answer = acceptsSessions ? createParamDecorator(() => ({})) : () => McpAuth(guard)

  @Controller(path)
  class Guarded {
    @Get()
    @guard
    get(@Answer() answer: McpAuthInfo) {
      return answer
    }

    @Post()
    @HttpCode(200)
    @guard
    post(@Answer() answer: McpAuthInfo) {
      return answer
    }
  }
  return Guarded
}
