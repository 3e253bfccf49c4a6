import { ClerkAuthModule } from '@clerk-auth/nestjs'
import { Module, type MiddlewareConsumer, type NestModule } from '@nestjs/common'
import { APP_INTERCEPTOR } from '@nestjs/core'
import { AdminController } from './admin.controller.js'
import { AppointmentsModule } from './appointments.module.js'
import { ClinicsController } from './clinics.controller.js'
import { HealthController } from './health.controller.js'
import { JobsController } from './jobs.controller.js'
import { MeController } from './me.controller.js'
import { RequestIdMiddleware } from './request-id.middleware.js'
import { TimingInterceptor } from './timing.interceptor.js'

@Module({
  imports: [ClerkAuthModule.forRoot(), AppointmentsModule],
  controllers: [HealthController, MeController, ClinicsController, AdminController, JobsController],
  providers: [{ provide: APP_INTERCEPTOR, useClass: TimingInterceptor }],
})
export class RootModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(RequestIdMiddleware).forRoutes('*path')
  }
}
