import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../../../..')
const apps = join(import.meta.dirname, 'apps')

interface AppFolder {
  readonly path: string
  readonly remove: () => void
}

/**
 * A project of a user: an application of `apps/`, or the text of one, and what it has installed.
 *
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

/** Adds an application of `apps/`. */
export function withApp(folder: AppFolder, name: string): string {
  const path = join(folder.path, name)
  cpSync(join(apps, name), path)
  return path
}
