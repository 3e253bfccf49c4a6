import type { TokenType } from '../auth/errors.js'
import type { GuardDescription, RequirementDescription } from '../guard/description.js'
import type { GuardField } from '../kinds/kind.js'
import { kindHas, TOKEN_TYPES } from '../kinds/kinds.js'

export interface DocumentOptions {
  /**
   * The issuer of OAuth tokens, such as `https://clerk.example.com`. With it, OAuth tokens are documented as `oauth2`
   * with the scopes of each operation, so that readers of the document can log in; without it, as `bearer`.
   */
  readonly issuer?: string
}

/** One way to be let in: the name of a security scheme, and its scopes. */
export type SecurityRequirement = Readonly<Record<string, readonly string[]>>

/** @throws {TypeError} if the issuer is not a URL */
export function checkIssuer({ issuer }: DocumentOptions): void {
  if (issuer !== undefined && !URL.canParse(issuer))
    throw new TypeError(
      'option "issuer" must be the frontend API URL of the instance, such as "https://clerk.example.com"',
    )
}

const SCHEMES: Readonly<Record<TokenType, { readonly name: string; readonly definition: object }>> = {
  session_token: { name: 'sessionToken', definition: bearer('The session token of a signed-in user.', 'JWT') },
  m2m_token: { name: 'm2mToken', definition: bearer('A machine-to-machine token.') },
  oauth_token: { name: 'oauthToken', definition: bearer('An OAuth access token.') },
  api_key: { name: 'apiKey', definition: bearer('An API key of a user or an organization.') },
  jwt_template: { name: 'jwtTemplate', definition: bearer('A JWT from a template of the instance.', 'JWT') },
}

function bearer(description: string, bearerFormat?: string): object {
  return { type: 'http', scheme: 'bearer', ...(bearerFormat && { bearerFormat }), description }
}

/** The kinds of token that meet all guards, each with the scopes that it needs. Empty if no kind does. */
export function securityOf(
  guards: readonly GuardDescription[],
  { issuer }: DocumentOptions,
): readonly SecurityRequirement[] {
  const ways = combinations(guards).flatMap((requirements) =>
    TOKEN_TYPES.filter((kind) => requirements.every((requirement) => canMeet(kind, requirement))).map((kind) => {
      const scopes = new Set(requirements.flatMap(({ scope = [] }) => scope))
      // Only schemes of type `oauth2` have scopes: OpenAPI 3.0, "Security Requirement Object".
      return { [SCHEMES[kind].name]: kind === 'oauth_token' && issuer !== undefined ? [...scopes].sort() : [] }
    }),
  )
  const distinct = new Map(ways.map((way) => [JSON.stringify(way), way]))
  return [...distinct.values()]
}

/** Every way to choose one requirement of each guard. */
function combinations(guards: readonly GuardDescription[]): readonly (readonly RequirementDescription[])[] {
  return guards.reduce<readonly (readonly RequirementDescription[])[]>(
    (chosen, { requirements }) => chosen.flatMap((others) => requirements.map((one) => [...others, one])),
    [[]],
  )
}

/** Whether callers of this kind have what the requirement asks for. */
function canMeet(kind: TokenType, requirement: RequirementDescription): boolean {
  const fields = Object.keys(requirement).filter((field) => field !== 'acceptsToken' && field !== 'check')
  return requirement.acceptsToken.includes(kind) && fields.every((field) => kindHas(kind, field as GuardField))
}

/** The schemes that these requirements name. */
export function schemesOf(
  required: readonly SecurityRequirement[],
  { issuer }: DocumentOptions,
): Readonly<Record<string, object>> {
  const used = Object.values(SCHEMES).filter(({ name }) => required.some((one) => Object.hasOwn(one, name)))
  const schemes = Object.fromEntries(used.map(({ name, definition }) => [name, definition]))
  const oauth = SCHEMES.oauth_token.name
  if (issuer === undefined || !Object.hasOwn(schemes, oauth)) return schemes
  const scopes = [...new Set(required.flatMap((one) => one[oauth] ?? []))].sort()
  return { ...schemes, [oauth]: oauth2(issuer, scopes) }
}

/** The endpoints of Clerk's frontend API: https://clerk.com/docs/guides/configure/auth-strategies/oauth/overview */
function oauth2(issuer: string, scopes: readonly string[]): object {
  const endpoint = (path: string) => new URL(path, issuer).href
  return {
    type: 'oauth2',
    description: 'An OAuth access token.',
    flows: {
      authorizationCode: {
        authorizationUrl: endpoint('/oauth/authorize'),
        tokenUrl: endpoint('/oauth/token'),
        refreshUrl: endpoint('/oauth/token'),
        scopes: Object.fromEntries(scopes.map((scope) => [scope, `The scope ${scope}`])),
      },
    },
  }
}
