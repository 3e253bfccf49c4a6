import { FLAG, HELP, STRING, STRING_LIST, parse } from './arguments.js'
import { parseDuration } from './duration.js'
import { isObject } from '../support/input.js'
import { MINT_PATHS } from '../control/mint-token.js'
import { parseJson } from '../support/parse-json.js'

export const DEFAULT_PORT = '4010'
export const DEFAULT_URL = `http://127.0.0.1:${DEFAULT_PORT}`
const ANSWER_TIMEOUT_IN_MS = 5_000

export const MINT_HELP = `  npx @clerk-auth/local token <person> [options] prints a session token from the running instance
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
    --url <url>              default: CLERK_FAPI, or ${DEFAULT_URL}`

type Values = Readonly<Record<string, string | readonly string[] | boolean | undefined>>

interface MintCommand {
  readonly path: string
  /** describes the command's argument */
  readonly takes: string
  readonly options: Readonly<Record<string, typeof STRING | typeof STRING_LIST | typeof FLAG>>
  readonly input: (name: string, values: Values) => object
}

const COMMANDS = {
  token: {
    path: MINT_PATHS.session,
    takes: 'one person, as in: token alice',
    options: {
      org: STRING,
      'no-org': FLAG,
      role: STRING,
      permission: STRING_LIST,
      azp: STRING,
      actor: STRING,
      pending: FLAG,
    },
    input: (user, { org, role, permission, azp, actor, ...flags }) => ({
      user,
      org: orgOf(org, flags['no-org']),
      role,
      permissions: permission,
      azp,
      actor,
      status: flags['pending'] === true ? 'pending' : undefined,
    }),
  },
  m2m: {
    path: MINT_PATHS.m2m,
    takes: 'one machine, as in: m2m worker',
    options: { to: STRING_LIST, format: STRING },
    input: (from, { to, format }) => ({ from, to, format }),
  },
  oauth: {
    path: MINT_PATHS.oauth,
    takes: 'one person, as in: oauth alice',
    options: { client: STRING, scope: STRING_LIST, audience: STRING_LIST, org: STRING, actor: STRING, format: STRING },
    input: (user, { client, scope, audience, org, actor, format }) => ({
      user,
      client,
      scopes: scope,
      audience,
      org,
      actor,
      format,
    }),
  },
  'api-key': {
    path: MINT_PATHS.apiKey,
    takes: 'one person or organization, as in: api-key alice',
    options: { scope: STRING_LIST },
    input: (subject, { scope }) => ({ subject, scopes: scope }),
  },
  template: {
    path: MINT_PATHS.template,
    takes: 'one person, as in: template alice',
    options: {},
    input: (user) => ({ user }),
  },
} as const satisfies Readonly<Record<string, MintCommand>>

export const MINT_COMMANDS = Object.keys(COMMANDS)

export function isMintCommand(name: string): name is keyof typeof COMMANDS {
  return Object.hasOwn(COMMANDS, name)
}

export interface MintIo {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly out: (text: string) => void
}

/** Prints a token that a running instance mints. */
export async function mintCommand(
  name: keyof typeof COMMANDS,
  argv: readonly string[],
  io: MintIo,
): Promise<0 | 'help'> {
  const { path, takes, options, input }: MintCommand = COMMANDS[name]
  const { values, positionals } = parse(argv, { ...options, ...COMMON })
  if (values.help) return 'help'

  const [subject, ...more] = positionals
  if (subject === undefined || more.length > 0) throw new TypeError(`${name} takes ${takes}`)
  const ttlInSeconds = values.ttl === undefined ? undefined : ttlOf(values.ttl)
  const claims = values.claims === undefined ? undefined : parseJson(values.claims)
  if (values.claims !== undefined && !isObject(claims))
    throw new TypeError(`--claims must be a JSON object, as in: --claims '{"plan":"pro"}'`)
  const url = values.url ?? (io.env['CLERK_FAPI'] || DEFAULT_URL)
  if (!URL.canParse(url) || !new URL(url).protocol.startsWith('http'))
    throw new TypeError(`"${url}" is not a URL: pass that of a local instance as --url, such as ${DEFAULT_URL}`)

  io.out(await askForToken(url, path, { ...input(subject, values), ttlInSeconds, claims }))
  return 0
}

function orgOf(org: Values[string], isNone: Values[string]): Values[string] | null {
  if (isNone !== true) return org
  if (org !== undefined) throw new TypeError('use either --org or --no-org, not both')
  return null
}

function ttlOf(text: string): number {
  const [, sign, duration = ''] = /^(-?)(.*)$/.exec(text) ?? []
  const seconds = parseDuration(duration)
  if (seconds === undefined)
    throw new TypeError(
      '--ttl must be a duration such as 90, 90s, 15m, 8h or 2d, or -60s for a token that expired a minute ago',
    )
  return sign === '-' ? -seconds : seconds
}

async function askForToken(url: string, path: string, input: object): Promise<string> {
  const response = await fetch(new URL(path, url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
    redirect: 'error',
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_IN_MS),
  }).catch((cause: unknown) => {
    throw new Error(`no local instance responds at ${url}: start one with "npx @clerk-auth/local", or pass its --url`, {
      cause,
    })
  })
  const answer = (await response.json().catch(() => undefined)) as MintAnswer | undefined
  if (typeof answer?.token === 'string' && TOKEN.test(answer.token)) return answer.token
  throw new Error(refusalIn(answer) ?? `the server at ${url} is not a local instance: pass its --url`)
}

/** The server may be anything, and its token is printed. */
const TOKEN = /^[\w.-]+$/

function refusalIn(answer: MintAnswer | undefined): string | undefined {
  const message = answer?.errors?.[0]?.long_message
  return typeof message === 'string' ? message : undefined
}

interface MintAnswer {
  readonly token?: unknown
  readonly errors?: readonly { readonly long_message?: unknown }[]
}

const COMMON = { ttl: STRING, claims: STRING, url: STRING, help: HELP } as const
