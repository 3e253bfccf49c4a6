import { Public, RequireAuth } from '@clerk-auth/nestjs'
import { Controller, Delete, Get, Header, Post } from '@nestjs/common'

@Controller(['admin', 'backoffice'])
@RequireAuth({ role: 'org:admin' })
export class AdminController {
  @Get()
  index() {
    return {}
  }

  @Get('users/:userId')
  user() {
    return {}
  }

  @Delete('users/:userId')
  @RequireAuth({ impersonation: 'deny' })
  remove() {
    return {}
  }

  @Post('refunds')
  @RequireAuth({ fresh: true })
  refund() {
    return {}
  }

  @Get('login-page')
  @Public()
  @Header('content-type', 'text/html')
  loginPage() {
    return '<form>'
  }
}
