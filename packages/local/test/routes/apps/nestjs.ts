import { ClerkAuthModule, Public, RequireAuth } from '@clerk-auth/nestjs'
import {
  All,
  Controller,
  Get,
  HostParam,
  Module,
  Post,
  RequestMethod,
  Scope,
  UseGuards,
  Version,
  VersioningType,
} from '@nestjs/common'
import { NestFactory, RouterModule } from '@nestjs/core'

const answer = () => ({ handled: true })

@Controller('cats')
class Cats {
  @Get('health')
  @Public()
  health() {
    return answer()
  }

  @Get(':id')
  one() {
    return answer()
  }

  @Post()
  @RequireAuth({ role: 'org:admin' })
  create() {
    return answer()
  }

  @All('every/:id')
  @RequireAuth({ acceptsToken: 'm2m_token' })
  every() {
    return answer()
  }

  @Version('2')
  @Get('versions')
  versions() {
    return answer()
  }
}

@Controller({ path: 'dogs', scope: Scope.REQUEST })
@RequireAuth({ permission: 'org:dogs:read' })
class Dogs {
  @Get()
  all() {
    return answer()
  }

  @Get('both')
  @RequireAuth({ role: 'org:admin' })
  both() {
    return answer()
  }

  @Get('open')
  @Public()
  open() {
    return answer()
  }

  @Get('own')
  @UseGuards({ canActivate: () => true })
  own() {
    return answer()
  }
}

@Controller('birds')
@Public()
class Birds {
  @Get()
  all() {
    return answer()
  }

  @Get('guarded')
  @RequireAuth()
  guarded() {
    return answer()
  }
}

class Parrots extends Birds {}
Controller('parrots')(Parrots)

@Controller({ path: 'tenants', host: ':tenant.example.com' })
class Tenants {
  @Get()
  all(@HostParam('tenant') _tenant: string) {
    return answer()
  }
}

@Controller({ path: 'staff', host: 'staff.example.com' })
class Staff {
  @Get()
  all() {
    return answer()
  }
}

@Controller('fish')
class Fish {
  @Get()
  all() {
    return answer()
  }
}

class Sea {}
Module({ controllers: [Fish] })(Sea)

class Root {}
Module({
  imports: [ClerkAuthModule.forRoot(), Sea, RouterModule.register([{ path: 'sea', module: Sea }])],
  controllers: [Cats, Dogs, Birds, Parrots, Tenants, Staff],
})(Root)

// oxlint-disable-next-line import/no-default-export -- as the command loads it
export default async function build() {
  const app = await create()
  app.setGlobalPrefix('api', { exclude: [{ path: 'dogs/open', method: RequestMethod.GET }] })
  app.enableVersioning({ type: VersioningType.HEADER, header: 'x-version' })
  app.getHttpAdapter().get('/raw', (_request, response: { send(body: unknown): void }) => response.send(answer()))
  return app
}

async function create() {
  if (process.env['PLATFORM'] !== 'fastify') return NestFactory.create(Root)
  const { FastifyAdapter } = await import('@nestjs/platform-fastify')
  return NestFactory.create(Root, new FastifyAdapter())
}
