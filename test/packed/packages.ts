import { join, resolve } from 'node:path'
import { readJson, run } from './run.js'

export const root = resolve(import.meta.dirname, '../..')

export const PACKAGES = ['core', 'express', 'fastify', 'hono', 'local', 'nestjs', 'redis'] as const
export type Package = (typeof PACKAGES)[number]

export interface Tarball {
  readonly path: string
  /** bytes */
  readonly size: number
  readonly files: readonly { readonly path: string; readonly size: number }[]
}

/** What `npm publish` would upload, from the last build. */
export async function packInto(folder: string): Promise<Record<Package, Tarball>> {
  const workspaces = PACKAGES.flatMap((name) => ['--workspace', `packages/${name}`])
  const output = await run('npm', ['pack', '--json', '--pack-destination', folder, ...workspaces], root)
  const packed = JSON.parse(output) as (Tarball & { name: string; filename: string })[]
  const entries = packed.map(({ name, filename, size, files }) => {
    return [name.replace('@clerk-auth/', ''), { path: join(folder, filename), size, files }]
  })
  return Object.fromEntries(entries) as Record<Package, Tarball>
}

export interface EntryPoint {
  /** such as `@clerk-auth/core/adapter` */
  readonly specifier: string
  readonly isEsmOnly: boolean
}

export function entryPointsOf(name: Package): EntryPoint[] {
  const { exports } = readJson(join(root, 'packages', name, 'package.json')) as { exports: Record<string, object> }
  return Object.entries(exports)
    .filter(([path]) => path !== './package.json')
    .map(([path, target]) => ({
      specifier: `@clerk-auth/${name}${path.slice(1)}`,
      isEsmOnly: !('require' in target),
    }))
}

/** The versions that this repository has installed. */
export function versionsOf(...names: string[]): Record<string, string> {
  const version = (name: string) =>
    (readJson(join(root, 'node_modules', name, 'package.json')) as { version: string }).version
  return Object.fromEntries(names.map((name) => [name, version(name)]))
}

/** NestJS 11, which CommonJS projects use: 12 consists of ES modules. */
export function versionsOfNest11(): Record<string, string> {
  const lock = readJson(join(root, 'test/nest11/package-lock.json')) as {
    packages: Record<string, { version: string }>
  }
  const names = ['common', 'core', 'platform-express'].map((name) => `@nestjs/${name}`)
  return Object.fromEntries(names.map((name) => [name, lock.packages[`node_modules/${name}`]!.version]))
}
