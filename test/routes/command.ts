import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const temporary = mkdtempSync(join(tmpdir(), 'clerk-auth-routes-'))
afterAll(() => rmSync(temporary, { recursive: true }))
const bin = join(root, 'packages/local/bin/clerk-auth-local.js')

export interface Ran {
  readonly exitCode: number | null
  readonly out: string
  readonly err: string
  /** What the application appended to the file that `PIDS` in its environment names. */
  readonly written: readonly string[]
  /** The processes that wrote their ids there and are still running. */
  readonly left: readonly number[]
}

export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ran>
  /** Settles when the application has written the line. */
  readonly wrote: (line: string) => Promise<void>
}

/** Starts the built command in a folder, as a user does. */
export function startRoutes(folder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const pids = join(mkdtempSync(join(temporary, 'run-')), 'pids')
  writeFileSync(pids, '')
  const child = spawn(process.execPath, [bin, 'routes', ...args], {
    cwd: folder,
    env: { ...process.env, PIDS: pids, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, err] = [textOf(child.stdout), textOf(child.stderr)]
  const written = () => readFileSync(pids, 'utf8').split('\n')
  const ended = once(child, 'close').then(async ([exitCode]: (number | null)[]): Promise<Ran> => ({
    exitCode: exitCode ?? null,
    out: out(),
    err: err(),
    written: written(),
    left: await stillRunning(
      written()
        .map(Number)
        .filter((pid) => pid > 0),
    ),
  }))
  const wrote = async (line: string) => {
    while (!written().includes(line)) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return { child, ended, wrote }
}

export function runRoutes(folder: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ran> {
  return startRoutes(folder, args, env).ended
}

/** A folder for one test, with the packages of this repository. */
export function projectWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(temporary, 'project-'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  for (const [name, text] of Object.entries({ 'package.json': '{ "type": "module" }', ...files }))
    writeFileSync(join(folder, name), text)
  return folder
}

function textOf(stream: NodeJS.ReadableStream): () => string {
  let text = ''
  stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  return () => text
}

/** A process that was killed takes a moment to end. */
async function stillRunning(pids: readonly number[]): Promise<readonly number[]> {
  for (let attempt = 0; attempt < 100 && pids.some(isRunning); attempt++)
    await new Promise((resolve) => setTimeout(resolve, 50))
  return pids.filter(isRunning)
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
