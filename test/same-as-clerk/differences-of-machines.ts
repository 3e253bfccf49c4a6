import type { LocalClerk } from '@clerk-auth/local'
import { askClerk, askOurs, clerkSdk, newOurs, type OurAuth } from './both.js'
import { clerkVerdict, field, orThrown, ourVerdict, verdict, type Difference } from './difference.js'
import { CATEGORY, ISSUER, m2mJwt, MACHINE, oauthJwt } from './tokens.js'

const API = 'https://api.example.com'
const m2m = { acceptsToken: 'm2m_token', here: { machineId: 'any' } } as const
const oauth = { acceptsToken: 'oauth_token' } as const
const any: Parameters<typeof verdict>[2] = { acceptsToken: ['m2m_token', 'oauth_token'], here: { machineId: 'any' } }

const jwts: readonly Difference[] = [
  {
    what: 'An M2M JWT, if `machineId` is not set',
    clerk: verdict('', m2mJwt(), { acceptsToken: 'm2m_token' }).clerk,
    here: async () => {
      const headers = new Headers({ Authorization: `Bearer ${m2mJwt()}` })
      return ourVerdict((await newOurs().authenticate(headers, { acceptsToken: 'm2m_token' })) as OurAuth)
    },
  },
  verdict('An M2M JWT for machines other than `machineId`', m2mJwt(), {
    acceptsToken: 'm2m_token',
    here: { machineId: MACHINE },
  }),
  verdict('An M2M JWT of an instance whose tokens have no class', m2mJwt({}, { cat: CATEGORY.ignore }), m2m),
  verdict('An M2M JWT whose `sub` is not a machine id', m2mJwt({ sub: 'mch_1' }), m2m),
  verdict('An M2M JWT, if `audience` is set', m2mJwt(), { ...m2m, audience: API }),
  verdict('An M2M or OAuth JWT without `iss`', [m2mJwt({ iss: undefined }), oauthJwt({ iss: undefined })], any),
  verdict(
    'An M2M or OAuth JWT with an `iss` other than `issuer`',
    [m2mJwt({ iss: 'https://other.example' }), oauthJwt({ iss: 'https://other.example' })],
    { ...any, issuer: ISSUER },
  ),
  field('Multiple spaces in `scopes` of an M2M JWT', 'scopes', m2mJwt({ scopes: ' a  b' }), m2m),
  field('A list as `scopes` of an M2M JWT', 'scopes', m2mJwt({ scopes: ['a', 'b'] }), m2m),
  field('A string as `aud` of an M2M JWT without `scopes`', 'scopes', m2mJwt({ scopes: undefined, aud: 'a' }), m2m),
  field(
    'A claim called `__proto__`, in an M2M JWT',
    'claims',
    m2mJwt({ aud: undefined, scopes: undefined, a: 1, ['__proto__']: { b: 2 } }),
    m2m,
  ),
  field('A `jti` that is not a string', 'id', m2mJwt({ jti: 7 }), m2m),
  verdict('An OAuth JWT without `client_id`', oauthJwt({ client_id: undefined }), oauth),
  verdict('An OAuth JWT whose `sub` is not a user id', oauthJwt({ sub: 'client_1' }), oauth),
  verdict('An OAuth JWT with the class of session tokens', oauthJwt({}, { cat: CATEGORY.session }), oauth),
  field('Multiple spaces in `scope` of an OAuth JWT', 'scopes', oauthJwt({ scope: 'a  b' }), oauth),
  field('A string as `scp` of an OAuth JWT', 'scopes', oauthJwt({ scp: 'a b' }), oauth),
  field('A number as `scope` of an OAuth JWT', 'scopes', oauthJwt({ scope: 7 }), oauth),
  field('The organization of an OAuth JWT', 'orgId', oauthJwt({ org_id: 'org_2a' }), oauth),
  field('The audience of an OAuth JWT', 'audience', oauthJwt({ aud: [API] }), oauth),
  field('The actor of an OAuth JWT', 'actor', oauthJwt({ act: { sub: 'agent_1' } }), oauth),
  field('The expiry of a token', 'expiresAt', oauthJwt(), oauth),
]

/** New instances, so that nothing is cached. */
function both(local: LocalClerk, secrets: { secretKey?: string; machineId?: string } = {}) {
  const options = { secretKey: local.env.CLERK_SECRET_KEY, apiUrl: local.env.CLERK_API_URL, ...secrets }
  const sdk = clerkSdk(options)
  const ours = newOurs({ acceptsToken: 'm2m_token', jwtKey: local.jwtKey, issuer: local.url, ...options })
  return {
    clerk: async (token: string) =>
      clerkVerdict(await orThrown(() => askClerk(token, { acceptsToken: 'm2m_token' }, sdk))),
    here: async (token: string) => ourVerdict(await askOurs(token, {}, ours)),
  }
}

/** An opaque M2M token for which the Backend API gives an unusual response. */
function answered(what: string, fault: Parameters<LocalClerk['fault']>[1]): Difference {
  const ask = (side: 'clerk' | 'here') => async (local: LocalClerk) => {
    const token = await local.m2mToken()
    const clear = local.fault('verifyM2MToken', fault)
    const answer = await both(local)[side](token)
    clear()
    return answer
  }
  return { what, clerk: ask('clerk'), here: ask('here') }
}

/** How often the Backend API is called. */
function counted(what: string, token: (local: LocalClerk) => Promise<string>, times: number): Difference {
  const ask = (side: 'clerk' | 'here') => async (local: LocalClerk) => {
    const one = await token(local)
    const before = local.calls('verifyM2MToken')
    const ask = both(local)[side]
    for (let i = 0; i < times; i++) await ask(one)
    const calls = local.calls('verifyM2MToken') - before
    return `${calls} call${calls === 1 ? '' : 's'}`
  }
  return { what, clerk: ask('clerk'), here: ask('here') }
}

const ID = `mt_${'0'.repeat(32)}`
const record = {
  object: 'machine_to_machine_token',
  id: ID,
  subject: MACHINE,
  scopes: [],
  claims: null,
  expiration: null,
}
const state = { revoked: false, revocation_reason: null, expired: false, created_at: 1, updated_at: 1 }

const opaque: readonly Difference[] = [
  answered('The Backend API says `revoked: true`', { status: 200, body: { ...record, ...state, revoked: true } }),
  answered('The Backend API says `expired: true`', { status: 200, body: { ...record, ...state, expired: true } }),
  answered('The Backend API returns an `expiration` that has passed', {
    status: 200,
    body: { ...record, ...state, expiration: 1_700_000_000_000 },
  }),
  answered('The Backend API answers 200 with a different object', { status: 200, body: { object: 'other' } }),
  answered('The Backend API answers 500', { status: 500, body: {} }),
  answered('The Backend API answers 429', { status: 429, body: {} }),
  {
    what: 'The keys of the instance cannot be fetched',
    clerk: async (local) => {
      local.fault('GetJWKS', { status: 500 })
      // A different secret, because keys fetched with another one are cached in this process.
      const options = { secretKey: 'sk_test_fresh', apiUrl: local.env.CLERK_API_URL }
      return clerkVerdict(await askClerk(await local.sessionToken(), { jwtKey: '' }, clerkSdk(options)))
    },
    here: async (local) => {
      local.fault('GetJWKS', { status: 500 })
      const { CLERK_SECRET_KEY: secretKey, CLERK_API_URL: apiUrl } = local.env
      const ours = newOurs({ secretKey, apiUrl, jwtKey: undefined, issuer: local.url })
      return ourVerdict(await askOurs(await local.sessionToken(), {}, ours))
    },
  },
  {
    what: 'The secret key is not valid for the instance',
    clerk: async (local) => both(local, { secretKey: 'sk_test_other' }).clerk(await local.m2mToken()),
    here: async (local) => both(local, { secretKey: 'sk_test_other' }).here(await local.m2mToken()),
  },
  counted('The same opaque token, twice', (local) => local.m2mToken(), 2),
  counted('An opaque token with characters that Clerk tokens never have', async () => `mt_${'!'.repeat(20)}`, 1),
  {
    what: 'An opaque M2M token for another machine than `machineId`, verified with `secretKey`',
    clerk: async (local) => both(local).clerk(await local.m2mToken()),
    here: async (local) => both(local, { machineId: local.machines.worker.id }).here(await local.m2mToken()),
  },
]

export const DIFFERENCES_OF_MACHINES: readonly Difference[] = [...jwts, ...opaque]
