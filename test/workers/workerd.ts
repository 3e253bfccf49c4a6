import { build } from 'esbuild'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

const root = resolve(import.meta.dirname, '../..')

/** The program and the newest compatibility date that it supports; `undefined` on unsupported platforms. */
export function findWorkerd(): { readonly path: string; readonly newestDate: string } | undefined {
  try {
    const workerd = createRequire(import.meta.url)('workerd') as { default: string; compatibilityDate: string }
    return { path: workerd.default, newestDate: workerd.compatibilityDate }
  } catch (error) {
    if (process.env['CI']) throw error
    return undefined
  }
}

export interface Workerd {
  readonly url: string
  /** What it has written to stderr: internal errors of workerd, among others. */
  readonly errors: () => string
  readonly stop: () => Promise<void>
}

/** Bundles the worker from the sources, as a bundler for Workers would, and serves it on loopback. */
export async function startWorkerd(path: string, compatibilityDate: string): Promise<Workerd> {
  const directory = mkdtempSync(join(tmpdir(), 'clerk-auth-workerd-'))
  await build({
    entryPoints: [join(import.meta.dirname, 'worker.ts')],
    outfile: join(directory, 'worker.js'),
    bundle: true,
    format: 'esm',
    target: 'es2023',
    conditions: ['workerd', 'worker', 'browser'],
    alias: {
      '#signature': join(root, 'packages/core/src/crypto/signature.web.ts'),
      '@clerk-auth/core/adapter': join(root, 'packages/core/src/adapter/index.ts'),
      '@clerk-auth/core': join(root, 'packages/core/src/index.ts'),
      '@clerk-auth/core/webhooks': join(root, 'packages/core/src/webhooks/index.ts'),
      '@clerk-auth/core/mcp': join(root, 'packages/core/src/mcp/index.ts'),
      '@clerk-auth/hono/webhooks': join(root, 'packages/hono/src/webhooks.ts'),
      '@clerk-auth/hono': join(root, 'packages/hono/src/index.ts'),
    },
  })
  const server = await serveScript(path, join(directory, 'worker.js'), compatibilityDate)
  return {
    ...server,
    stop: async () => {
      await server.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Serves a bundled worker on loopback. The configuration is written beside it. */
export async function serveScript(
  path: string,
  script: string,
  compatibilityDate: string,
  bindings: Readonly<Record<string, string>> = {},
): Promise<Workerd> {
  const directory = dirname(script)
  writeFileSync(join(directory, 'workerd.capnp'), configuration(basename(script), compatibilityDate, bindings))
  const workerd = spawn(path, ['serve', '--control-fd=3', 'workerd.capnp'], {
    cwd: directory,
    stdio: ['ignore', 'inherit', 'pipe', 'pipe'],
  })
  let errors = ''
  workerd.stderr!.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const url = `http://127.0.0.1:${await portOf(workerd)}`
  return { url, errors: () => errors, stop: () => end(workerd) }
}

// https://github.com/cloudflare/workerd/blob/main/src/workerd/server/workerd.capnp
function configuration(script: string, compatibilityDate: string, bindings: Readonly<Record<string, string>>): string {
  const texts = Object.entries(bindings).map(([name, text]) => `(name = "${name}", text = ${JSON.stringify(text)})`)
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    # Loopback counts as private. The issuer of a test listens there.
    (name = "internet", network = (allow = ["private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "worker")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "${script}")],
  compatibilityDate = "${compatibilityDate}",
  bindings = [${texts.join(', ')}],
);`
}

/** workerd writes a line of JSON to this descriptor for each socket that it listens on. */
async function portOf(workerd: ChildProcess): Promise<number> {
  for await (const line of createInterface(workerd.stdio[3] as Readable)) {
    const { event, port } = JSON.parse(line) as { event: string; port: number }
    if (event === 'listen') return port
  }
  throw new Error('workerd ended before it listened')
}

/** SIGTERM would wait for requests that never end. */
async function end(workerd: ChildProcess): Promise<void> {
  if (workerd.exitCode !== null) return
  const ended = once(workerd, 'exit')
  workerd.kill('SIGKILL')
  await ended
}
