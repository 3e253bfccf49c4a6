// Measures what a package adds to an application: its bundle, and what npm installs.
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { printTable, progress } from './report.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const FRAMEWORKS = ['express', 'fastify', 'hono']

/** What an application with a guarded route imports. */
const IMPORTS = {
  '@clerk-auth/core': ['createClerkAuth', 'checkRequirement', 'toChallenge'],
  '@clerk/backend': ['createClerkClient'],
  '@clerk-auth/express': ['clerkAuth', 'requireAuth', 'getAuth'],
  '@clerk/express': ['clerkMiddleware', 'getAuth'],
  '@clerk-auth/fastify': ['clerkAuth', 'requireAuth', 'getAuth'],
  '@clerk/fastify': ['clerkPlugin', 'getAuth'],
  '@clerk-auth/hono': ['clerkAuth', 'requireAuth', 'getAuth'],
  '@clerk/hono': ['clerkMiddleware', 'getAuth'],
}

export async function packageSizes() {
  const rows = []
  for (const [name, imports] of Object.entries(IMPORTS)) {
    progress(`bundling ${name}`)
    const bundle = await bundleOf(name, imports)
    const installed = await Promise.all(installedWith(name).map(sizeOfPackage))
    const total = installed.reduce((sum, size) => sum + size, 0)
    rows.push([
      `${name} ${manifestIn(folderOf(name, root)).version}`,
      kilobytes(bundle.length),
      kilobytes(gzipSync(bundle).length),
      (total / 1000).toFixed(0),
      String(installed.length),
    ])
  }
  printTable(
    'Sizes in KB of 1000 bytes, without the framework',
    ['', 'bundle, minified', 'and gzipped', 'installed', 'packages'],
    rows,
  )
}

/**
 * @param {string} name
 * @param {readonly string[]} imports
 */
async function bundleOf(name, imports) {
  const { outputFiles } = await build({
    stdin: { contents: `export { ${imports.join(', ')} } from '${name}'`, resolveDir: root },
    bundle: true,
    minify: true,
    write: false,
    logLevel: 'error',
    format: 'esm',
    platform: 'node',
    external: FRAMEWORKS,
    // The build of core, and not its sources, to which `paths` of the repository leads.
    tsconfigRaw: {},
  })
  const [file] = outputFiles
  if (!file) throw new Error(`no bundle of ${name}`)
  return file.contents
}

/**
 * The folders of a package and its dependencies, direct and indirect. Peers are the application's own.
 *
 * @param {string} name
 */
function installedWith(name) {
  /** @type {Set<string>} */
  const folders = new Set()
  const visit = (/** @type {string} */ folder) => {
    if (folders.has(folder)) return
    folders.add(folder)
    for (const dependency of Object.keys(manifestIn(folder).dependencies ?? {})) visit(folderOf(dependency, folder))
  }
  visit(folderOf(name, root))
  return [...folders]
}

/**
 * Where Node finds a package, also if its `exports` do not have its `package.json`.
 *
 * @param {string} name
 * @param {string} from
 * @returns {string}
 */
function folderOf(name, from) {
  const folder = join(from, 'node_modules', name)
  if (existsSync(join(folder, 'package.json'))) return folder
  if (dirname(from) === from) throw new Error(`${name} is not installed`)
  return folderOf(name, dirname(from))
}

/**
 * @param {string} folder
 * @returns {{ name: string, version: string, dependencies?: Record<string, string> }}
 */
function manifestIn(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}

/** @param {string} folder */
async function sizeOfPackage(folder) {
  const { name } = manifestIn(folder)
  if (!name.startsWith('@clerk-auth/')) return sizeOfFolder(folder)
  // The folder of a workspace also has its sources.
  const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--json', '--workspace', name], {
    cwd: root,
  })
  return /** @type {number} */ (JSON.parse(stdout)[0].unpackedSize)
}

/**
 * @param {string} folder
 * @returns {number}
 */
function sizeOfFolder(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.name !== 'node_modules')
    .map((entry) => join(entry.parentPath, entry.name))
    .reduce((sum, path) => sum + (statSync(path).isDirectory() ? sizeOfFolder(path) : statSync(path).size), 0)
}

/** @param {number} bytes */
const kilobytes = (bytes) => (bytes / 1000).toFixed(1)
