import type { TokenType } from '@clerk-auth/core'
import { KINDS } from '../../packages/core/src/kinds/kinds.js'
import { SECOND, NOW } from '../../packages/core/test/fixtures.js'
import { HERE, MACHINE, ORG, opaque, USER } from '../../packages/core/test/fixtures-machines.js'
import { KEY } from './instance.js'

/** A way to authenticate: a kind of token in one of its forms. */
export interface Caller {
  readonly name: string
  readonly tokenType: TokenType
  readonly isOpaque: boolean
  /** Valid for an hour. */
  readonly token: string
}

const LIVES_AN_HOUR = { exp: NOW / SECOND + 3600 }
const NESTED = { list: [{ deep: [true, 'text'] }], empty: {} }
const ACTOR = { act: { sub: 'user_support', reason: NESTED } }

const session = (claims: object, { category: cat }: { category: string } = KINDS.session_token.jwt) =>
  KEY.token({ ...LIVES_AN_HOUR, ...ACTOR, fva: [1, -1], custom: NESTED, ...claims }, { cat })
const machineClaims = { ...LIVES_AN_HOUR, sub: MACHINE, sid: undefined, scopes: [HERE], tier: NESTED, jti: 'mt_1' }
const clientClaims = {
  ...LIVES_AN_HOUR,
  ...ACTOR,
  sub: USER,
  sid: undefined,
  client_id: 'client_1',
  scp: ['invoices:read'],
  aud: ['https://api.example.com'],
  org_id: ORG,
}

/** Every kind in every form, with everything that an auth object can contain. */
const ALL: readonly Caller[] = [
  jwt('a session', 'session_token', session({ v: 2, ...organization() })),
  jwt(
    'a session in the old format',
    'session_token',
    session({ org_id: ORG, org_permissions: ['org:invoices:create'] }),
  ),
  jwt('a template token', 'jwt_template', session({ sid: undefined }, KINDS.jwt_template.jwt)),
  jwt('an M2M JWT', 'm2m_token', KEY.token(machineClaims, { cat: KINDS.m2m_token.jwt.category })),
  jwt('an OAuth JWT', 'oauth_token', KEY.token(clientClaims, { typ: 'at+jwt' })),
  { name: 'an M2M token', tokenType: 'm2m_token', isOpaque: true, token: opaque('m2m_token') },
  { name: 'an OAuth token', tokenType: 'oauth_token', isOpaque: true, token: opaque('oauth_token') },
  { name: 'an API key', tokenType: 'api_key', isOpaque: true, token: opaque('api_key') },
]

/** By name, for test tables. */
export const CALLERS = ALL.map((caller) => [caller.name, caller] as const)
export const JWTS = CALLERS.filter(([, { isOpaque }]) => !isOpaque)
export const OPAQUE = CALLERS.filter(([, { isOpaque }]) => isOpaque)

/** A session with all claims that one can have. */
export const SESSION = ALL[0]!

/** Members of Clerk's response beyond those of every valid token. */
export const REMOTE_MEMBERS = {
  m2m_token: { claims: NESTED },
  oauth_token: { aud: ['https://api.example.com'], org_id: ORG, ...ACTOR },
  api_key: { claims: NESTED },
} as const

function jwt(name: string, tokenType: TokenType, token: string): Caller {
  return { name, tokenType, isOpaque: false, token }
}

function organization() {
  return { o: { id: ORG, rol: 'admin', slg: 'acme', per: 'create,read', fpm: '3' }, fea: 'o:invoices', pla: 'o:pro' }
}
