import { RequireAuth } from '@clerk-auth/nestjs'
import { All, Controller, Delete, Get, Param, Patch, Post, type ExecutionContext } from '@nestjs/common'

const orgId = (context: ExecutionContext) =>
  context.switchToHttp().getRequest<{ readonly params: { readonly orgId: string } }>().params.orgId
const OfClinic = RequireAuth({ org: orgId })
const Admin = RequireAuth({ role: 'org:admin' })

/** What the members and admins of an organization do in it. */
@Controller('clinics/:orgId')
@OfClinic
export class ClinicsController {
  @Get()
  get(@Param('orgId') id: string) {
    return { id }
  }

  @Patch()
  @Admin
  update() {
    return {}
  }

  @Get('staff')
  staff() {
    return []
  }

  @Post('staff')
  @Admin
  invite() {
    return {}
  }

  @Delete('staff/:userId')
  @Admin
  @RequireAuth({ reverification: 'moderate' })
  remove() {
    return {}
  }

  @Get('invoices')
  @RequireAuth({ permission: 'org:invoices:read' })
  invoices() {
    return []
  }

  @Post('invoices')
  @RequireAuth({ permission: 'org:invoices:create' })
  createInvoice() {
    return {}
  }

  @Get('reports/:name')
  @RequireAuth([{ role: 'org:admin' }, { permission: 'org:reports:read' }])
  report() {
    return {}
  }

  @All('graphql')
  graphql() {
    return { data: null }
  }
}
