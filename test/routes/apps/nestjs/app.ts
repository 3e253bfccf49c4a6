import { RequestMethod, VersioningType, type INestApplication } from '@nestjs/common'
import { NestFactory, type AbstractHttpAdapter } from '@nestjs/core'
import { RootModule } from './root.module.js'

/** An API for a clinic. Every route has the guard that it should have. */
export default async function createApp(adapter?: AbstractHttpAdapter): Promise<INestApplication> {
  const options = { logger: false, abortOnError: false } as const
  const app = await (adapter
    ? NestFactory.create(RootModule, adapter, options)
    : NestFactory.create(RootModule, options))
  app.setGlobalPrefix('api', { exclude: [{ path: 'health', method: RequestMethod.GET }] })
  app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' })
  app.enableCors({ origin: 'https://clinic.example.com' })
  app.enableShutdownHooks()
  return app
}
