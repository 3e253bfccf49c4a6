import { build, type BuildOptions } from 'esbuild'
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

const here = join(import.meta.dirname, '..')
const binary = (path: string) => join(here, 'node_modules', path)

const FRAMEWORKS = ['Express 5', 'Fastify 5'] as const
const FETCH = ['core', 'Hono'] as const

export interface Runtime {
  readonly program: string
  readonly arguments: readonly string[]
  /** Which apps run on it: those of the contract by name, and `core`. */
  readonly targets: readonly string[]
}

/** By name. The programs are npm packages. */
export const RUNTIMES = {
  'Node 20': nodeOf('node20'),
  'Node 22': nodeOf('node22'),
  'Node 24': nodeOf('node24'),
  'Node 26': nodeOf('node26'),
  Bun: { program: binary('@oven/bun-linux-x64/bin/bun'), arguments: ['run'], targets: [...FETCH, ...FRAMEWORKS] },
  Deno: {
    program: binary('@deno/linux-x64-glibc/deno'),
    arguments: ['run', '--allow-all', '--no-lock', '--node-modules-dir=manual', '--quiet'],
    targets: [...FETCH, ...FRAMEWORKS],
  },
  workerd: {
    program: binary('@cloudflare/workerd-linux-64/bin/workerd'),
    arguments: ['serve', '--control-fd=3'],
    targets: FETCH,
  },
} as const satisfies Record<string, Runtime>

export type RuntimeName = keyof typeof RUNTIMES

function nodeOf(name: string): Runtime {
  return { program: binary(`${name}/bin/node`), arguments: ['--enable-source-maps'], targets: FETCH }
}

/** Where a runtime listens: for commands, and in workerd for the requests of each app. */
export interface Ports {
  readonly control: number
  /** Empty if each app has a port of its own. */
  readonly sockets: readonly number[]
}

/** Starts the runtime with the apps of the contract, over the built packages. */
export async function startRuntime(name: RuntimeName): Promise<{ readonly ports: Ports; readonly stop: () => void }> {
  const { program, arguments: given } = RUNTIMES[name]
  const isWorkerd = name === 'workerd'
  const directory = join(here, 'dist', name.replace(' ', '-').toLowerCase())
  mkdirSync(directory, { recursive: true })
  await build({ ...(isWorkerd ? FOR_WORKERD : FOR_PROCESSES), outfile: join(directory, 'app.mjs') })
  if (isWorkerd) writeFileSync(join(directory, 'workerd.capnp'), configuration())
  const child = spawn(program, [...given, isWorkerd ? 'workerd.capnp' : 'app.mjs'], {
    cwd: directory,
    stdio: ['ignore', isWorkerd ? 'inherit' : 'pipe', 'inherit', 'pipe'],
  })
  return {
    ports: await (isWorkerd ? portsOfWorkerd(child) : portsOfProcess(child)),
    stop: () => void child.kill('SIGKILL'),
  }
}

const shared = { bundle: true, format: 'esm', target: 'es2023', logLevel: 'warning' } as const satisfies BuildOptions
/** The packages are not bundled: the runtime resolves them, as for a user. */
const FOR_PROCESSES: BuildOptions = {
  ...shared,
  entryPoints: [join(here, 'src/process.ts')],
  packages: 'external',
  platform: 'node',
}
const FOR_WORKERD: BuildOptions = {
  ...shared,
  entryPoints: [join(here, 'src/worker.ts')],
  conditions: ['workerd', 'worker', 'browser'],
}

async function portsOfProcess(child: ChildProcess): Promise<Ports> {
  for await (const line of createInterface(child.stdout!)) return { control: Number(line), sockets: [] }
  throw new Error(`${child.spawnfile} ended before it listened`)
}

const SOCKETS = 64

/** workerd writes a line of JSON to a file descriptor for each socket that it listens on. */
async function portsOfWorkerd(child: ChildProcess): Promise<Ports> {
  const ports: Record<string, number> = {}
  for await (const line of createInterface(child.stdio[3] as Readable)) {
    const { event, socket, port } = JSON.parse(line) as { event: string; socket: string; port: number }
    if (event === 'listen') ports[socket] = port
    if (Object.keys(ports).length > SOCKETS)
      return { control: ports['control']!, sockets: Array.from({ length: SOCKETS }, (_, i) => ports[String(i)]!) }
  }
  throw new Error('workerd ended before it listened')
}

function configuration(): string {
  const { compatibilityDate } = createRequire(import.meta.url)('workerd') as { compatibilityDate: string }
  const names = ['control', ...Array.from({ length: SOCKETS }, (_, i) => String(i))]
  const sockets = names.map(
    (name) => `    (name = "${name}", address = "127.0.0.1:0", service = "worker",
      http = (injectRequestHeaders = [(name = "x-socket", value = "${name}")])),`,
  )
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    # Loopback counts as private. The issuer of a test listens there.
    (name = "internet", network = (allow = ["private"])),
  ],
  sockets = [
${sockets.join('\n')}
  ],
);
const worker :Workerd.Worker = (
  modules = [(name = "app.mjs", esModule = embed "app.mjs")],
  compatibilityDate = "${compatibilityDate}",
);`
}
