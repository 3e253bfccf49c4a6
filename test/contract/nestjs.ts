import {
  All,
  Catch,
  Controller,
  createParamDecorator,
  Get,
  HttpCode,
  HttpException,
  type ArgumentsHost,
  type ExecutionContext,
  type INestApplication,
  type Type,
} from '@nestjs/common'
import { APP_FILTER, BaseExceptionFilter, HttpAdapterHost, NestFactory, type AbstractHttpAdapter } from '@nestjs/core'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { ClerkAuthModule, getAuth, getToken, Public, RequireAuth } from '@clerk-auth/nestjs'
import { answerOf, names, UNUSED_CALLERS, type App } from './app.js'
import { requirements, type Callers, type RequirementName } from './requirements.js'
import type { Served } from './targets.js'

export const PLATFORMS = {
  Express: (root: object) => NestFactory.create(root as Type, QUIET),
  Fastify: (root: object) => {
    const adapter = new FastifyAdapter()
    // Nest runs guards after the body has been parsed: without this, other media types than JSON get 415 before that.
    adapter.getInstance().addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    return NestFactory.create(root as Type, adapter, QUIET)
  },
} satisfies Record<string, (root: object) => Promise<INestApplication>>

const QUIET = { logger: false, abortOnError: false } as const

/** The routes of the contract, in a NestJS application. */
export function serveNest(create: (root: object) => Promise<INestApplication>): (app: App) => Promise<Served> {
  return async ({ clerk, seen = [], callers = UNUSED_CALLERS }) => {
    class Root {}
    const app = await create({
      module: Root,
      imports: clerk.map((options) => ClerkAuthModule.forRoot(options)),
      providers: [
        {
          provide: APP_FILTER,
          inject: [HttpAdapterHost],
          useFactory: ({ httpAdapter }: HttpAdapterHost) => filterOf(seen, httpAdapter),
        },
      ],
      controllers: [Routes, ...names.map((name) => controllerOf(name, callers))],
    })
    await app.listen(0, '127.0.0.1')
    return { url: await app.getUrl(), close: () => app.close() }
  }
}

const Answer = createParamDecorator((_: unknown, context: ExecutionContext) =>
  answerOf(getAuth(context), getToken(context)),
)
const Named = createParamDecorator((_: unknown, context: ExecutionContext) =>
  answerOf(getAuth(context, Admin), getToken(context)),
)
const [Admin, SignedIn] = [RequireAuth({ role: 'org:admin' }), RequireAuth()]

@Controller()
class Routes {
  @Get('public')
  @Public()
  open(@Answer() answer: unknown) {
    return answer
  }

  @Get('health')
  @Public()
  health(@Answer() answer: unknown) {
    return answer
  }

  @All('me')
  me(@Answer() answer: unknown) {
    return answer
  }

  @Get('named/passed')
  @Admin
  passed(@Named() answer: unknown) {
    return answer
  }

  @Get('named/outer')
  @SignedIn
  @Admin
  outer(@Named() answer: unknown) {
    return answer
  }

  @Get('named/unguarded')
  @Public()
  unguarded(@Named() answer: unknown) {
    return answer
  }

  @Get('named/other')
  @SignedIn
  other(@Named() answer: unknown) {
    return answer
  }
}

function controllerOf(name: RequirementName, callers: Callers): Type {
  const orgId = (context: ExecutionContext) => context.switchToHttp().getRequest<Request>().params.orgId

  @Controller(name)
  class Guarded {
    @All(':orgId')
    @HttpCode(200)
    @RequireAuth(requirements[name](orgId, callers))
    answer(@Answer() answer: unknown) {
      return answer
    }
  }
  return Guarded
}

interface Request {
  readonly params: { readonly orgId: string }
}

/** The application's own filter. It gets refusals only if the options say that the application answers them. */
function filterOf(seen: unknown[], http: AbstractHttpAdapter): BaseExceptionFilter {
  @Catch()
  class Filter extends BaseExceptionFilter {
    override catch(exception: unknown, host: ArgumentsHost) {
      const isException = exception instanceof HttpException
      // oxlint-disable-next-line promise/valid-params -- not a promise
      if (isException && exception.getStatus() === 404) return super.catch(exception, host)
      seen.push(isException ? exception.cause : exception)
      const status = isException ? exception.getStatus() : 500
      http.reply(host.switchToHttp().getResponse(), { handledBy: 'the application' }, status)
    }
  }
  return new Filter(http)
}
