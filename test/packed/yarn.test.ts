import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { PACKAGES, entryPointsOf, packInto, versionsOf } from './packages.js'
import { node, writeJson } from './run.js'
import { YARN, hasTools } from './tools.js'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 300_000 })

const temporary = mkdtempSync(join(tmpdir(), 'clerk-auth-yarn-'))
const project = join(temporary, 'project')

// There is no node_modules: a package can import only what its own package.json names.
describe.runIf(hasTools)('a Yarn project with Plug’n’Play', () => {
  const yarn = (...args: string[]) => node([YARN, ...args], project)

  beforeAll(async () => {
    const tarballs = await packInto(temporary)
    for (const name of ['npm', 'yarn'])
      cpSync(join(import.meta.dirname, 'projects', name), project, { recursive: true })
    const ours = Object.fromEntries(PACKAGES.map((name) => [`@clerk-auth/${name}`, `file:${tarballs[name].path}`]))
    const nest = ['@nestjs/common', '@nestjs/core', '@nestjs/platform-express', 'reflect-metadata', 'rxjs']
    const others = versionsOf('express', 'fastify', 'hono', '@hono/node-server', '@opentelemetry/api', ...nest)
    const resolutions = { '@clerk-auth/core': ours['@clerk-auth/core'] }
    writeJson(join(project, 'package.json'), { private: true, dependencies: { ...ours, ...others }, resolutions })
    await yarn('install', '--mode', 'skip-build')
  })
  afterAll(() => rmSync(temporary, { recursive: true, force: true }))

  it('can import each entry point of all packages', async () => {
    const specifiers = PACKAGES.flatMap(entryPointsOf).map(({ specifier }) => specifier)
    const loadable = specifiers.filter((specifier) => specifier !== '@clerk-auth/local/vitest')
    const lists = JSON.parse(await yarn('node', 'esm/export-lists.js', ...loadable)) as Record<string, string[]>
    expect(Object.keys(lists)).toEqual(loadable)
  })

  // NestJS 12 consists of ES modules.
  it.each([
    ['esm', 'express'],
    ['esm', 'fastify'],
    ['esm', 'hono'],
    ['esm', 'nestjs'],
    ['cjs', 'express'],
    ['cjs', 'fastify'],
    ['cjs', 'hono'],
  ])('guards a route: %s, %s', async (format, adapter) => {
    expect(JSON.parse(await yarn('node', `${format}/main.js`, adapter))).toEqual([200, 401, 403])
  })
})
