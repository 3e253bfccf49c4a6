import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

// What users get: the tarballs, installed into separate projects. `npm test` builds first.

vi.setConfig({ testTimeout: 180_000, hookTimeout: 300_000 })

const PACKAGES = ['core', 'express', 'fastify', 'hono', 'local', 'redis'] as const
const ADAPTERS = ['express', 'fastify', 'hono'] as const
const PNPM = 'pnpm@10.34.8'
const JEST = '30.5.2'

const root = resolve(import.meta.dirname, '../..')
const temporary = mkdtempSync(join(tmpdir(), 'clerk-auth-packed-'))
const npmProject = join(temporary, 'npm')
const pnpmProject = join(temporary, 'pnpm')

interface Tarball {
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}
const tarballs: Record<string, Tarball> = {}
const pageFiles = readdirSync(join(root, 'packages/local/page')).map((file) => `page/${file}`)
const tarballOf = (name: string) => `file:${join(temporary, tarballs[name]!.filename)}`

beforeAll(async () => {
  const workspaces = PACKAGES.flatMap((name) => ['--workspace', `packages/${name}`])
  const packed = await run('npm', ['pack', '--json', '--pack-destination', temporary, ...workspaces], root)
  for (const tarball of JSON.parse(packed) as (Tarball & { name: string })[])
    tarballs[tarball.name.replace('@clerk-auth/', '')] = tarball

  for (const kind of ['npm', 'pnpm'])
    cpSync(join(import.meta.dirname, 'projects', kind), join(temporary, kind), { recursive: true })
  await Promise.all([installWithNpm(), installWithPnpm()])
})
afterAll(() => rmSync(temporary, { recursive: true, force: true }))

/** One install for the ESM, CommonJS, node10 and Jest projects, which are its subfolders. */
async function installWithNpm(): Promise<void> {
  const ours = Object.fromEntries(PACKAGES.map((name) => [`@clerk-auth/${name}`, tarballOf(name)]))
  const peers = ['express', 'fastify', 'hono', '@hono/node-server', '@opentelemetry/api']
  const frameworks = versionsOf(...peers, '@types/express', '@types/node')
  const dependencies = { ...ours, ...frameworks, jest: JEST }
  writeJson(join(npmProject, 'package.json'), { private: true, dependencies })
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund'], npmProject)
}

/** A project per adapter, which can import only packages in its own `package.json`. */
async function installWithPnpm(): Promise<void> {
  const overrides = { '@clerk-auth/core': tarballOf('core') }
  writeJson(join(pnpmProject, 'package.json'), { private: true, pnpm: { overrides } })
  for (const adapter of ADAPTERS) {
    const types = adapter === 'express' ? ['@types/express', '@types/node'] : ['@types/node']
    const dependencies = { [`@clerk-auth/${adapter}`]: tarballOf(adapter), ...versionsOf(adapter, ...types) }
    writeJson(join(pnpmProject, adapter, 'package.json'), { private: true, type: 'module', dependencies })
  }
  await run('npx', ['--yes', PNPM, 'install', '--prefer-offline', '--no-frozen-lockfile'], pnpmProject)
}

describe.each(PACKAGES)('the tarball of %s', (name) => {
  const contents = () => tarballs[name]!.files.map(({ path }) => path)
  const contentsOf = (extension: RegExp) => {
    const paths = contents().filter((path) => extension.test(path))
    return paths.map((path) => readFileSync(join(installed(name), path), 'utf8'))
  }

  it('contains only the build, the licence and the README', () => {
    const others = contents().filter((path) => !path.startsWith('dist/'))
    const own = name === 'local' ? ['bin/clerk-auth-local.js', ...pageFiles] : []
    expect(others.sort()).toEqual(['LICENSE', 'README.md', ...own, 'package.json'].sort())
    const known = /\.(c?js|d\.c?ts|json|md)$|^LICENSE$|^page\//
    expect(contents().filter((path) => !known.test(path))).toEqual([])
  })

  it('has no declarations that refer to sources', () => {
    const declarations = contentsOf(/\.d\.c?ts$/)
    expect(declarations.length).toBeGreaterThanOrEqual(2)
    expect(declarations.filter((text) => /#signature|\/src\//.test(text))).toEqual([])
  })

  it('can be required without support for ES modules', async () => {
    const modules = contents().filter((path) => path.endsWith('.cjs'))
    const script = modules.map((path) => `require(${JSON.stringify(join(installed(name), path))})`).join('\n')
    await expect(node([...COMMONJS_ONLY, '-e', script], npmProject)).resolves.toBe('')
  })
})

// Newer versions of Node can require ES modules. Jest and the older ones cannot.
const COMMONJS_ONLY = ['--no-experimental-require-module']

it.each([
  ['node', 'signature.node'],
  ['workerd', 'signature.web'],
  ['edge-light', 'signature.web'],
  ['browser', 'signature.web'],
])('core verifies, with the condition %s, using %s', async (condition, file) => {
  const under = ['--conditions', condition, ...COMMONJS_ONLY]
  const required = `require('@clerk-auth/core'); console.log(Object.keys(require.cache).join())`
  expect(await node([...under, '-e', required], npmProject)).toContain(`${file}.cjs`)
  // In a file inside core, because #signature is private to the package.
  const imported = `await import('@clerk-auth/core'); console.log(import.meta.resolve('#signature'))`
  writeFileSync(join(installed('core'), 'imported.js'), imported)
  expect(await node([...under, 'imported.js'], installed('core'))).toContain(`${file}.js`)
})

it.each([
  ['imported', "import('@clerk-auth/local')"],
  ['required', "Promise.resolve(require('@clerk-auth/local'))"],
])('a local instance that was %s shows its page', async (_, loaded) => {
  const script = `${loaded}.then(async ({ startLocalClerk }) => {
    const local = await startLocalClerk({ algorithm: 'ES256' })
    const page = await fetch(local.url)
    const style = await fetch(local.url + '/_local/page/page.css')
    console.log(page.status, page.headers.get('content-type'), style.status)
    await local.close()
  })`
  expect(await node([...COMMONJS_ONLY, '-e', script], npmProject)).toBe('200 text/html; charset=utf-8 200\n')
})

describe.each(ADAPTERS)('a project with %s', (adapter) => {
  const statuses = async (format: string, ...flags: string[]) =>
    JSON.parse(await node([...flags, 'main.js', adapter], join(npmProject, format))) as unknown

  it('with ES modules guards a route', async () => {
    expect(await statuses('esm')).toEqual([200, 401, 403])
  })

  it('with CommonJS modules guards a route', async () => {
    expect(await statuses('cjs', ...COMMONJS_ONLY)).toEqual([200, 401, 403])
  })
})

it('a TypeScript project with node10 module resolution finds all types, and one AuthError class', async () => {
  const project = join(npmProject, 'node10')
  const options = { module: 'commonjs', moduleResolution: 'node10', skipLibCheck: true, noEmit: false }
  await expect(compile(project, 'node10', options, ['main.ts'])).resolves.toBe('')
  expect(await node([...COMMONJS_ONLY, 'main.js'], project)).toBe('[true,true,true,true]\n')
})

it('a Jest project without a configuration guards a route', async () => {
  const jest = join(npmProject, 'node_modules/jest/bin/jest.js')
  await expect(node([jest, '--ci'], join(npmProject, 'jest'))).resolves.toBe('')
})

it('the clerk-auth-local command is installed', async () => {
  const { version } = readJson(join(installed('local'), 'package.json')) as { version: string }
  const command = join(npmProject, 'node_modules/.bin/clerk-auth-local')
  expect(await run(command, ['--version'], npmProject)).toBe(`${version}\n`)
})

describe.each(ADAPTERS)('a pnpm project with %s', (adapter) => {
  const project = join(pnpmProject, adapter)

  it('can import the adapter, but not core', async () => {
    const { resolve: resolveFrom } = createRequire(join(project, 'index.js'))
    expect(resolveFrom(`@clerk-auth/${adapter}`)).toContain('.pnpm')
    expect(() => resolveFrom('@clerk-auth/core')).toThrow(/Cannot find module/)
    const script = `await import('@clerk-auth/${adapter}')`
    await expect(node(['--input-type=module', '-e', script], project)).resolves.toBe('')
  })

  it('types claims, roles and permissions through the adapter, in ES modules and in CommonJS', async () => {
    cpSync(join(project, 'register.ts'), join(project, 'register.cts'))
    const options = { module: 'nodenext', moduleResolution: 'nodenext' }
    await expect(compile(project, 'nodenext', options, ['register.ts', 'register.cts'])).resolves.toBe('')
  })

  it('types claims, roles and permissions through the adapter, for a bundler', async () => {
    const options = { module: 'esnext', moduleResolution: 'bundler', skipLibCheck: true }
    await expect(compile(project, 'bundler', options, ['register.ts'])).resolves.toBe('')
  })

  it('has the same types as the sources', async () => {
    const files = [`${adapter}.ts`, 'type-of.ts']
    for (const file of files) cpSync(join(import.meta.dirname, '../types', file), join(project, 'types', file))
    const options = { module: 'nodenext', moduleResolution: 'nodenext', skipLibCheck: true }
    const paths = files.map((file) => `types/${file}`)
    await expect(compile(project, 'types', options, paths)).resolves.toBe('')
  })
})

/** Returns the compiler's errors. */
function compile(project: string, name: string, options: object, files: readonly string[]): Promise<string> {
  const config = join(project, `tsconfig.${name}.json`)
  const compilerOptions = { noEmit: true, ...options, strict: true, target: 'es2023', types: ['node'] }
  writeJson(config, { compilerOptions, files })
  return node([join(root, 'node_modules/typescript/bin/tsc'), '-p', config], project)
}

function installed(name: string): string {
  return join(npmProject, 'node_modules/@clerk-auth', name)
}

function node(args: readonly string[], cwd: string): Promise<string> {
  return run(process.execPath, args, cwd)
}

/** Runs a program and returns its output. If it fails, the output is in the error message. */
async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(CLERK|VITEST)/.test(name)))
  try {
    return (await promisify(execFile)(command, args, { cwd, env })).stdout
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`${command} failed: ${stdout}${stderr}`, { cause: error })
  }
}

/** The versions that this project uses itself. */
function versionsOf(...names: string[]): Record<string, string> {
  const version = (name: string) =>
    (readJson(join(root, 'node_modules', name, 'package.json')) as { version: string }).version
  return Object.fromEntries(names.map((name) => [name, version(name)]))
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'))
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, JSON.stringify(value))
}
