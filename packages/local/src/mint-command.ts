import { FLAG, TEXT, TEXTS, parse } from './arguments.js'
import { parseDuration } from './duration.js'
import { MINT_PATHS } from './mint-token.js'

export const DEFAULT_PORT = '4010'
const ANSWER_TIMEOUT_IN_MS = 5_000

type Values = Readonly<Record<string, string | readonly string[] | boolean | undefined>>

interface MintCommand {
  readonly path: string
  /** what the name after the command is, in words */
  readonly takes: string
  readonly options: Readonly<Record<string, typeof TEXT | typeof TEXTS>>
  readonly input: (name: string, values: Values) => object
}

const COMMANDS = {
  token: {
    path: MINT_PATHS.session,
    takes: 'one person, as in: token alice',
    options: { org: TEXT, role: TEXT },
    input: (user, { org, role }) => ({ user, org, role }),
  },
  m2m: {
    path: MINT_PATHS.m2m,
    takes: 'one machine, as in: m2m worker',
    options: { to: TEXTS, format: TEXT },
    input: (from, { to, format }) => ({ from, to, format }),
  },
  oauth: {
    path: MINT_PATHS.oauth,
    takes: 'one person, as in: oauth alice',
    options: { client: TEXT, scope: TEXTS, format: TEXT },
    input: (user, { client, scope, format }) => ({ user, client, scopes: scope, format }),
  },
  'api-key': {
    path: MINT_PATHS.apiKey,
    takes: 'one person or organization, as in: api-key alice',
    options: { scope: TEXTS },
    input: (subject, { scope }) => ({ subject, scopes: scope }),
  },
} as const satisfies Readonly<Record<string, MintCommand>>

export const MINT_COMMANDS = Object.keys(COMMANDS)

export function isMintCommand(name: string): name is keyof typeof COMMANDS {
  return Object.hasOwn(COMMANDS, name)
}

/** A token of a running instance; `undefined` when it was help that was asked for. */
export async function mintByCommand(
  name: keyof typeof COMMANDS,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const { path, takes, options, input }: MintCommand = COMMANDS[name]
  const { values, positionals } = parse(argv, { ...options, ...COMMON })
  if (values.help) return undefined

  const [subject, ...more] = positionals
  if (subject === undefined || more.length > 0) throw new TypeError(`name ${takes}`)
  const ttlInSeconds = values.ttl === undefined ? undefined : parseDuration(values.ttl)
  if (values.ttl !== undefined && ttlInSeconds === undefined)
    throw new TypeError('--ttl must be a duration such as 90, 90s, 15m, 8h or 2d')
  const url = values.url ?? (env['CLERK_FAPI'] || `http://127.0.0.1:${DEFAULT_PORT}`)
  if (!URL.canParse(url) || !new URL(url).protocol.startsWith('http'))
    throw new TypeError(`"${url}" is not the URL of a local instance: give it by --url`)

  return askForToken(url, path, { ...input(subject, values), ttlInSeconds })
}

async function askForToken(url: string, path: string, input: object): Promise<string> {
  const response = await fetch(new URL(path, url), {
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

const COMMON = { ttl: TEXT, url: TEXT, help: FLAG } as const
