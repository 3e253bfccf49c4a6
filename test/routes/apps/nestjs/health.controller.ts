import { Public } from '@clerk-auth/nestjs'
import { Controller, Get, Post, VERSION_NEUTRAL } from '@nestjs/common'

@Controller({ version: VERSION_NEUTRAL })
@Public()
export class HealthController {
  @Get('health')
  health() {
    return { ok: true }
  }

  @Get(['ready', 'live'])
  ready() {
    return { ok: true }
  }

  @Post('webhooks/payments')
  payments() {
    return {}
  }
}
