import { Auth, OptionalAuth, Public, RequireAuth, Token, getAuth, type AuthOf, type M2mAuth, type SessionAuth, type Unauthenticated, type AnyAuth } from '@clerk-auth/nestjs'
import { Controller, Get, type ExecutionContext } from '@nestjs/common'

const Admin = RequireAuth({ role: 'org:admin' })
const Worker = RequireAuth({ acceptsToken: 'm2m_token', machine: 'mch_' })

@Controller()
@Admin
export class Invoices {
  @Get()
  a(@Auth() auth: SessionAuth, @Auth(Admin) admin: AuthOf<typeof Admin>, @Token() token: string | null) {
    const orgId: string = admin.orgId
    return [auth.userId, orgId, token]
  }
  @Get()
  @Worker
  b(@Auth(Worker) m: M2mAuth, @Auth(Worker) m2: AuthOf<typeof Worker>) {
    return [m.machineId, m2]
  }
  @Get()
  @RequireAuth({ org: (context) => context.switchToHttp().getRequest<{ params: { id: string } }>().params.id })
  c(
    // @ts-expect-error -- a session
    @Auth() m: M2mAuth,
    // @ts-expect-error -- may be unauthenticated
    @OptionalAuth() n: SessionAuth,
    @OptionalAuth() ok: SessionAuth | Unauthenticated,
    @OptionalAuth({ acceptsToken: 'any' }) any: AnyAuth | Unauthenticated,
    // @ts-expect-error -- m2m
    @Auth(Worker) w: SessionAuth,
    @Auth() unknownOne: unknown,
  ) {
    return [m, n, ok, any, w, unknownOne]
  }
  @Public()
  static x(context: ExecutionContext) {
    return getAuth(context, Admin).orgRole
  }
}
