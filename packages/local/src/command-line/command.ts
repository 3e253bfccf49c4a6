import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import manifest from '../../package.json' with { type: 'json' }
import { ALGORITHMS, isAlgorithm } from '../model/signing-key.js'
import { FLAG, HELP, STRING, STRING_LIST, parse } from './arguments.js'
import { DOCTOR_HELP, doctorCommand } from './doctor-command.js'
import { EXPLAIN_HELP, explainCommand, type ExplainIo } from './explain-command.js'
import { introduction } from './introduction.js'
import { escapeInvisible } from '../support/escape-invisible.js'
import { isCertificate } from '../support/certificate.js'
import { isLoopback } from '../support/loopback.js'
import { DEFAULT_PORT, DEFAULT_URL, MINT_COMMANDS, isMintCommand, mintCommand } from './mint-command.js'
import { readPipe } from './read-pipe.js'
import { ROUTES_HELP, routesCommand, type RoutesIo } from './routes-command.js'
import { runCommand, type Command } from './run-command.js'
import { tokenList } from './token-list.js'
import { readSeedFile } from '../seed/seed-file.js'
import type { Seed } from '../seed/seed.js'
import type { LocalClerk } from '../local-clerk.js'
import { startLocalClerk } from '../start-local-clerk.js'
import { createWebhookReport } from '../webhooks/webhook-report.js'

const HELP_TEXT = `A local Clerk instance for development and tests. Independent of Clerk, not made or endorsed by it.

  npx @clerk-auth/local [options]                starts an instance with a web page; Ctrl+C stops it
    --port <port>            default ${DEFAULT_PORT}; 0: any free port
    --host <address>         default 127.0.0.1; loopback only
    --seed <file>            people, organizations, roles, machines and clients, as YAML or JSON
    --algorithm <algorithm>  default RS256; ${ALGORITHMS.slice(1).join(', ')}
    --data <file>            stores keys, people, sessions and tokens, which survive a restart; created if missing
    --webhook <url>          sends signed events to this URL; may be repeated
    --client-documents-ca <file>  reads metadata of OAuth clients from https servers on loopback with its certificates
    --tokens                 also prints a session token of each person, and the secret key of each machine
  npx @clerk-auth/local [options] -- <command>   starts an instance, and runs a command with its CLERK_* variables, as in
                                                 npx @clerk-auth/local -- node server.js; stops when the command ends

  npx @clerk-auth/local token <person> [options] prints a session token from the running instance
    --org <slug>             default: the person's default organization
    --no-org                 no organization
    --role <role>            default: the role of the membership
    --permission <key>       may be repeated; default: the permissions of the role
    --azp <origin>, --actor <person>, --pending
  npx @clerk-auth/local m2m <machine> [options]  prints an M2M token
    --to <machine>           may be repeated; default: all machines that it may call
    --format <format>        default opaque; jwt
  npx @clerk-auth/local oauth <person> [options] prints an OAuth access token
    --client <client>        default: the first
    --scope <scope>          may be repeated; default: openid, profile, email
    --audience <audience>, --org <slug>, --actor <person>
    --format <format>        default jwt; opaque
  npx @clerk-auth/local api-key <owner> [options] prints an API key of a person or organization
    --scope <scope>          may be repeated; default: none
  npx @clerk-auth/local template <person> [options] prints a token from a JWT template
  options of all five
    --ttl <duration>         90, 90s, 15m, 8h, 2d, or -60s (expired); default 60s, 1h for M2M, 24h for OAuth, API keys never expire
    --claims <json>          merged into the claims
    --url <url>              default: CLERK_FAPI, or ${DEFAULT_URL}

${EXPLAIN_HELP}

${DOCTOR_HELP}

${ROUTES_HELP}

  --help or -h, --version

See the README of @clerk-auth/local for the clock, keys, faults and webhooks, and for control over HTTP.`

/** The environment of the command line. */
export interface CommandIo extends ExplainIo, RoutesIo {
  readonly err: (text: string) => void
}

/**
 * Runs the command line.
 *
 * @returns the exit code: 0; 1 after an error, with one line on `io.err`; that of the command after `--`; or that of `routes`
 */
export async function run(argv: readonly string[], io: CommandIo = processIo()): Promise<number> {
  try {
    const [name = '', ...rest] = argv
    if (isMintCommand(name)) io.out((await mintCommand(name, rest, io.env)) ?? HELP_TEXT)
    else if (name === 'explain') io.out((await explainCommand(rest, io, DEFAULT_URL)) ?? HELP_TEXT)
    else if (name === 'doctor') return await doctor(rest, io)
    else if (name === 'routes') return await routes(rest, io)
    else if (name === 'help') io.out(HELP_TEXT)
    else return await serve(argv, io)
    return 0
  } catch (error) {
    return fail(error, io)
  }
}

function fail(error: unknown, io: CommandIo): 1 {
  const [line] = (error instanceof Error ? error.message : String(error)).split('\n')
  io.err(escapeInvisible(`clerk-auth-local: ${line}`))
  return 1
}

async function doctor(argv: readonly string[], io: CommandIo): Promise<number> {
  const examined = await doctorCommand(argv, io)
  io.out(examined?.text ?? HELP_TEXT)
  return examined?.exitCode ?? 0
}

/** @returns 2 if the routes cannot be checked, which is not the same as an open route */
async function routes(argv: readonly string[], io: CommandIo): Promise<number> {
  try {
    const exitCode = await routesCommand(argv, io)
    if (exitCode === undefined) io.out(HELP_TEXT)
    return exitCode ?? 0
  } catch (error) {
    fail(error, io)
    return 2
  }
}

async function serve(argv: readonly string[], io: CommandIo): Promise<number> {
  const [own, command] = splitAtDashes(argv)
  const { values, positionals } = parse(own, {
    port: STRING,
    host: STRING,
    seed: STRING,
    algorithm: STRING,
    data: STRING,
    webhook: STRING_LIST,
    'client-documents-ca': STRING,
    tokens: FLAG,
    help: HELP,
    version: FLAG,
  })
  if (values.help || values.version) {
    io.out(values.help ? HELP_TEXT : manifest.version)
    return 0
  }

  const { port = DEFAULT_PORT, host, algorithm, data } = values
  if (positionals[0] !== undefined) throw new TypeError(unknownCommand(positionals[0]))
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) throw new TypeError('--port must be an integer from 0 to 65535')
  if (host !== undefined && !isLoopback(host))
    throw new TypeError('--host must be a loopback address, such as 127.0.0.1')
  if (algorithm !== undefined && !isAlgorithm(algorithm))
    throw new TypeError(`--algorithm must be one of ${ALGORITHMS.join(', ')}`)
  if (values.tokens && command) throw new TypeError('--tokens cannot be combined with a command after --')

  const seed = values.seed === undefined ? undefined : await readSeedFile(values.seed)
  const webhooks = values.webhook?.map((url) => ({ url }))
  const clientDocuments = await clientDocumentsOf(values['client-documents-ca'])
  const options = { port: Number(port), host, algorithm, seed, data, webhooks, clientDocuments }
  const local = await startLocalClerk<Seed>(options).catch((cause: unknown) => {
    throw new Error(listenProblem(cause), { cause })
  })
  const report = createWebhookReport()
  local.webhooks.watch((delivery) => {
    const line = report(delivery)
    if (line !== undefined) io.err(line)
  })
  try {
    return await (command ? runBeside(local, command, io) : untilStopped(local, values.tokens === true, io))
  } finally {
    await local.close()
  }
}

async function untilStopped(local: LocalClerk<Seed>, withTokens: boolean, io: CommandIo): Promise<number> {
  const stopped = io.stopped()
  // First, so that the introduction stays visible after the long tokens.
  const tokens = withTokens ? `${await tokenList(local)}\n\n` : ''
  io.out(tokens + introduction(local))
  await stopped
  return 0
}

/** @throws {TypeError} if the file cannot be read or is not a certificate */
async function clientDocumentsOf(path: string | undefined) {
  if (path === undefined) return undefined
  const ca = await readFile(path, 'utf8').catch(() => '')
  if (isCertificate(ca)) return { ca }
  throw new TypeError('--client-documents-ca must be a readable file with a certificate, as PEM')
}

/** Standard output is left to the command. */
async function runBeside(local: LocalClerk<Seed>, command: Command, io: CommandIo): Promise<number> {
  io.err(`clerk-auth-local: an instance with a web page listens at ${local.url}`)
  return runCommand(command, local.env, io)
}

/** @throws {TypeError} if there is nothing after `--` */
function splitAtDashes(argv: readonly string[]): readonly [own: readonly string[], command: Command | undefined] {
  const dashes = argv.indexOf('--')
  if (dashes === -1) return [argv, undefined]
  const [program, ...args] = argv.slice(dashes + 1)
  if (program === undefined)
    throw new TypeError('-- must be followed by a command, as in: clerk-auth-local -- node server.js')
  return [argv.slice(0, dashes), [program, ...args]]
}

/** Does not print a name that may be a token without its command. */
function unknownCommand(name: string): string {
  const known = [...MINT_COMMANDS, 'explain', 'doctor', 'routes'].join(', ')
  const isWord = /^[a-z][a-z-]{0,20}$/i.test(name)
  return `there is no command ${isWord ? `"${name}"` : 'with that name'}, only ${known}; to start an instance, omit it, and to run a program, put it after --`
}

function listenProblem(cause: unknown): string {
  const { code, port, address } = cause as { readonly code?: string; readonly port?: number; readonly address?: string }
  if (code === 'EADDRINUSE')
    return `port ${port} is in use, perhaps by another instance: stop it, or use another --port, or 0 for any free port`
  if (code === 'EACCES') return `permission denied for port ${port}: use another --port`
  if (code === 'EADDRNOTAVAIL') return `cannot listen on ${address}: use another --host`
  return cause instanceof Error ? cause.message : String(cause)
}

function processIo(): CommandIo {
  // The reader may close the stream, as `| head` does: the instance continues.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  return {
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
    ...(process.stderr.isTTY && { progress: (text) => void process.stderr.write(`\r\x1b[K${text}`) }),
    env: process.env,
    input: () => readPipe(process.stdin),
    isTerminal: process.stdout.isTTY,
    stopped: () => Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]),
  }
}
