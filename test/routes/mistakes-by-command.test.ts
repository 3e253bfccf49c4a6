import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import express from 'express'
import { fastify } from 'fastify'
import { describe, expect, it } from 'vitest'
import { projectWith, runRoutes } from './command.js'
import { expressMistakes } from './mistakes/express.js'
import { fastifyMistakes } from './mistakes/fastify.js'
import { honoMistakes } from './mistakes/hono.js'
import { begins, type Mistake } from './mistakes/mistake.js'
import { nestjsMistakes } from './mistakes/nestjs.js'

const root = resolve(import.meta.dirname, '../..')
const mistakesOf = (file: string) => pathToFileURL(join(import.meta.dirname, 'mistakes', file)).href

/** Files that export the application with the mistake of a number, or as it was before. */
const FRAMEWORKS: Record<string, { readonly mistakes: readonly Mistake[]; readonly code: string }> = {
  'Express 5': {
    mistakes: expressMistakes(express, '/{*path}'),
    code: `import express from 'express'
      import { expressMistakes } from '${mistakesOf('express.js')}'
      const mistakes = expressMistakes(express, express.application.lazyrouter ? '*' : '/{*path}')`,
  },
  'Fastify 5': {
    mistakes: fastifyMistakes(fastify),
    code: `import { fastify } from 'fastify'
      import { fastifyMistakes } from '${mistakesOf('fastify.js')}'
      const mistakes = fastifyMistakes(fastify)`,
  },
  Hono: {
    mistakes: honoMistakes,
    code: `import { honoMistakes as mistakes } from '${mistakesOf('hono.js')}'`,
  },
  NestJS: {
    mistakes: nestjsMistakes(() => undefined),
    code: `import { nestjsMistakes } from '${mistakesOf('nestjs.js')}'
      const mistakes = nestjsMistakes(() => undefined)`,
  },
}
FRAMEWORKS['Express 4'] = FRAMEWORKS['Express 5']!

/** A few of each framework; test/routes/mistakes.test.ts has all of them. */
const EVERY = 25

describe.each(Object.entries(FRAMEWORKS))('the command reports, in an application on %s, that', (framework, one) => {
  const sample = one.mistakes.map((mistake, i) => ({ ...mistake, i })).filter(({ i }) => i % EVERY === EVERY - 2)
  it.concurrent.each([...sample, { ...one.mistakes.at(-1)!, i: one.mistakes.length - 1 }])(
    '$name',
    { timeout: 120_000 },
    async ({ i, before, finds }) => {
      const folder = projectWith({
        'app.js': `${one.code}\nexport default mistakes[${i}].app`,
        'before.js': `${one.code}\nexport default mistakes[${i}].before`,
      })
      if (framework === 'Express 4') withExpress4(folder)
      if (before) await runRoutes(folder, ['before.js', '--write-snapshot', 'routes.md'])
      const compared = before ? ['--snapshot', 'routes.md'] : []
      const { exitCode, out } = await runRoutes(folder, ['app.js', '--check', ...compared])
      expect(exitCode).toBe(1)
      const lines = out.split('\n')
      expect(finds.filter((expected) => !lines.some((line) => begins(line, expected)))).toEqual([])
    },
  )
})

/** Makes `express` version 4 in this folder. */
function withExpress4(folder: string): void {
  const modules = join(folder, 'node_modules')
  rmSync(modules)
  mkdirSync(modules)
  symlinkSync(join(root, 'node_modules/express4'), join(modules, 'express'))
  symlinkSync(join(root, 'node_modules/@clerk-auth'), join(modules, '@clerk-auth'))
}
