import { once } from 'node:events'
import { escapeInvisible } from '../support/escape-invisible.js'
import { DOCTOR_HELP, doctorCommand } from './doctor-command.js'
import { EXPLAIN_HELP, explainCommand, type ExplainIo } from './explain-command.js'
import { MINT_HELP, isMintCommand, mintCommand } from './mint-command.js'
import { readPipe } from './read-pipe.js'
import { ROUTES_HELP, routesCommand, type RoutesIo } from './routes-command.js'
import { START_HELP, startCommand, type StartIo } from './start-command.js'

const HELP_TEXT = `A local Clerk instance for development and tests. Independent of Clerk, not made or endorsed by it.

${START_HELP}

${MINT_HELP}

${EXPLAIN_HELP}

${DOCTOR_HELP}

${ROUTES_HELP}

  --help or -h, --version

See the README of @clerk-auth/local for the clock, keys, faults and webhooks, and for control over HTTP.`

/** The environment of the command line. */
export type CommandIo = StartIo & ExplainIo & RoutesIo

/**
 * Runs the command line.
 *
 * @returns the exit code: 0; 1 after an error, with one line on `io.err`; that of the command after `--`; or that of `routes`
 */
export async function run(argv: readonly string[], io: CommandIo = processIo()): Promise<number> {
  const [name = ''] = argv
  try {
    const exitCode = await commandOf(argv, io)
    if (exitCode !== 'help') return exitCode
    io.out(HELP_TEXT)
    return 0
  } catch (error) {
    const [line] = (error instanceof Error ? error.message : String(error)).split('\n')
    io.err(escapeInvisible(`clerk-auth-local: ${line}`))
    // That the routes cannot be checked is not the same as an open route.
    return name === 'routes' ? 2 : 1
  }
}

async function commandOf(argv: readonly string[], io: CommandIo): Promise<number | 'help'> {
  const [name = '', ...rest] = argv
  if (isMintCommand(name)) return mintCommand(name, rest, io)
  switch (name) {
    case 'explain':
      return explainCommand(rest, io)
    case 'doctor':
      return doctorCommand(rest, io)
    case 'routes':
      return routesCommand(rest, io)
    case 'help':
      return 'help'
    default:
      return startCommand(argv, io)
  }
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
