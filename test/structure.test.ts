import { readdirSync } from 'node:fs'
import { basename, dirname, relative, resolve } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

/** The folders of a package, from the lowest layer to the highest. Files outside a folder combine the folders below. */
const FOLDERS: Record<string, string[]> = {
  core: [
    'support',
    'crypto',
    'auth',
    'fleet',
    'token',
    'keys',
    'introspection',
    'kinds',
    'request',
    'guard',
    'config',
    'machine-client',
    '.',
    'adapter',
    'openapi',
    'shared',
    'otel',
    'webhooks',
    'mcp',
  ],
  local: [
    'support',
    'api',
    'model',
    'state',
    'credentials',
    'images',
    'outbox',
    'billing',
    'people',
    'answers',
    'tokens',
    'explain',
    'webhooks',
    'seed',
    'instance',
    'operations',
    'http',
    'bad-tokens',
    'control',
    'oauth',
    'doctor',
    '.',
    'routes',
    'command-line',
  ],
}

/** What core may import from other packages, and the files that do. Only the Node variant of `#signature` imports Node modules. */
const packagesOfCore: Record<string, string[]> = {
  '@opentelemetry/api': ['meter', 'otel-listener', 'traced-fetch'],
  'node:buffer': ['signature.node'],
  'node:crypto': ['signature.node'],
  // Only in `@clerk-auth/core/webhooks`.
  standardwebhooks: ['signing-secrets', 'webhook-receiver'],
}

const adapters = ['express', 'fastify', 'hono']

const root = resolve(import.meta.dirname, '..')
const files = Object.fromEntries(['core', 'local', ...adapters].map((name) => [name, filesOf(name)]))

describe.each(Object.keys(FOLDERS))('%s', (name) => {
  const folders = FOLDERS[name]!

  it('has exactly the listed folders', () => {
    expect([...new Set(files[name]!.map(folderOf))].sort()).toEqual(folders.toSorted())
  })

  it('imports only from the same folder and lower ones', () => {
    const wrong = files[name]!.flatMap((file) =>
      importedBy(file)
        .filter((imported) => folders.indexOf(folderOf(imported)) > folders.indexOf(folderOf(file)))
        .map((imported) => `${pathOf(file)} imports ${pathOf(imported)}`),
    )
    expect(wrong).toEqual([])
  })

  it('has no circular imports', () => {
    const cycles: string[] = []
    const done = new Set<string>()
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) cycles.push([...path, file].map(pathOf).join(' → '))
      if (done.has(file) || path.includes(file)) return
      for (const imported of importedBy(file)) visit(imported, [...path, file])
      done.add(file)
    }
    for (const file of files[name]!) visit(file, [])
    expect(cycles).toEqual([])
  })
})

describe('core', () => {
  it('imports only the listed packages, from the listed files', () => {
    const importers: Record<string, string[]> = {}
    for (const file of files['core']!)
      for (const specifier of importsOf(file).filter((one) => !/^[.#]/.test(one)))
        importers[specifier] = [...(importers[specifier] ?? []), nameOf(file)]
    expect(importers).toEqual(packagesOfCore)
  })

  it('calls fetch, and refers to the global one, only in the listed files', { timeout: 120_000 }, () => {
    const { calls, globals } = usesOfFetch()
    expect(calls).toEqual(['clerk-auth', 'http', 'machine-client', 'traced-fetch'])
    expect(globals).toEqual(['clerk-auth', 'machine-client', 'traced-fetch'])
  })
})

describe.each(adapters)('the adapter for %s', (adapter) => {
  it('imports core and no other package of ours', () => {
    const ours = files[adapter]!.flatMap(importsOf).filter((specifier) =>
      /^@clerk-auth\/(?!core(\/|$))/.test(specifier),
    )
    expect(ours).toEqual([])
    expect(importsOutOf(adapter)).toEqual([])
    const others = adapters.filter((other) => other !== adapter)
    expect(files[adapter]!.flatMap(importsOf).filter((specifier) => others.includes(specifier))).toEqual([])
  })
})

describe('local', () => {
  it('imports no other package of ours', () => {
    expect(files['local']!.flatMap(importsOf).filter((specifier) => /clerk-auth/.test(specifier))).toEqual([])
    expect(importsOutOf('local')).toEqual([])
  })
})

function filesOf(name: string): string[] {
  const folder = resolve(root, 'packages', name, 'src')
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  return found.map((file) => resolve(folder, file))
}

function nameOf(file: string): string {
  return basename(file, '.ts')
}

/** Everything that a file imports or re-exports, including types and `import()`. */
function importsOf(file: string): string[] {
  return ts.preProcessFile(ts.sys.readFile(file)!).importedFiles.map(({ fileName }) => fileName)
}

function folderOf(file: string): string {
  return dirname(pathOf(file)).split('/')[0]!
}

/** From the sources of its package, such as `keys/jwks.ts`. */
function pathOf(file: string): string {
  return relative(resolve(root, 'packages'), file).split('/').slice(2).join('/')
}

/** The files of a package that one of its files imports, including types. */
function importedBy(file: string): string[] {
  return importsOf(file).flatMap((specifier) => {
    if (specifier === '#signature')
      return ['node', 'web'].map((one) => resolve(root, `packages/core/src/crypto/signature.${one}.ts`))
    return specifier.startsWith('.') && !specifier.endsWith('.json')
      ? [resolve(file, '..', specifier.replace(/\.js$/, '.ts'))]
      : []
  })
}

/** Relative imports that leave a package. */
function importsOutOf(name: string): string[] {
  const folder = resolve(root, 'packages', name)
  return files[name]!.flatMap((file) =>
    importsOf(file).filter(
      (specifier) => specifier.startsWith('.') && relative(folder, resolve(file, '..', specifier)).startsWith('..'),
    ),
  )
}

/** The files of core that call something named `fetch`, and those that refer to the global one. */
function usesOfFetch(): { calls: string[]; globals: string[] } {
  const program = ts.createProgram(files['core']!, { module: ts.ModuleKind.NodeNext, types: ['node'] })
  const checker = program.getTypeChecker()
  const calls = new Set<string>()
  const globals = new Set<string>()

  for (const file of files['core']!) {
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node) && node.text === 'fetch') {
        const called = ts.isPropertyAccessExpression(node.parent) ? node.parent : node
        if (ts.isCallExpression(called.parent) && called.parent.expression === called) calls.add(nameOf(file))
        const symbol = ts.isBindingElement(node.parent)
          ? checker.getTypeAtLocation(node.parent.parent).getProperty('fetch')
          : checker.getSymbolAtLocation(node)
        const declarations = symbol?.declarations ?? []
        if (declarations.some((one) => !files['core']!.includes(one.getSourceFile().fileName)))
          globals.add(nameOf(file))
      }
      ts.forEachChild(node, visit)
    }
    visit(program.getSourceFile(file)!)
  }
  return { calls: [...calls].sort(), globals: [...globals].sort() }
}
