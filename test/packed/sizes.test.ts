import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { PACKAGES, packInto, root, type Package, type Tarball } from './packages.js'

// Each limit is about a tenth above the size in November 2026. Raise one only for a feature that is worth its bytes.
// `node bench/src/main.js size` prints the sizes. `npm test` builds first.

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })

/** Kilobytes (1000 bytes), compressed, as npm shows them. */
const TARBALL_LIMITS: Record<Package, number> = {
  core: 204,
  express: 10,
  fastify: 17,
  hono: 11,
  local: 510,
  nestjs: 13,
  redis: 8,
}

/** Kilobytes of an application's bundle, minified and gzipped, without the framework. */
const BUNDLE_LIMITS = [
  ['core', 'node', 38],
  ['express', 'node', 40],
  ['fastify', 'node', 42],
  ['hono', 'node', 41],
  ['hono', 'workerd', 41],
  ['nestjs', 'node', 42],
] as const

describe('the tarball', () => {
  const temporary = mkdtempSync(join(tmpdir(), 'clerk-auth-sizes-'))
  let tarballs: Record<Package, Tarball>
  beforeAll(async () => {
    tarballs = await packInto(temporary)
  })
  afterAll(() => rmSync(temporary, { recursive: true, force: true }))

  it.each(PACKAGES)('of %s is within its limit', (name) => {
    expect(tarballs[name].size / 1000).toBeLessThan(TARBALL_LIMITS[name])
  })

  // The code is published with its comments, unminified, so a stack trace can be read without one.
  it.each(PACKAGES)('of %s has no source maps, in files or inline', (name) => {
    const paths = tarballs[name].files.map(({ path }) => path)
    expect(paths.filter((path) => path.endsWith('.map'))).toEqual([])
    const dist = join(root, 'packages', name, 'dist')
    const built = readdirSync(dist)
    expect(built.length).toBeGreaterThan(3)
    expect(built.filter((file) => readFileSync(join(dist, file), 'utf8').includes('sourceMappingURL='))).toEqual([])
  })
})

it.each(BUNDLE_LIMITS)('a bundle with %s for %s is within its limit', async (name, condition, limit) => {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'packages', name, 'dist/index.js')],
    bundle: true,
    minify: true,
    write: false,
    logLevel: 'error',
    format: 'esm',
    platform: condition === 'node' ? 'node' : 'neutral',
    conditions: [condition],
    external: ['express', 'fastify', 'hono', '@nestjs/*', 'reflect-metadata'],
    // The build of core, and not its sources, to which `paths` of the repository leads.
    tsconfigRaw: {},
  })
  const kilobytes = gzipSync(outputFiles[0]!.contents).length / 1000
  expect(kilobytes).toBeLessThan(limit)
  // A limit far above the size does not limit it.
  expect(kilobytes).toBeGreaterThan(limit * 0.75)
})
