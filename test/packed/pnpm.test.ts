import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { entryPointsOf, packInto, versionsOf, type Package } from './packages.js'
import { node, writeJson } from './run.js'
import { PNPM, compile, hasTools } from './tools.js'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 300_000 })

const PEERS: Record<Package, readonly string[]> = {
  core: ['@opentelemetry/api'],
  express: ['express', '@types/express'],
  fastify: ['fastify'],
  hono: ['hono'],
  local: [],
  nestjs: ['@nestjs/common', '@nestjs/core', '@nestjs/platform-express', 'reflect-metadata', 'rxjs'],
  redis: [],
}
const packages = Object.keys(PEERS) as Package[]
const dependants = packages.filter((name) => !['core', 'local'].includes(name))
const adapters = ['express', 'fastify', 'hono'] as const

const temporary = mkdtempSync(join(tmpdir(), 'clerk-auth-pnpm-'))
const workspace = join(temporary, 'workspace')

describe.runIf(hasTools)('a pnpm project', () => {
  // A project for each package, which can import only what its own package.json names.
  beforeAll(async () => {
    const tarballs = await packInto(temporary)
    cpSync(join(import.meta.dirname, 'projects/pnpm'), workspace, { recursive: true })
    const overrides = { '@clerk-auth/core': `file:${tarballs.core.path}` }
    writeJson(join(workspace, 'package.json'), { private: true, pnpm: { overrides } })
    for (const name of packages) {
      const others = versionsOf(...PEERS[name], '@types/node')
      const dependencies = { [`@clerk-auth/${name}`]: `file:${tarballs[name].path}`, ...others }
      cpSync(join(import.meta.dirname, 'projects/npm/export-lists.cjs'), join(workspace, 'export-lists.cjs'))
      cpSync(join(import.meta.dirname, 'projects/npm/esm/export-lists.js'), join(workspace, name, 'export-lists.js'))
      writeJson(join(workspace, name, 'package.json'), { private: true, type: 'module', dependencies })
    }
    await node([PNPM, 'install', '--prefer-offline', '--no-frozen-lockfile'], workspace)
  })
  afterAll(() => rmSync(temporary, { recursive: true, force: true }))

  it.each(packages)('can import each entry point of %s', async (name) => {
    const project = join(workspace, name)
    const specifiers = entryPointsOf(name).map(({ specifier }) => specifier)
    const loadable = specifiers.filter((specifier) => specifier !== '@clerk-auth/local/vitest')
    const lists = JSON.parse(await node(['export-lists.js', ...loadable], project)) as Record<string, string[]>
    expect(Object.keys(lists)).toEqual(loadable)
    expect(createRequire(join(project, 'index.js')).resolve(`@clerk-auth/${name}/package.json`)).toContain('.pnpm')
  })

  it.each(dependants)('with %s cannot import core, a dependency of it', (name) => {
    const { resolve } = createRequire(join(workspace, name, 'index.js'))
    expect(() => resolve('@clerk-auth/core')).toThrow(/Cannot find module/)
  })

  describe.each(adapters)('with %s', (adapter) => {
    const project = join(workspace, adapter)

    it('types claims, roles and permissions through the adapter, in ES modules and in CommonJS', async () => {
      cpSync(join(project, 'register.ts'), join(project, 'register.cts'))
      const options = { module: 'nodenext', moduleResolution: 'nodenext' }
      const files = ['register.ts', 'register.cts']
      expect(await compile(project, { name: 'nodenext', options, files })).toEqual([])
    })

    it('types claims, roles and permissions through the adapter, for a bundler', async () => {
      const options = { module: 'esnext', moduleResolution: 'bundler', skipLibCheck: true }
      expect(await compile(project, { name: 'bundler', options, files: ['register.ts'] })).toEqual([])
    })
  })

  it.each([...adapters, 'nestjs' as const])('with %s has the same types as the sources', async (adapter) => {
    const project = join(workspace, adapter)
    const names = [`${adapter}.ts`, 'type-of.ts']
    for (const name of names) cpSync(join(import.meta.dirname, '../types', name), join(project, 'types', name))
    const options = { module: 'nodenext', moduleResolution: 'nodenext', skipLibCheck: true }
    const files = names.map((name) => `types/${name}`)
    const experimentalDecorators = true
    expect(await compile(project, { name: 'types', options: { ...options, experimentalDecorators }, files })).toEqual(
      [],
    )
  })
})
