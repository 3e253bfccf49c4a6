import { API_OPTIONS, readApiOptions } from './api-options.js'
import { FLAG, HELP, STRING, parse } from './arguments.js'
import { DEFAULT_URL } from './mint-command.js'
import { bareToken } from '../explain/bare-token.js'
import { DESCRIBE_PATH } from '../control/describe-token.js'
import type { TokenDescription } from '../tokens/describe-token.js'
import { explainToken } from '../explain/explain-token.js'
import { explanationText } from '../explain/explanation-text.js'
import { ask } from '../support/ask.js'
import { escapeInvisible } from '../support/escape-invisible.js'

export const EXPLAIN_HELP = `  npx @clerk-auth/local explain [token]          explains a token, and whether an API accepts it and why not
                                                 without an argument: reads the token from standard input
    --accepts <kind>         session_token (default), m2m_token, oauth_token, api_key, jwt_template, any
    --issuer, --audience, --authorized-parties <value>
                             what the API expects; may be repeated or comma-separated
    --missing-azp <way>      reject (default) or allow tokens without azp
    --machine-id <id>        the machine that the API runs as, or any
    --clock-skew <duration>  default 5s
    --allow-pending          accepts sessions with pending tasks
    --production             as in production: refuses tokens of local instances
    --publishable-key, --jwks-url, --jwt-key, --url
                             where its keys are; default: the CLERK_* variables, otherwise the running local instance
    --now <time>             such as 2030-01-01T12:00:00Z; default: now
    --json                   prints JSON`

export interface ExplainIo {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Reads piped standard input; `undefined`: standard input is a terminal. */
  readonly input: () => Promise<string | undefined>
  readonly isTerminal: boolean
  readonly out: (text: string) => void
}

/** Prints the explanation of a token. */
export async function explainCommand(argv: readonly string[], io: ExplainIo): Promise<0 | 'help'> {
  const { values, positionals } = parse(argv, { ...API_OPTIONS, now: STRING, json: FLAG, help: HELP })
  if (values.help) return 'help'
  const { rules, keys, instance } = readApiOptions(values, io.env, DEFAULT_URL)

  const describe = (token: string) => (instance === undefined ? undefined : askInstance(instance, token))
  const api = { ...rules, keys: await keys(), describe: async (token: string) => describe(token) }
  const token = await readToken(positionals, io)
  const explanation = await explainToken(token, api, nowOf(values.now))
  io.out(
    values.json
      ? escapeInvisible(JSON.stringify(explanation, null, 2))
      : explanationText(explanation, { colors: io.isTerminal && !io.env['NO_COLOR'] }),
  )
  return 0
}

/** Accepts the token alone, after the word `Bearer`, or as a whole header. */
async function readToken([token, ...more]: readonly string[], io: ExplainIo): Promise<string> {
  if (more.length > 0) throw new TypeError('explain takes one token: quote it if it contains whitespace')
  const text = token === undefined || token === '-' ? await io.input() : token
  const found = text === undefined ? undefined : bareToken(text)
  if (!found) throw new TypeError('explain takes a token, as an argument or on standard input')
  return found
}

function nowOf(text: string | undefined): number {
  const now = text === undefined ? Date.now() : Date.parse(text)
  if (Number.isNaN(now)) throw new TypeError('--now must be a time such as 2030-01-01T12:00:00Z')
  return now
}

/** Returns `undefined` if no local instance is running there. */
async function askInstance(instance: string, token: string): Promise<TokenDescription | undefined> {
  const reply = await ask(new URL(DESCRIBE_PATH, instance).href, undefined, { token })
  const description = reply.status === 200 ? (reply.body as TokenDescription | undefined) : undefined
  return typeof description?.known === 'boolean' ? description : undefined
}
