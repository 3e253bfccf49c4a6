import { fork, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { isHostMessage, type HostArguments, type HostReport } from './host-messages.js'
import type { ListedApp } from './route.js'
import { UnlistableApp } from './unlistable-app.js'

export interface LoadAppOptions {
  /** The environment of the application. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Runs handlers for the requests that get past the guards. Without it, the marker answers these. */
  readonly callHandlers?: boolean
  readonly timeoutInMs?: number
}

/**
 * Loads an application in a process of its own, lists its routes, and serves it on loopback until `close()`.
 *
 * @param file exports the application by default, or a function that makes it
 * @throws {UnlistableApp} if it cannot be loaded in time or listed. No process is left then
 */
export async function loadApp(file: string, options: LoadAppOptions): Promise<ListedApp> {
  const { env, callHandlers = false, timeoutInMs = 30_000 } = options
  const path = resolve(file)
  const name = basename(file)
  if (!existsSync(path)) throw new UnlistableApp(`${file}: there is no such file`)

  const host = startHost([path, callHandlers ? 'call' : 'replace'], env)
  try {
    const { listing, url } = await listed(host, timeoutInMs)
    return { listing, url, close: host.close }
  } catch (error) {
    await host.close()
    throw error instanceof UnlistableApp ? new UnlistableApp(`${name}: ${error.message}`, { cause: error }) : error
  }
}

interface Host {
  readonly child: ChildProcess
  /** Ends the process and those that it has started. */
  readonly close: () => Promise<void>
}

function startHost(args: HostArguments, env: LoadAppOptions['env']): Host {
  const child = fork(hostFile(), args, {
    env,
    execArgv: argumentsOfTsx(args[0]),
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // A group of its own, so that what the application starts is ended too.
    detached: true,
  })
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  const stopWatching = endWithThisProcess(() => kill(child))
  return {
    child,
    close: async () => {
      kill(child)
      await exited
      stopWatching()
    },
  }
}

/** Beside this file when built. */
function hostFile(): string {
  const places = ['./host.js', '../../dist/host.js'].map((path) => fileURLToPath(new URL(path, import.meta.url)))
  return places.find((path) => existsSync(path)) ?? places[0]!
}

/** Loads TypeScript with `tsx`, if the application has it. */
function argumentsOfTsx(file: string): string[] {
  if (!/\.[cm]?tsx?$/.test(file)) return []
  try {
    const { resolve } = createRequire(file)
    // As the command `tsx` does: libraries that load files by name look for it among the modules that were required.
    return ['--require', resolve('tsx/cjs'), '--import', pathToFileURL(resolve('tsx')).href]
  } catch {
    if ('typescript' in process.features && process.features.typescript) return []
    throw new UnlistableApp(`${basename(file)}: TypeScript needs tsx: run npm install --save-dev tsx`)
  }
}

function kill(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** @returns stops watching */
function endWithThisProcess(end: () => void): () => void {
  const endBySignal = (signal: NodeJS.Signals) => {
    end()
    stopWatching()
    // Others decide whether the process ends; if there are none, it ends as it would have.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
  }
  const stopWatching = () => {
    process.off('exit', end)
    for (const signal of SIGNALS) process.off(signal, endBySignal)
  }
  process.on('exit', end)
  // Before the others, which may be removed once they have run.
  for (const signal of SIGNALS) process.prependListener(signal, endBySignal)
  return stopWatching
}

type Listed = Extract<HostReport, { type: 'listed' }>

function listed({ child }: Host, timeoutInMs: number): Promise<Listed> {
  return new Promise((resolve, reject) => {
    let unhandled = ''
    let printed = ''
    const fail = (reason: string) => {
      clearTimeout(timer)
      reject(new UnlistableApp(reason))
    }
    const why = () => unhandled || printed.split('\n').find((line) => line.trim() !== '') || ''
    const withReason = (text: string) => (why() ? `${text}: ${why()}` : text)
    const timer = setTimeout(
      () => fail(withReason(`it does not load within ${timeoutInMs / 1000} seconds`)),
      timeoutInMs,
    )

    child.stderr?.setEncoding('utf8').on('data', (text: string) => (printed = (printed + text).slice(0, 4096)))
    child.on('error', (error) => fail(error.message))
    child.on('exit', (code, signal) =>
      fail(withReason(`its process ended while it loaded, with ${signal ?? `exit code ${code}`}`)),
    )
    child.on('message', (message) => {
      if (!isHostMessage(message)) return
      const { report } = message
      if (report.type === 'unhandled') unhandled ||= report.reason
      else if (report.type === 'failed') fail(report.reason)
      else {
        clearTimeout(timer)
        resolve(report)
      }
    })
  })
}
