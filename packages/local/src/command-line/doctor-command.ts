import { examine } from '../doctor/doctor.js'
import type { Finding } from '../doctor/finding.js'
import { bareToken } from '../explain/bare-token.js'
import { escapeInvisible } from '../support/escape-invisible.js'
import { HELP, STRING, parse } from './arguments.js'
import type { ExplainIo } from './explain-command.js'

export const DOCTOR_HELP = `  npx @clerk-auth/local doctor [-] [options]     checks the CLERK_* variables, the instance and the API in this folder;
                                                 with -, also a token from standard input; exit code 1 if valid tokens
                                                 would be refused
    --folder <path>          of the API, default: this one`

/**
 * Prints the findings, one a line.
 *
 * @returns the exit code: 1 if valid tokens would be refused, otherwise 0
 */
export async function doctorCommand(argv: readonly string[], io: ExplainIo): Promise<0 | 1 | 'help'> {
  const { values, positionals } = parse(argv, { folder: STRING, help: HELP })
  if (values.help) return 'help'
  const findings = await examine({
    env: io.env,
    folder: values.folder ?? process.cwd(),
    token: await readToken(positionals, io),
  })
  io.out(findings.map((finding) => escapeInvisible(lineOf(finding))).join('\n'))
  return findings.some(({ level }) => level === 'problem') ? 1 : 0
}

/** Not read unless asked for: an input that never ends would keep the command waiting. */
async function readToken([place, ...more]: readonly string[], io: ExplainIo): Promise<string | undefined> {
  if (place === undefined) return undefined
  if (place !== '-' || more.length > 0)
    throw new TypeError('doctor takes a token on standard input: pipe it to "doctor -"')
  const token = bareToken((await io.input()) ?? '')
  if (token === '') throw new TypeError('doctor - needs a token on standard input')
  return token
}

const LABELS = { ok: 'ok  ', note: 'note', problem: 'fix ' } as const

function lineOf({ level, text, remedy }: Finding): string {
  return `${LABELS[level]}  ${text}${remedy === undefined ? '' : `: ${remedy}`}`
}
