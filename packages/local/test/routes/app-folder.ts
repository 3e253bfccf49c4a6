import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import ts from 'typescript'

const root = resolve(import.meta.dirname, '../../../..')

interface AppFolder {
  readonly path: string
  readonly remove: () => void
}

/**
 * A project of a user, outside of this repository.
 *
 * @param files texts by name
 * @param packages names, or a name and that of the package in this repository: `['fastify', 'fastify4']`
 */
export function appFolder(
  files: Readonly<Record<string, string>>,
  packages: readonly (string | readonly [string, string])[] = [],
): AppFolder {
  const path = mkdtempSync(join(tmpdir(), 'clerk-auth-app-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  for (const one of packages) {
    const [name, installed] = typeof one === 'string' ? [one, one] : one
    const link = join(path, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(root, 'node_modules', installed), link)
  }
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** Adds an application of `apps/`, compiled to an ES module. */
export function addApp({ path }: AppFolder, name: string): string {
  const source = readFileSync(join(import.meta.dirname, 'apps', `${name}.ts`), 'utf8')
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, experimentalDecorators: true },
  })
  const file = join(path, `${name}.mjs`)
  writeFileSync(file, outputText)
  return file
}
