import { RequireAuth } from '@clerk-auth/nestjs'
import { Controller, Delete, Get, Inject, Injectable, Module, Post, UseGuards, type CanActivate } from '@nestjs/common'

@Injectable()
class Appointments {
  readonly all: readonly object[] = []
}

/** A guard of the application, beside those that identify the caller. */
@Injectable()
class OpeningHours implements CanActivate {
  canActivate(): boolean {
    return true
  }
}

@Controller('appointments')
@UseGuards(OpeningHours)
class AppointmentsController {
  private readonly appointments: Appointments

  constructor(@Inject(Appointments) appointments: Appointments) {
    this.appointments = appointments
  }

  @Get()
  list() {
    return this.appointments.all
  }

  @Get('on/:day')
  onDay() {
    return this.appointments.all
  }

  @Post()
  book() {
    return {}
  }

  @Delete(':appointmentId')
  @RequireAuth({ impersonation: 'deny' })
  cancel() {
    return {}
  }
}

@Module({ controllers: [AppointmentsController], providers: [Appointments, OpeningHours] })
export class AppointmentsModule {}
