/**
 * The process in which an application is loaded, listed and served. It is started by `loadApp()`, is told the file on
 * its command line, and lives until that process ends it.
 */
import { pathToFileURL } from 'node:url'
import { exportedApp } from './exported-app.js'
import type { HostArguments, HostReport } from './host-messages.js'
import { listApp, prepareFrameworks } from './list-app.js'
import { UnlistableApp } from './unlistable-app.js'

// Bound here, because an application may replace or remove them.
const send = process.send!.bind(process)
const kill = process.kill.bind(process)
const [file, handlers] = process.argv.slice(2) as unknown as HostArguments

process.on('disconnect', endGroup)
// Such as a database that does not answer: the routes can be listed without it.
process.on('uncaughtException', (error: NodeJS.ErrnoException) => {
  const reason = lineOf(error)
  report(error.code === 'EADDRINUSE' ? { type: 'failed', reason } : { type: 'unhandled', reason })
})
process.on('unhandledRejection', (error) => report({ type: 'unhandled', reason: lineOf(error) }))

try {
  await prepareFrameworks(file)
  const { listing, url } = await listApp(await exportedApp((await import(pathToFileURL(file).href)) as object), {
    callsHandlers: handlers === 'call',
  })
  report({ type: 'listed', listing, url })
} catch (error) {
  report({
    type: 'failed',
    reason: error instanceof UnlistableApp ? error.message : `it does not load: ${lineOf(error)}`,
  })
}

function report(report: HostReport): void {
  if (process.connected) send({ from: 'clerk-auth-local-host', report })
}

/** Ends this process, which leads its group, and those that the application has started. */
function endGroup(): void {
  kill(process.platform === 'win32' ? process.pid : -process.pid, 'SIGKILL')
}

/** The first line of an error, with the place in the application where it was thrown. */
function lineOf(error: unknown): string {
  const [line = ''] = String(error).split('\n')
  const place = /(?:file:\/\/)?(\/[^\s()]+?:\d+)/.exec(error instanceof Error ? placesIn(error) : '')?.[1]
  return place ? `${line} (${place})` : line
}

function placesIn({ stack = '' }: Error): string {
  return stack
    .split('\n')
    .filter((line) => !/node:|node_modules/.test(line))
    .join('\n')
}
