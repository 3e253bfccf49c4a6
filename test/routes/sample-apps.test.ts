import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { projectWith, runRoutes } from './command.js'

const apps = join(import.meta.dirname, 'apps')
const examples = resolve(import.meta.dirname, '../../examples')

/** Findings that were looked at, and values that the parameters of a path must have. */
const OPTIONS = {
  express: ['--allow', 'allow.txt', '--params', 'params.yaml'],
  fastify: ['--allow', 'allow.txt'],
  hono: [],
}

describe('the check of an application without a mistake', () => {
  it.concurrent.each(Object.entries(OPTIONS))('finds nothing on %s', { timeout: 120_000 }, async (name, options) => {
    const { exitCode, out } = await runRoutes(join(apps, name), ['app.js', '--check', ...options])
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: expect.stringMatching(/^.*: no findings$/m) })
  })

  it.concurrent('finds nothing on NestJS', { timeout: 120_000 }, async () => {
    const { exitCode, out } = await runRoutes(await compiled('nestjs'), ['app.js', '--check'])
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: expect.stringMatching(/^.*: no findings$/m) })
  })

  it.concurrent.each(['express.js', 'fastify.js', 'hono.js'])(
    'finds nothing in the example %s',
    { timeout: 120_000 },
    async (file) => {
      const { exitCode, out } = await runRoutes(examples, [file, '--check'], { PORT: '0' })
      expect({ exitCode, out }).toEqual({ exitCode: 0, out: expect.stringMatching(/^.*: no findings$/m) })
    },
  )

  it.concurrent.each(['fastify-logging.js', 'machine-api.js', 'pino-logging.js', 'prometheus.js'])(
    'finds nothing in the example %s, if it exports its application',
    { timeout: 120_000 },
    async (file) => {
      const text = readFileSync(join(examples, file), 'utf8')
      const folder = projectWith({
        'app.js': `${text}\nexport default app\n`,
        'event-logger.js': readFileSync(join(examples, 'event-logger.js'), 'utf8'),
      })
      const { exitCode, out } = await runRoutes(folder, ['app.js', '--check'], {
        PORT: '0',
        METRICS_PORT: '0',
        REPORTS_MACHINE_ID: 'mch_2xKq9Lw3bVn5TzR8mYc1DfG7hJk',
      })
      expect({ exitCode, out }).toEqual({ exitCode: 0, out: expect.stringMatching(/^.*: no findings$/m) })
    },
  )
})

/** A folder with a sample application, compiled from TypeScript. */
async function compiled(name: string): Promise<string> {
  const folder = projectWith({})
  await build({
    entryPoints: [join(apps, name, 'app.ts')],
    outfile: join(folder, 'app.js'),
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
    logLevel: 'silent',
  })
  return folder
}
