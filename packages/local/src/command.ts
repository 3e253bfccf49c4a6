import { once } from 'node:events'
import { parseArgs } from 'node:util'
import manifest from '../package.json' with { type: 'json' }
import { ALGORITHMS, isAlgorithm } from './algorithms.js'
import { parseDuration } from './duration.js'
import { startLocalClerk, type LocalClerk } from './local-clerk.js'
import { isLoopback } from './loopback.js'
import { MINT_PATHS } from './mint-token.js'
import type { Person } from './seed.js'

const DEFAULT_PORT = '4010'
const ANSWER_TIMEOUT_IN_MS = 5_000

const HELP = `A local Clerk instance for development and tests. Independent of Clerk, not made or endorsed by it.

  npx @clerk-auth/local [options]                starts one; Ctrl+C stops it
    --port <port>            default ${DEFAULT_PORT}; 0 takes a free one
    --host <address>         default 127.0.0.1; loopback only
    --algorithm <algorithm>  default RS256; ${ALGORITHMS.slice(1).join(', ')}

  npx @clerk-auth/local token <person> [options] prints a session token of a running one
    --org <slug>             default: the organization that the person starts in
    --role <role>            default: that of the membership
    --ttl <duration>         default 60s; 90, 90s, 15m, 8h, 2d
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
    if (argv[0] === 'token') await printToken(argv.slice(1), io)
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
  if (positionals.length > 0) throw new TypeError(`there is no command "${positionals[0]}", only "token": see --help`)
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

function introduction({ url, env, people }: LocalClerk): string {
  const variables = Object.entries(env).map(([name, value]) => `  export ${name}='${value}'`)
  const token = `npx @clerk-auth/local token alice --url ${url}`
  return `A local Clerk instance listens at ${url}

Point an API at it:
${variables.join('\n')}

People:
${Object.values<Person>(people).map(personLine).join('\n')}

Get a token:
  ${token}
  ${token} --org acme --ttl 8h
  curl -s ${url}${MINT_PATHS.session} -H 'content-type: application/json' -d '{"user":"alice"}'

Use it:
  curl -H "authorization: Bearer $(${token})" http://localhost:3000/

Ctrl+C stops it.`
}

function personLine({ name, memberships }: Person): string {
  const roles = Object.entries(memberships).map(([slug, role]) => `${role} of ${slug}`)
  return `  ${name.padEnd(8)}${roles.join(', ') || 'no organization'}`
}

async function printToken(argv: readonly string[], io: CommandIo): Promise<void> {
  const { values, positionals } = parse(argv, { org: TEXT, role: TEXT, ttl: TEXT, url: TEXT, help: FLAG })
  if (values.help) return io.out(HELP)

  const [user, ...more] = positionals
  if (user === undefined || more.length > 0) throw new TypeError('name one person, as in: token alice')
  const ttlInSeconds = values.ttl === undefined ? undefined : parseDuration(values.ttl)
  if (values.ttl !== undefined && ttlInSeconds === undefined)
    throw new TypeError('--ttl must be a duration such as 90, 90s, 15m, 8h or 2d')
  const url = values.url ?? (io.env['CLERK_FAPI'] || `http://127.0.0.1:${DEFAULT_PORT}`)
  if (!URL.canParse(url) || !new URL(url).protocol.startsWith('http'))
    throw new TypeError(`"${url}" is not the URL of a local instance: give it by --url`)

  io.out(await askForToken(url, { user, org: values.org, role: values.role, ttlInSeconds }))
}

async function askForToken(url: string, input: object): Promise<string> {
  const response = await fetch(new URL(MINT_PATHS.session, url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
    redirect: 'error',
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_IN_MS),
  }).catch((cause: unknown) => {
    throw new Error(`no local instance answers at ${url}: start one by "npx @clerk-auth/local", or give its --url`, {
      cause,
    })
  })
  const answer = (await response.json().catch(() => undefined)) as MintAnswer | undefined
  if (answer?.token !== undefined) return answer.token
  throw new Error(answer?.errors?.[0]?.long_message ?? `what answers at ${url} is not a local instance: give its --url`)
}

interface MintAnswer {
  readonly token?: string
  readonly errors?: readonly { readonly long_message?: string }[]
}

const TEXT = { type: 'string' } as const
const FLAG = { type: 'boolean' } as const

function parse<const O extends Record<string, typeof TEXT | typeof FLAG>>(argv: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true })
  } catch (cause) {
    const [sentence] = cause instanceof Error ? cause.message.split('. ') : []
    throw new TypeError(`${sentence?.replace(/\.$/, '')}: see --help`, { cause })
  }
}

function processIo(): CommandIo {
  return {
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
    env: process.env,
    stopped: () => Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]),
  }
}
