import {
  Auth,
  getAuth,
  McpAuth,
  OptionalAuth,
  ProtectedResourceModule,
  Public,
  RequireAuth,
  Token,
  type AnyAuth,
  type AuthOf,
  type M2mAuth,
  type McpAuthInfo,
  type Role,
  type SessionAuth,
  type Unauthenticated,
} from '@clerk-auth/nestjs'
import { Controller, Get, type ExecutionContext } from '@nestjs/common'
import { typeOf } from './type-of.js'

const Admin = RequireAuth({ role: 'org:admin' })
const Worker = RequireAuth({ acceptsToken: 'm2m_token', machine: 'mch_' })
const Either = RequireAuth([{ org: true }, { acceptsToken: 'm2m_token' }])

// The caller of a guard.
typeOf({} as AuthOf<typeof Worker>).is<M2mAuth>()
typeOf({} as AuthOf<typeof Admin>).is<SessionAuth & { readonly orgId: string; readonly orgRole: Role }>()
typeOf({} as AuthOf<typeof Either>).is<(SessionAuth & { readonly orgId: string }) | M2mAuth>()

@Controller()
@Admin
export class Invoices {
  @Get()
  accepted(
    @Auth() auth: SessionAuth,
    @Auth(Admin) admin: AuthOf<typeof Admin>,
    @Auth(Admin) wider: SessionAuth,
    @Token() token: string | null,
    @OptionalAuth() caller: SessionAuth | Unauthenticated,
    @OptionalAuth({ acceptsToken: 'any' }) any: AnyAuth | Unauthenticated,
    @Auth() unknown: unknown,
  ) {
    return [auth, admin, wider, token, caller, any, unknown]
  }

  @Get()
  @Worker
  mistaken(
    // @ts-expect-error -- a session
    @Auth() session: M2mAuth,
    // @ts-expect-error -- a machine
    @Auth(Worker) machine: SessionAuth,
    // @ts-expect-error -- may be unauthenticated
    @OptionalAuth() caller: SessionAuth,
    // @ts-expect-error -- may be missing
    @Token() token: string,
  ) {
    return [session, machine, caller, token]
  }

  @Get()
  @RequireAuth({ org: (context) => context.switchToHttp().getRequest<{ params: { id: string } }>().params.id })
  // @ts-expect-error -- needs a call
  @Public
  called() {}
}

export function inInterceptor(context: ExecutionContext) {
  typeOf(getAuth(context)).is<SessionAuth | Unauthenticated>()
  typeOf(getAuth(context, Worker)).is<M2mAuth>()
  typeOf(getAuth(context, { acceptsToken: 'm2m_token' })).is<M2mAuth | Unauthenticated>()
}

// @ts-expect-error -- an unknown field
RequireAuth({ roles: 'org:admin' })

ProtectedResourceModule.forRoot({ resource: 'https://api.example.com/mcp', scopes: ['mcp:read'] })
// @ts-expect-error -- without scopes
ProtectedResourceModule.forRoot({ resource: 'https://api.example.com/mcp' })
// @ts-expect-error -- a session is not a client
McpAuth(Admin)

const Client = RequireAuth({ acceptsToken: 'oauth_token' })

@Controller('mcp')
export class Mcp {
  @Get()
  @Client
  get(
    @McpAuth(Client) authInfo: McpAuthInfo,
    // @ts-expect-error -- not a caller
    @McpAuth(Client) auth: SessionAuth,
  ) {
    return [authInfo.scopes, auth]
  }
}
