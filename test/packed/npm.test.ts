import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  PACKAGES,
  entryPointsOf,
  packInto,
  root,
  versionsOf,
  versionsOfNest11,
  type Package,
  type Tarball,
} from './packages.js'
import { COMMONJS_ONLY, node, readJson, run, writeJson } from './run.js'
import { JEST, compile, hasTools, type TypeScriptVersion } from './tools.js'

// What users get: the tarballs, installed into a fresh project. `npm test` builds first.

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const ADAPTERS = ['express', 'fastify', 'hono', 'nestjs'] as const

const temporary = mkdtempSync(join(tmpdir(), 'clerk-auth-npm-'))
const project = join(temporary, 'project')
const pageFiles = readdirSync(join(root, 'packages/local/page')).map((file) => `page/${file}`)
const entryPoints = PACKAGES.flatMap(entryPointsOf)
/** Without the one that extends vitest's `test` when it is loaded, so that only vitest can load it. */
const loadable = entryPoints.filter(({ specifier }) => specifier !== '@clerk-auth/local/vitest')
let tarballs: Record<Package, Tarball>

// One install for the projects in its subfolders.
beforeAll(async () => {
  tarballs = await packInto(temporary)
  cpSync(join(import.meta.dirname, 'projects/npm'), project, { recursive: true })
  const ours = Object.entries(tarballs).map(([name, { path }]) => [`@clerk-auth/${name}`, `file:${path}`])
  const peers = [
    'express',
    'cors',
    'fastify',
    'hono',
    '@hono/node-server',
    '@opentelemetry/api',
    'reflect-metadata',
    'rxjs',
  ]
  const others = { ...versionsOf(...peers, '@types/express', '@types/node'), ...versionsOfNest11() }
  writeJson(join(project, 'package.json'), { private: true, dependencies: { ...Object.fromEntries(ours), ...others } })
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund'], project)
  // Only its types are needed, and it is large.
  symlinkSync(join(root, 'node_modules/vitest'), join(project, 'node_modules/vitest'))
})
afterAll(() => rmSync(temporary, { recursive: true, force: true }))

describe.each(PACKAGES)('the tarball of %s', (name) => {
  const contents = () => tarballs[name].files.map(({ path }) => path)
  const contentsOf = (extension: RegExp) => {
    const paths = contents().filter((path) => extension.test(path))
    return paths.map((path) => readFileSync(join(installed(name), path), 'utf8'))
  }

  it('contains only the build, the changelog, the licence and the README', () => {
    const others = contents().filter((path) => !path.startsWith('dist/'))
    const own = name === 'local' ? ['bin/clerk-auth-local.js', ...pageFiles] : []
    expect(others.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', ...own, 'package.json'].sort())
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
    await expect(node([...COMMONJS_ONLY, '-e', script], project)).resolves.toBe('')
  })
})

it.each([
  ['node', 'signature.node'],
  ['workerd', 'signature.web'],
  ['edge-light', 'signature.web'],
  ['browser', 'signature.web'],
])('core verifies, with the condition %s, using %s', async (condition, file) => {
  const under = ['--conditions', condition, ...COMMONJS_ONLY]
  const required = `require('@clerk-auth/core'); console.log(Object.keys(require.cache).join())`
  expect(await node([...under, '-e', required], project)).toContain(`${file}.cjs`)
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
  expect(await node([...COMMONJS_ONLY, '-e', script], project)).toBe('200 text/html; charset=utf-8 200\n')
})

describe('the entry points', () => {
  const exportsIn = async (format: 'esm' | 'cjs', ...flags: string[]) => {
    const specifiers = loadable.map(({ specifier }) => specifier)
    const output = await node([...flags, 'export-lists.js', ...specifiers], join(project, format))
    return JSON.parse(output) as Record<string, string[]>
  }

  it('export what exports.txt lists', async () => {
    const ofVitest = Object.keys(await import(join(root, 'packages/local/dist/vitest.js'))).sort()
    const lists = { ...(await exportsIn('esm')), '@clerk-auth/local/vitest': ofVitest }
    const sorted = Object.entries(lists).sort(([one], [other]) => (one < other ? -1 : 1))
    const text = sorted.map(([specifier, names]) => [specifier, ...names.map((name) => `  ${name}`)].join('\n'))
    await expect(`${text.join('\n\n')}\n`).toMatchFileSnapshot('exports.txt')
  })

  it('export the same from CommonJS and ES modules', async () => {
    expect(loadable.filter(({ isEsmOnly }) => isEsmOnly)).toEqual([])
    expect(await exportsIn('cjs', ...COMMONJS_ONLY)).toEqual(await exportsIn('esm'))
  })
})

describe.each(ADAPTERS)('a project with %s', (adapter) => {
  const statuses = async (format: string, ...flags: string[]) =>
    JSON.parse(await node([...flags, 'main.js', adapter], join(project, format))) as unknown

  it('with ES modules guards a route', async () => {
    expect(await statuses('esm')).toEqual([200, 401, 403])
  })

  it('with CommonJS modules guards a route', async () => {
    expect(await statuses('cjs', ...COMMONJS_ONLY)).toEqual([200, 401, 403])
  })
})

describe('a TypeScript project', () => {
  const node10 = { module: 'commonjs', moduleResolution: 'node10', experimentalDecorators: true }

  /** A file that imports every entry point. */
  function importAll(name: string, from = entryPoints): string {
    const imports = from.map(({ specifier }, index) => `import * as module${index} from '${specifier}'`)
    const used = from.map((_, index) => `module${index}`).join(', ')
    writeFileSync(join(project, name), `${imports.join('\n')}\nexport const all = [${used}]\n`)
    return name
  }

  it('with module resolution node10 shares one AuthError class among all packages', async () => {
    const folder = join(project, 'node10')
    const options = { ...node10, noEmit: false }
    expect(await compile(folder, { name: 'main', options, files: ['main.ts'] })).toEqual([])
    expect(await node([...COMMONJS_ONLY, 'main.js'], folder)).toBe('[true,true,true,true,true]\n')
  })

  it.runIf(hasTools).each<TypeScriptVersion>(['5.4', '5.5', '5.6', '5.7', '5.8', '5.9'])(
    'with TypeScript %s and module resolution node10 finds all types',
    async (typescript) => {
      const files = [importAll(`all-${typescript}.ts`)]
      expect(await compile(project, { typescript, name: `node10-${typescript}`, options: node10, files })).toEqual([])
    },
  )

  it.runIf(hasTools).each<TypeScriptVersion>(['5.4', '7.0'])(
    'with TypeScript %s and module resolution node16 finds all types, in ES modules and in CommonJS',
    async (typescript) => {
      const required = entryPoints.filter(({ isEsmOnly }) => !isEsmOnly)
      const files = [importAll(`all-${typescript}.mts`), importAll(`all-${typescript}.cts`, required)]
      const options = { module: 'node16', moduleResolution: 'node16' }
      expect(await compile(project, { typescript, name: `node16-${typescript}`, options, files })).toEqual([])
    },
  )

  it.runIf(hasTools).each<TypeScriptVersion>(['5.4', '7.0'])(
    'with TypeScript %s and module resolution bundler finds all types',
    async (typescript) => {
      const files = [importAll(`all-${typescript}-bundler.ts`)]
      const options = { module: 'esnext', moduleResolution: 'bundler' }
      expect(await compile(project, { typescript, name: `bundler-${typescript}`, options, files })).toEqual([])
    },
  )
})

describe.runIf(hasTools)('a Jest project without a configuration', () => {
  beforeAll(() => {
    const specifiers = loadable.map(({ specifier }) => specifier)
    writeJson(join(project, 'entry-points.json'), specifiers)
  })

  it('guards a route, and loads each entry point, in CommonJS', async () => {
    await expect(node([JEST, '--ci'], join(project, 'jest-cjs'))).resolves.toBe('')
  })

  it('guards a route, and loads each entry point, in ES modules', async () => {
    const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning']
    await expect(node([...flags, JEST, '--ci'], join(project, 'jest-esm'))).resolves.toBe('')
  })
})

it('the clerk-auth-local command is installed', async () => {
  const { version } = readJson(join(installed('local'), 'package.json')) as { version: string }
  const command = join(project, 'node_modules/.bin/clerk-auth-local')
  expect(await run(command, ['--version'], project)).toBe(`${version}\n`)
})

it('the calls at the start of the README are answered with 200, 403 and 401', async () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  writeFileSync(join(project, 'server.mjs'), /```js\n(.*?)```/s.exec(readme)?.[1] ?? '')
  const calls = readme.match(/^curl .*localhost:3001.*$/gm) ?? []
  const port = await freePort()
  const url = `http://localhost:${port}`
  const script = `
    node server.mjs & trap 'kill $!' EXIT
    until curl --silent --output /dev/null ${url}; do sleep 0.1; done
    ${calls.join('\n').replaceAll('http://localhost:3001', url)}`
  const command = join(project, 'node_modules/.bin/clerk-auth-local')
  const output = await run(command, ['--port', '0', '--', 'bash', '-c', script], project, { PORT: String(port) })
  expect(output.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 403', 'HTTP/1.1 401'])
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

function installed(name: string): string {
  return join(project, 'node_modules/@clerk-auth', name)
}
