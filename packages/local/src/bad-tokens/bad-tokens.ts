import { jsonAnswer } from '../api/answer.js'
import { BAD_CLAIMS } from './bad-claims.js'
import { credentials, type CredentialMint } from './bad-credentials.js'
import { BAD_FORMS } from './bad-forms.js'
import { BAD_OF_KIND } from './bad-of-kind.js'
import { BAD_SIGNATURES } from './bad-signatures.js'
import { badToken, type BadToken } from './bad-token.js'
import type { Endpoint } from '../api/endpoint.js'
import { forge, type ForgeKeys } from './forge.js'
import { checkInput, rule, type InputRules } from '../support/input.js'
import { createKeyRing, type KeyRing, type SigningKey } from '../tokens/keys.js'
import type { LocalClerk } from '../local-clerk.js'
import type { Machines } from '../tokens/machines.js'
import type { Population } from '../seed/seed.js'
import type { LocalSettings } from '../instance/settings.js'
import { TOKEN_KINDS, type JwtKind, type TokenKind } from '../tokens/token-kind.js'

/** The route that the tokens are bad for. */
export interface BadTokensOptions {
  /** the kind of token that the route accepts, default `session_token` */
  readonly acceptsToken?: TokenKind
}

export interface BadTokenSource {
  readonly url: () => string
  readonly keys: KeyRing
  readonly now: () => number
  readonly settings: Required<LocalSettings>
  readonly population: Population
  readonly machines: Machines
  readonly tokens: Tokens
  readonly revoke: (token: string) => void
}

type Tokens = Pick<LocalClerk, 'sessionToken' | 'm2mToken' | 'oauthToken' | 'apiKey' | 'templateToken'>

export interface BadTokens {
  /** @throws {TypeError} if the kind is unknown */
  readonly all: (options?: BadTokensOptions) => Promise<readonly BadToken[]>
  /** serves a foreign key to verifiers that follow a token's `jku` */
  readonly endpoint: Endpoint
}

/** Tokens with other faults must not expire between the collection of tests and their run. */
const TTL_IN_SECONDS = 86_400

const STRANGER_KEYS_PATH = '/_local/stranger/jwks.json'

export function createBadTokens(source: BadTokenSource): BadTokens {
  const { keys, settings } = source
  const mint = mintOf(source)
  let stranger: Promise<SigningKey> | undefined

  async function strangerKey(): Promise<SigningKey> {
    stranger ??= createKeyRing(keys.current.algorithm).then(({ current }) => current)
    return stranger
  }

  async function all(options: BadTokensOptions = {}): Promise<readonly BadToken[]> {
    checkInput('badTokens()', options, RULES)
    const { acceptsToken: kind = 'session_token' } = options
    const jwts = kind === 'api_key' ? [] : await badJwts(kind)
    return [...jwts, ...(await badCredentials(kind))]
  }

  async function badJwts(kind: JwtKind): Promise<readonly BadToken[]> {
    const forgeKeys: ForgeKeys = {
      ours: keys.current,
      stranger: await strangerKey(),
      strangerKeysUrl: source.url() + STRANGER_KEYS_PATH,
    }
    const kit = forge(await goodJwt(kind, mint), Math.floor(source.now() / 1000), forgeKeys)
    const rows = [...BAD_CLAIMS, ...BAD_OF_KIND[kind], ...BAD_SIGNATURES, ...BAD_FORMS]
    return Promise.all(rows.map(async ([name, code, make]) => badToken(name, code, await make(kit))))
  }

  async function badCredentials(kind: TokenKind): Promise<readonly BadToken[]> {
    const rows = credentials(mint, settings)
    const bad = rows.map(async ([name, itsKind, itsCode, make]) => {
      const code = itsKind === kind || itsKind === 'none' ? itsCode : 'token-type-mismatch'
      return code === 'good' ? [] : [badToken(name, code, await make())]
    })
    return (await Promise.all(bad)).flat()
  }

  return {
    all,
    endpoint: {
      method: 'GET',
      path: STRANGER_KEYS_PATH,
      listing: 'unlisted',
      async answer() {
        const { publicJwk } = await strangerKey()
        return jsonAnswer({ keys: [{ ...publicJwk, kid: keys.current.kid }] })
      },
    },
  }
}

/** Works for any seed: picks an existing user, and a machine that may call another if possible. */
function mintOf({ tokens, population, machines, revoke }: BadTokenSource): CredentialMint {
  const anyUser = () => {
    const [user] = Object.keys(population.people)
    if (user === undefined) throw new TypeError('badTokens() requires at least one person in the seed')
    return user
  }
  const anyMachine = () => {
    const all = machines.all()
    const machine = all.find(({ scopes }) => scopes.length > 0) ?? all[0]
    if (!machine) throw new TypeError('badTokens() requires a machine, but all have been deleted')
    return machine.id
  }
  return {
    sessionToken: (input) => tokens.sessionToken({ ...input, user: anyUser() }),
    templateToken: (input) => tokens.templateToken({ ...input, user: anyUser() }),
    oauthToken: (input) => tokens.oauthToken({ ...input, user: anyUser() }),
    apiKey: (input) => tokens.apiKey({ ...input, subject: anyUser() }),
    m2mToken: (input) => tokens.m2mToken({ ...input, from: anyMachine() }),
    revoke,
  }
}

function goodJwt(kind: JwtKind, mint: CredentialMint): Promise<string> {
  const [format, ttlInSeconds] = ['jwt', TTL_IN_SECONDS] as const
  switch (kind) {
    case 'session_token':
      return mint.sessionToken({ ttlInSeconds })
    case 'm2m_token':
      return mint.m2mToken({ format, ttlInSeconds })
    case 'oauth_token':
      return mint.oauthToken({ format, ttlInSeconds })
    case 'jwt_template':
      return mint.templateToken({ ttlInSeconds })
  }
}

const RULES: InputRules<BadTokensOptions> = {
  acceptsToken: rule(`one of ${TOKEN_KINDS.map((kind) => `"${kind}"`).join(', ')}`, (value) =>
    TOKEN_KINDS.some((kind) => kind === value),
  ),
}
