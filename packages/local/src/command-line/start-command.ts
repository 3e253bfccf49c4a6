import { readFile } from 'node:fs/promises'
import manifest from '../../package.json' with { type: 'json' }
import type { LocalClerk } from '../local-clerk.js'
import { ALGORITHMS, isAlgorithm } from '../model/signing-key.js'
import { readSeedFile } from '../seed/seed-file.js'
import type { Seed } from '../seed/seed.js'
import { startLocalClerk } from '../start-local-clerk.js'
import { isCertificate } from '../support/certificate.js'
import { isLoopback } from '../support/loopback.js'
import { createWebhookReport } from '../webhooks/webhook-report.js'
import { FLAG, HELP, STRING, STRING_LIST, parse } from './arguments.js'
import { introduction } from './introduction.js'
import { DEFAULT_PORT, MINT_COMMANDS } from './mint-command.js'
import { runCommand, type Command, type RunCommandIo } from './run-command.js'
import { tokenList } from './token-list.js'

export const START_HELP = `  npx @clerk-auth/local [options]                starts an instance with a web page; Ctrl+C stops it
    --port <port>            default ${DEFAULT_PORT}; 0: any free port
    --host <address>         default 127.0.0.1; loopback only
    --seed <file>            people, organizations, roles, machines and clients, as YAML or JSON
    --algorithm <algorithm>  default RS256; ${ALGORITHMS.slice(1).join(', ')}
    --data <file>            stores keys, people, sessions and tokens, which survive a restart; created if missing
    --webhook <url>          sends signed events to this URL; may be repeated
    --client-documents-ca <file>  reads metadata of OAuth clients from https servers on loopback, with certificates of this authority
    --tokens                 also prints a session token of each person, and the secret key of each machine
  npx @clerk-auth/local [options] -- <command>   starts an instance, and runs a command with its CLERK_* variables, as in
                                                 npx @clerk-auth/local -- node server.js; stops when the command ends`

export interface StartIo extends RunCommandIo {
  readonly out: (text: string) => void
  /** Settles when the command should stop. */
  readonly stopped: () => Promise<unknown>
}

/**
 * Starts an instance, and runs until it is stopped, or until the command after `--` ends.
 *
 * @returns the exit code: 0, or that of the command
 */
export async function startCommand(argv: readonly string[], io: StartIo): Promise<number | 'help'> {
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
  if (values.help) return 'help'
  if (values.version) {
    io.out(manifest.version)
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

async function untilStopped(local: LocalClerk<Seed>, withTokens: boolean, io: StartIo): Promise<number> {
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
async function runBeside(local: LocalClerk<Seed>, command: Command, io: StartIo): Promise<number> {
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
