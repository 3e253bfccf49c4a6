import { once } from 'node:events'
import manifest from '../package.json' with { type: 'json' }
import { ALGORITHMS, isAlgorithm } from './algorithms.js'
import { FLAG, TEXT, parse } from './arguments.js'
import { startLocalClerk, type LocalClerk } from './local-clerk.js'
import { isLoopback } from './loopback.js'
import type { Machine } from './machines.js'
import { DEFAULT_PORT, MINT_COMMANDS, isMintCommand, mintByCommand } from './mint-command.js'
import { MINT_PATHS } from './mint-token.js'
import type { Person } from './seed.js'

const HELP = `A local Clerk instance for development and tests. Independent of Clerk, not made or endorsed by it.

  npx @clerk-auth/local [options]                starts one; Ctrl+C stops it
    --port <port>            default ${DEFAULT_PORT}; 0 takes a free one
    --host <address>         default 127.0.0.1; loopback only
    --algorithm <algorithm>  default RS256; ${ALGORITHMS.slice(1).join(', ')}

  npx @clerk-auth/local token <person> [options] prints a session token of a running one
    --org <slug>             default: the organization that the person starts in
    --role <role>            default: that of the membership
  npx @clerk-auth/local m2m <machine> [options]  prints an M2M token
    --to <machine>           may be repeated; default: every machine that it may call
    --format <format>        default opaque; jwt
  npx @clerk-auth/local oauth <person> [options] prints an OAuth access token
    --client <client>        default: the first
    --scope <scope>          may be repeated; default: openid, profile, email
    --format <format>        default jwt; opaque
  npx @clerk-auth/local api-key <owner> [options] prints an API key of a person or organization
    --scope <scope>          may be repeated; default: none
  all four
    --ttl <duration>         90, 90s, 15m, 8h, 2d; default 60s, 1h for M2M, 24h for OAuth, API keys never expire
    --url <url>              default: CLERK_FAPI, or http://127.0.0.1:${DEFAULT_PORT}

  --help, --version`

/** What the command line needs of its surroundings. */
export interface CommandIo {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  readonly env: Readonly<Record<string, string | undefined>>
  /** Settles when a running instance is to stop. */
  readonly stopped: () => Promise<unknown>
}

/**
 * Runs the command line.
 *
 * @returns the exit code: 0, or 1 after one line on `io.err` that says what to do
 */
export async function run(argv: readonly string[], io: CommandIo = processIo()): Promise<number> {
  try {
    const [name = '', ...rest] = argv
    if (isMintCommand(name)) io.out((await mintByCommand(name, rest, io.env)) ?? HELP)
    else await serve(argv, io)
    return 0
  } catch (error) {
    const [line] = (error instanceof Error ? error.message : String(error)).split('\n')
    io.err(`clerk-auth-local: ${line}`)
    return 1
  }
}

async function serve(argv: readonly string[], io: CommandIo): Promise<void> {
  const { values, positionals } = parse(argv, { port: TEXT, host: TEXT, algorithm: TEXT, help: FLAG, version: FLAG })
  if (values.help) return io.out(HELP)
  if (values.version) return io.out(manifest.version)

  const { port = DEFAULT_PORT, host = '127.0.0.1', algorithm = 'RS256' } = values
  if (positionals.length > 0)
    throw new TypeError(`there is no command "${positionals[0]}", only ${MINT_COMMANDS.join(', ')}: see --help`)
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) throw new TypeError('--port must be an integer from 0 to 65535')
  if (!isLoopback(host)) throw new TypeError('--host must be a loopback address, such as 127.0.0.1')
  if (!isAlgorithm(algorithm)) throw new TypeError(`--algorithm must be one of ${ALGORITHMS.join(', ')}`)

  const local = await startLocalClerk({ port: Number(port), host, algorithm }).catch((cause: unknown) => {
    throw new Error(listenProblem(cause, port, host), { cause })
  })
  const stopped = io.stopped()
  io.out(introduction(local))
  await stopped
  await local.close()
}

function listenProblem(cause: unknown, port: string, host: string): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'EADDRINUSE') return `port ${port} is in use: give another one by --port, or 0 for a free one`
  if (code === 'EACCES') return `port ${port} is not allowed to you: give another one by --port`
  if (code === 'EADDRNOTAVAIL') return `nothing can listen on ${host} here: give another address by --host`
  return cause instanceof Error ? cause.message : String(cause)
}

function introduction({ url, env, people, machines, clients }: LocalClerk): string {
  const variables = Object.entries(env).map(([name, value]) => `  export ${name}='${value}'`)
  const command = (words: string) => `npx @clerk-auth/local ${words} --url ${url}`
  const token = command('token alice')
  return `A local Clerk instance listens at ${url}

Point an API at it:
${variables.join('\n')}

People:
${Object.values<Person>(people).map(personLine).join('\n')}

Machines:
${Object.values<Machine>(machines)
  .map((machine) => machineLine(machine, machines))
  .join('\n')}

OAuth clients: ${Object.keys(clients).join(', ')}

Get a token:
  ${token}
  ${token} --org acme --ttl 8h
  ${command('m2m worker --to api --format jwt')}
  ${command('oauth alice --client cli --scope invoices:read')}
  ${command('api-key alice --scope invoices:read')}
  curl -s ${url}${MINT_PATHS.session} -H 'content-type: application/json' -d '{"user":"alice"}'

Use it:
  curl -H "authorization: Bearer $(${token})" http://localhost:3000/

Ctrl+C stops it.`
}

function personLine({ name, memberships }: Person): string {
  const roles = Object.entries(memberships).map(([slug, role]) => `${role} of ${slug}`)
  return `  ${name.padEnd(8)}${roles.join(', ') || 'no organization'}`
}

function machineLine({ name, scopes, secretKey }: Machine, machines: Readonly<Record<string, Machine>>): string {
  const called = Object.values(machines).filter(({ id }) => scopes.includes(id))
  const words = called.length > 0 ? `may call ${called.map((machine) => machine.name).join(', ')}` : 'may call nobody'
  return `  ${name.padEnd(8)}${words.padEnd(18)}${secretKey}`
}

function processIo(): CommandIo {
  return {
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
    env: process.env,
    stopped: () => Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]),
  }
}
