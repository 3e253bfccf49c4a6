import { readdirSync } from 'node:fs'
import { basename, relative, resolve } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

/** The files of core, from the bottom to the top. A file imports from the floors below its own, types too. */
const floors: string[][] = [
  ['unpolluted'],
  // Words and tools that stand alone
  ['auth-source', 'base64url', 'clock', 'declaration', 'errors', 'eventually', 'http', 'json', 'patience', 'register'],
  ['shared-call', 'size-in-memory', 'warning'],
  ['clock-skew'],
  // One table or one rule each
  ['algorithms', 'authorization', 'breaker', 'budget', 'challenge', 'claims', 'local-issuer'],
  ['lane'],
  ['mint-machine-token', 'opaque-token', 'organization', 'reverification', 'slots', 'token-bucket'],
  ['absent-kids', 'has', 'signature.node', 'signature.web', 'verified-cache'],
  // What is in a token, in a key, and in the hands of a handler
  ['auth', 'jwk', 'jws'],
  ['accepts-token', 'credential', 'impersonation', 'jwks', 'jwt-key', 'machine-auth', 'machine-scope'],
  ['remote-verdicts', 'requirement-rules', 'session-auth', 'session-cookie'],
  ['events', 'token-reader'],
  // Where keys come from, and what Clerk says
  ['fetch-key-set', 'introspection', 'key-source', 'requirement'],
  // A token, verified
  ['ask-clerk', 'authenticate', 'remote-keys', 'verify-jwt'],
  ['read-m2m', 'read-oauth', 'read-session', 'read-template', 'verify-remote'],
  // Options put it all together
  ['sdk-options'],
  ['options'],
  ['environment', 'origins'],
  ['machine-client', 'settings'],
  ['outages', 'verifiers'],
  ['clerk-auth'],
  // What others import
  ['adapter', 'index'],
]

/** What core may import from outside, and the files that do: nothing of Node but where `#signature` chooses it. */
const packagesOfCore: Record<string, string[]> = {
  'lru-cache': ['absent-kids', 'remote-verdicts', 'verified-cache'],
  'node:buffer': ['signature.node'],
  'node:crypto': ['signature.node'],
}

const adapters = ['express', 'fastify', 'hono']

const root = resolve(import.meta.dirname, '..')
const files = Object.fromEntries(['core', 'local', ...adapters].map((name) => [name, filesOf(name)]))
const floorOf = new Map(floors.flatMap((names, floor) => names.map((name) => [name, floor] as const)))

describe('core', () => {
  it('has every file on exactly one floor', () => {
    expect(floors.flat().sort()).toEqual(files['core']!.map(nameOf).sort())
  })

  it('imports from the floors below only', () => {
    const wrong = files['core']!.flatMap((file) =>
      importsOf(file)
        .flatMap((specifier) => modulesOfCore(specifier))
        .filter((imported) => !(floorOf.get(imported)! < floorOf.get(nameOf(file))!))
        .map((imported) => `${nameOf(file)} imports ${imported}`),
    )
    expect(wrong).toEqual([])
  })

  it('imports no framework, and no package but these from these files', () => {
    const importers: Record<string, string[]> = {}
    for (const file of files['core']!)
      for (const specifier of importsOf(file).filter((one) => !/^[.#]/.test(one)))
        importers[specifier] = [...(importers[specifier] ?? []), nameOf(file)]
    expect(importers).toEqual(packagesOfCore)
  })

  it(
    'calls fetch in http alone, and names the global one where it is the default of an option',
    { timeout: 120_000 },
    () => {
      const { calls, globals } = usesOfFetch()
      // The machine client calls other services, which is what it is for.
      expect(calls).toEqual(['clerk-auth', 'http', 'machine-client'])
      expect(globals).toEqual(['clerk-auth', 'machine-client'])
    },
  )
})

describe.each(adapters)('the adapter for %s', (adapter) => {
  it('imports core and its framework, and no other package of ours', () => {
    const ours = files[adapter]!.flatMap(importsOf).filter((specifier) => specifier.startsWith('@clerk-auth/'))
    expect([...new Set(ours)].sort()).toEqual(['@clerk-auth/core', '@clerk-auth/core/adapter'])
    expect(importsOutOf(adapter)).toEqual([])
    const others = adapters.filter((other) => other !== adapter)
    expect(files[adapter]!.flatMap(importsOf).filter((specifier) => others.includes(specifier))).toEqual([])
  })
})

describe('local', () => {
  it('imports nothing of ours', () => {
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

/** Everything that a file imports or re-exports, types and `import()` too. */
function importsOf(file: string): string[] {
  return ts.preProcessFile(ts.sys.readFile(file)!).importedFiles.map(({ fileName }) => fileName)
}

function modulesOfCore(specifier: string): string[] {
  if (specifier === '#signature') return ['signature.node', 'signature.web']
  return specifier.startsWith('.') ? [basename(specifier, '.js')] : []
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

/** The files of core in which something named `fetch` is called, and those that name the global one. */
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
