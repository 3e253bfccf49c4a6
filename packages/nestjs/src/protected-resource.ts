import type { AcceptsToken, ClerkAuth } from '@clerk-auth/core'
import { protectedResource, type ProtectedResource, type ProtectedResourceOptions } from '@clerk-auth/core/mcp'
import { Controller, Get, Inject, Options, Req, Res, type DynamicModule, type Type } from '@nestjs/common'
import { HttpAdapterHost } from '@nestjs/core'
import { CLERK_AUTH } from './instance.js'
import { Public } from './public.js'

/** Injects the protected resources of the application, which the guard of the whole application reads. */
export const RESOURCES: unique symbol = Symbol.for('clerk-auth.nestjs.resources')

/**
 * Declares OAuth protected resources, such as MCP servers. Serves their metadata, tells OAuth clients in challenges where
 * and for which scopes to log in, and refuses OAuth tokens that are for something else. Import it once, in the root
 * module, beside `ClerkAuthModule`. A global prefix must exclude the paths under `.well-known`.
 */
// oxlint-disable-next-line typescript/no-extraneous-class -- a module is a class
export class ProtectedResourceModule {
  /**
   * If the issuer is unknown, the start of the application fails with a `TypeError`.
   *
   * @throws {TypeError} naming the invalid or missing option
   */
  static forRoot(...declared: readonly ProtectedResourceOptions[]): DynamicModule {
    const resources = declared.map((options) => protectedResource(options))
    const byPath = new Map<string, ProtectedResource>()
    // The path without a resource belongs to the first one.
    for (const resource of resources)
      for (const path of resource.metadataPaths) if (!byPath.has(path)) byPath.set(path, resource)

    const declare = (ofApplication: ProtectedResource[], clerk: ClerkAuth<AcceptsToken>) => {
      for (const resource of resources) resource.metadata('GET', clerk)
      ofApplication.push(...resources)
      return resources
    }
    return {
      module: ProtectedResourceModule,
      controllers: [...byPath].map(([path, resource]) => metadataController(path, resource)),
      providers: [{ provide: Symbol('declared'), useFactory: declare, inject: [RESOURCES, CLERK_AUTH] }],
    }
  }
}

function metadataController(path: string, resource: ProtectedResource): Type {
  @Controller(path)
  @Public()
  class ProtectedResourceController {
    @Inject(CLERK_AUTH) private readonly clerk!: ClerkAuth<AcceptsToken>
    @Inject(HttpAdapterHost) private readonly host!: HttpAdapterHost

    @Get()
    get(@Req() request: { readonly method: string }, @Res() response: unknown): void {
      const { httpAdapter } = this.host
      const { status, headers, body } = resource.metadata(request.method, this.clerk)
      for (const [name, value] of Object.entries(headers)) httpAdapter.setHeader(response, name, value)
      httpAdapter.reply(response, body, status)
    }

    @Options()
    preflight(@Req() request: { readonly method: string }, @Res() response: unknown): void {
      this.get(request, response)
    }
  }
  return ProtectedResourceController
}
