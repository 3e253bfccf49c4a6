import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { isHostMessage, type HostReport } from './host-messages.js'
import type { ListedApp } from './route.js'
import { startHost, type Host } from './start-host.js'
import { UnlistableApp } from './unlistable-app.js'

export interface LoadAppOptions {
  /** The environment of the application. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Runs handlers for the requests that get past the guards. Without it, the marker answers these. */
  readonly callsHandlers?: boolean
  readonly timeoutInMs?: number
}

/**
 * Loads an application in a process of its own, lists its routes, and serves it on loopback until `close()`.
 *
 * @param file exports the application by default, or a function that makes it
 * @throws {UnlistableApp} if it cannot be loaded in time or listed. No process is left then
 */
export async function loadApp(file: string, options: LoadAppOptions): Promise<ListedApp> {
  const { env, callsHandlers = false, timeoutInMs = 30_000 } = options
  const path = resolve(file)
  const name = basename(file)
  if (!existsSync(path)) throw new UnlistableApp(`${file}: there is no such file`)

  const host = startHost([path, callsHandlers ? 'call' : 'replace'], env)
  try {
    const { listing, url } = await listed(host, timeoutInMs)
    return { listing, url, close: host.close }
  } catch (error) {
    await host.close()
    throw error instanceof UnlistableApp ? new UnlistableApp(`${name}: ${error.message}`, { cause: error }) : error
  }
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
