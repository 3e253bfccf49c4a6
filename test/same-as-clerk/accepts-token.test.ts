import { getAuthObjectForAcceptedToken } from '@clerk/backend/internal'
import { authOf, identify } from '@clerk-auth/core/adapter'
import { createClerkAuth, type ClerkAuth, type TokenType } from '@clerk-auth/core'
import { startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askClerk, clerkSdk } from './both.js'

type Kind = Exclude<TokenType, 'jwt_template'>
type Accepts = Kind | Kind[] | 'any'

const KINDS: readonly Kind[] = ['session_token', 'm2m_token', 'oauth_token', 'api_key']
/** Every kind, every list of kinds, and `any`. */
const ACCEPTED: readonly Accepts[] = ['any', ...KINDS, ...listsOf(KINDS)]

let local: LocalClerk
let ours: ClerkAuth<'any'>
let sdk: ReturnType<typeof clerkSdk>

beforeAll(async () => {
  local = await startLocalClerk()
  const secrets = {
    secretKey: local.env.CLERK_SECRET_KEY,
    machineSecretKey: local.env.CLERK_MACHINE_SECRET_KEY,
    publishableKey: local.env.CLERK_PUBLISHABLE_KEY,
    apiUrl: local.env.CLERK_API_URL,
  }
  sdk = clerkSdk(secrets)
  ours = createClerkAuth({ ...secrets, machineId: local.env.CLERK_MACHINE_ID, acceptsToken: 'any' }, {})
})
afterAll(() => local.close())

/** What a request may contain, and its kind; `null` if it is refused as any kind. */
const CREDENTIALS: readonly (readonly [what: string, kind: Kind | null, mint: () => Promise<string | undefined>])[] = [
  ['a session token', 'session_token', () => local.sessionToken()],
  ['a session token of the first format', 'session_token', () => local.sessionToken({ version: 1 })],
  ['an opaque M2M token', 'm2m_token', () => local.m2mToken()],
  ['an M2M token as a JWT', 'm2m_token', () => local.m2mToken({ format: 'jwt' })],
  ['an opaque OAuth access token', 'oauth_token', () => local.oauthToken({ format: 'opaque' })],
  ['an OAuth access token as a JWT', 'oauth_token', () => local.oauthToken()],
  ['an API key', 'api_key', () => local.apiKey()],
  ['a token from a JWT template', null, () => local.templateToken()],
  ['a pending session’s token', null, () => local.sessionToken({ status: 'pending' })],
  ['an expired session token', null, () => local.sessionToken({ ttlInSeconds: -60 })],
  ['an unknown API key', null, async () => `ak_${'a'.repeat(40)}`],
  ['no token', null, async () => 'nonsense'],
  ['nothing', null, async () => undefined],
]

function requestWith(token: string | undefined): Request {
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` }
  return new Request('https://api.example.com/', { headers })
}

describe.each(CREDENTIALS)('a request with %s', (_what, kind, mint) => {
  it.each(ACCEPTED)('is accepted or refused by both if %j is accepted', async (acceptsToken) => {
    const request = requestWith(await mint())
    const clerk = (await askClerk(request, { acceptsToken, jwtKey: '' }, sdk)).auth()
    const auth = await ours.authenticate(request, { acceptsToken })
    const passes = kind !== null && kindsOf(acceptsToken).includes(kind) ? kind : null
    expect({ clerk: kindOf(clerk), ours: kindOf(auth) }).toEqual({ clerk: passes, ours: passes })
  })

  it.each(ACCEPTED)('is authenticated by both or by neither if getAuth() accepts %j', async (acceptsToken) => {
    const request = requestWith(await mint())
    const state = await sdk.authenticateRequest(request, { acceptsToken: 'any' })
    const authObject = state.toAuth()!
    const clerk = getAuthObjectForAcceptedToken({ authObject, acceptsToken })
    await identify(request, request, ours)
    const auth = authOf(request, { acceptsToken })
    const passes = kind !== null && kindsOf(acceptsToken).includes(kind) ? kind : null
    expect({ clerk: kindOf(clerk), ours: kindOf(auth) }).toEqual({ clerk: passes, ours: passes })
  })
})

/** The kind of the authenticated caller. */
function kindOf({ isAuthenticated, tokenType }: { isAuthenticated: boolean; tokenType: string | null }): string | null {
  return isAuthenticated ? tokenType : null
}

function kindsOf(acceptsToken: Accepts): readonly Kind[] {
  return acceptsToken === 'any' ? KINDS : [acceptsToken].flat()
}

function listsOf(kinds: readonly Kind[]): Kind[][] {
  const [first, ...others] = kinds
  if (first === undefined) return []
  return [[first], ...listsOf(others).flatMap((list) => [list, [first, ...list]])]
}
