import { RequireAuth } from '@clerk-auth/nestjs'
import { Controller, Get, Post } from '@nestjs/common'

/** For other services, and for clients that act for a user. */
@Controller('jobs')
export class JobsController {
  @Post()
  @RequireAuth({ acceptsToken: 'm2m_token' })
  start() {
    return {}
  }

  @Get(':jobId')
  @RequireAuth({ acceptsToken: ['m2m_token', 'api_key'] })
  get() {
    return {}
  }

  @Get(':jobId/log')
  @RequireAuth({ acceptsToken: 'any' })
  log() {
    return ''
  }

  @Post('calendar')
  @RequireAuth({ acceptsToken: 'oauth_token', scope: 'profile' })
  calendar() {
    return {}
  }
}
