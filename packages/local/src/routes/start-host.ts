import { fork, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { HostArguments } from './host-messages.js'
import { UnlistableApp } from './unlistable-app.js'

/** A process that loads an application: `host.ts`. */
export interface Host {
  readonly child: ChildProcess
  /** Ends the process and those that it has started. */
  readonly close: () => Promise<void>
}

/** @throws {UnlistableApp} if the application is TypeScript, and nothing loads it */
export function startHost(args: HostArguments, env: Readonly<Record<string, string | undefined>>): Host {
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
