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
import { newSigningKey, type SigningKey } from '../tokens/keys.js'
import type { Instance } from '../instance/instance.js'
import { TOKEN_KINDS, type JwtKind, type TokenKind } from '../tokens/token-kind.js'

/** The route that the tokens are bad for. */
export interface BadTokensOptions {
  /** the kind of token that the route accepts, default `session_token` */
  readonly acceptsToken?: TokenKind
}

export interface BadTokenSource {
  readonly instance: Instance
  readonly revoke: (token: string) => void
}

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
  const { keys, settings, world } = source.instance
  const mint = mintOf(source)
  let stranger: Promise<SigningKey> | undefined

  async function strangerKey(): Promise<SigningKey> {
    stranger ??= newSigningKey(keys.current.algorithm)
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
      strangerKeysUrl: world.url() + STRANGER_KEYS_PATH,
    }
    const kit = forge(await goodJwt(kind, mint), Math.floor(world.now() / 1000), forgeKeys)
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
function mintOf({ instance: { mint, world }, revoke }: BadTokenSource): CredentialMint {
  const anyUser = () => {
    const [user] = world.users.all()
    if (user === undefined) throw new TypeError('badTokens() requires at least one person in the seed')
    return user.id
  }
  const anyMachine = () => {
    const all = world.machines.all()
    const machine = all.find(({ scopes }) => scopes.length > 0) ?? all[0]
    if (!machine) throw new TypeError('badTokens() requires a machine, but all have been deleted')
    return machine.id
  }
  return {
    sessionToken: (input) => mint.sessionToken({ ...input, user: anyUser() }),
    templateToken: (input) => mint.templateToken({ ...input, user: anyUser() }),
    oauthToken: (input) => mint.oauthToken({ ...input, user: anyUser() }),
    apiKey: (input) => mint.apiKey({ ...input, subject: anyUser() }),
    m2mToken: (input) => mint.m2mToken({ ...input, from: anyMachine() }),
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
