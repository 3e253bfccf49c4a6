import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { LocalEnv } from '../instance/env.js'
import type { LocalClerk } from '../local-clerk.js'
import { readAllowFile, withoutAccepted, type Accepted } from '../routes/allow-file.js'
import { checkRoutes, type CheckResult } from '../routes/check-routes.js'
import type { Core } from '../routes/core.js'
import { findingLine, type Finding } from '../routes/finding.js'
import { guardInWords } from '../routes/guard-words.js'
import { loadApp } from '../routes/load-app.js'
import { CANNOT_TELL, matrixPage, PASSES } from '../routes/matrix.js'
import { NO_VALUES, readParamsFile } from '../routes/params-file.js'
import type { ParameterValues } from '../routes/path-parameters.js'
import { labelOf, type ListedApp, type Listing } from '../routes/route.js'
import { changesSince, readSnapshot, type Snapshot } from '../routes/snapshot.js'
import { readSeedFile } from '../seed/seed-file.js'
import type { Seed } from '../seed/seed.js'
import { startLocalClerk } from '../start-local-clerk.js'
import { coreOf } from '../support/core-of-project.js'
import { FLAG, HELP, STRING, parse } from './arguments.js'
import { inOneLine } from './one-line.js'
import { withVariables } from './run-command.js'

const DEFAULT_TIMEOUT = '10'
const LOADING_IN_MS = 30_000

export const ROUTES_HELP = `  npx @clerk-auth/local routes <app> [options]   lists the routes and guards of the application that a file exports
    --check                  calls each route as everyone in the seed, without running handlers; exit code 1 for findings
    --snapshot <file>        also compares who gets in where with this file
    --write-snapshot <file>  writes who gets in where to this file, as Markdown
    --allow <file>           accepted findings, one a line: METHOD /path  reason
    --params <file>          values of path parameters, as YAML or JSON
    --seed <file>            who is tried, default: the people, machines and clients of the default seed
    --azp <origin>           origin in session tokens, for an application with authorizedParties
    --call-handlers          runs the handlers for callers that get in
    --timeout <seconds>      for each answer, default ${DEFAULT_TIMEOUT}
    --json                   prints JSON`

/** The environment of the command. */
export interface RoutesIo {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly out: (text: string) => void
  /** Replaces the last line that was shown, in a terminal. */
  readonly progress?: ((text: string) => void) | undefined
  /** Settles when the command should stop. */
  readonly stopped: () => Promise<unknown>
}

const INTERRUPTED = 130

/**
 * Lists or checks the routes of an application.
 *
 * @returns the exit code: 0, or 1 for findings
 * @throws {Error} with one line if the application cannot be checked
 */
export async function routesCommand(argv: readonly string[], io: RoutesIo): Promise<number | 'help'> {
  const settings = await settingsIn(argv)
  if (settings === 'help') return 'help'
  // Its keys are fast to generate.
  const local = await startLocalClerk<Seed>({ algorithm: 'ES256', ...(settings.seed && { seed: settings.seed }) })
  // Until it is interrupted, as by Ctrl+C.
  const stopped = io.stopped().then(() => INTERRUPTED)
  let app: ListedApp | undefined
  const work = async (): Promise<number> => {
    const { file, callsHandlers, timeoutInMs } = settings
    app = await loadApp(file, {
      env: environmentOf(io.env, local.env),
      callsHandlers,
      timeoutInMs: Math.max(LOADING_IN_MS, timeoutInMs),
    })
    return settings.checks ? check(app, local, settings, io) : list(app.listing, settings, io)
  }
  try {
    return await Promise.race([work(), stopped])
  } finally {
    io.progress?.('')
    await app?.close()
    await local.close()
  }
}

interface RoutesSettings {
  readonly file: string
  readonly checks: boolean
  readonly seed: Seed | undefined
  readonly accepted: readonly Accepted[]
  readonly values: ParameterValues
  readonly snapshot: Snapshot | undefined
  /** path of the file */
  readonly writeSnapshot: string | undefined
  readonly azp: string | undefined
  readonly callsHandlers: boolean
  readonly timeoutInMs: number
  readonly json: boolean
}

/** Reads all files before anything starts. */
async function settingsIn(argv: readonly string[]): Promise<RoutesSettings | 'help'> {
  const { values, positionals } = parse(argv, {
    check: FLAG,
    snapshot: STRING,
    'write-snapshot': STRING,
    allow: STRING,
    params: STRING,
    seed: STRING,
    azp: STRING,
    'call-handlers': FLAG,
    timeout: STRING,
    json: FLAG,
    help: HELP,
  })
  if (values.help) return 'help'
  const [file, ...more] = positionals
  if (file === undefined || more.length > 0) throw new TypeError('routes takes one file, as in: routes app.js --check')
  const { snapshot, allow, params, seed, azp, timeout = DEFAULT_TIMEOUT } = values
  const writeSnapshot = values['write-snapshot']
  if (!/^\d{1,4}$/.test(timeout) || Number(timeout) === 0) throw new TypeError('--timeout must be a number of seconds')
  return {
    file: resolve(file),
    checks: values.check === true || [snapshot, writeSnapshot, allow].some((path) => path !== undefined),
    seed: seed === undefined ? undefined : await readSeedFile(seed),
    accepted: allow === undefined ? [] : readAllowFile(read(allow), allow),
    values: params === undefined ? NO_VALUES : readParamsFile(read(params), params),
    snapshot: snapshot === undefined ? undefined : snapshotIn(snapshot),
    writeSnapshot,
    azp,
    callsHandlers: values['call-handlers'] === true,
    timeoutInMs: Number(timeout) * 1000,
    json: values.json === true,
  }
}

function snapshotIn(path: string): Snapshot {
  try {
    return readSnapshot(read(path))
  } catch (cause) {
    throw new TypeError(`${path}: ${(cause as Error).message}`, { cause })
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new TypeError(`${path} cannot be read: ${(cause as NodeJS.ErrnoException).code}`, { cause })
  }
}

/** Of the local instance, which an application in production does not trust. */
function environmentOf(env: RoutesIo['env'], variables: LocalEnv): RoutesIo['env'] {
  const isTrusted = ['development', 'test'].includes(env['NODE_ENV'] ?? '')
  return { ...withVariables(env, variables), ...(!isTrusted && { NODE_ENV: 'test' }) }
}

function list({ framework, routes }: Listing, { json }: RoutesSettings, { out }: RoutesIo): number {
  const lines = routes.map((route) => ({ label: inOneLine(labelOf(route)), guard: inOneLine(guardInWords(route)) }))
  const width = Math.max(...lines.map(({ label }) => label.length))
  if (json) out(JSON.stringify({ framework, routes }, null, 2))
  else out(lines.map(({ label, guard }) => `${label.padEnd(width)}  ${guard}`).join('\n'))
  return 0
}

async function check(
  { listing, url }: ListedApp,
  local: LocalClerk<Seed>,
  settings: RoutesSettings,
  io: RoutesIo,
): Promise<number> {
  const { file, seed, accepted, snapshot, writeSnapshot, json } = settings
  const core = coreOf(dirname(file)) as Core | undefined
  if (!core) throw new Error(`${file} is not in a project with a @clerk-auth package`)
  const checked = await checkRoutes({
    ...settings,
    listing,
    url,
    local,
    core,
    personas: seed?.personas ?? {},
    progress: (done, total) => io.progress?.(`${done} of ${total} routes`),
  })
  const { matrix } = checked
  const findings = [...withoutAccepted(checked.findings, accepted), ...(snapshot ? changesSince(snapshot, matrix) : [])]
  if (writeSnapshot !== undefined) write(writeSnapshot, matrixPage(matrix))
  io.progress?.('')
  io.out(json ? reportAsJson(listing, checked, findings) : report(listing, checked, findings))
  return findings.length > 0 ? 1 : 0
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text)
  } catch (cause) {
    throw new TypeError(`${path} cannot be written: ${(cause as NodeJS.ErrnoException).code}`, { cause })
  }
}

/** The findings, one a line, and a summary. */
function report({ routes }: Listing, { matrix, requests }: CheckResult, findings: readonly Finding[]): string {
  const { personas, rows } = matrix
  const work = `${count(routes.length, 'route')}, ${count(personas.length, 'persona')}, ${count(requests, 'request')}`
  const isClosed = (cell: string) => cell !== PASSES && cell !== CANNOT_TELL
  const closed = rows.filter(({ cells }) => [...cells.values()].every(isClosed)).map(({ route }) => inOneLine(route))
  return [
    ...findings.map(findingLine),
    ...(closed.length > 0 ? [`No persona passes ${closed.join(', ')}: add one to the seed, or look at the guard`] : []),
    `${work}: ${findings.length === 0 ? 'no findings' : count(findings.length, 'finding')}`,
  ].join('\n')
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`
}

function reportAsJson({ framework, routes }: Listing, { matrix }: CheckResult, findings: readonly Finding[]): string {
  const { personas, rows } = matrix
  return JSON.stringify(
    {
      framework,
      routes,
      personas: personas.map(({ name, group }) => ({ name, group })),
      matrix: rows.map(({ route, guard, cells }) => ({ route, guard, cells: Object.fromEntries(cells) })),
      findings: findings.map((finding) => ({ ...finding, line: findingLine(finding) })),
    },
    null,
    2,
  )
}
