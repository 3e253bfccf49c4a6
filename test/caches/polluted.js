// Runs in a separate process, because it changes Object.prototype: node polluted.js, with a list of pollutions on
// stdin. Returns for each of them which caller passes which guard.
import { generateKeyPairSync, sign } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { createClerkAuth } from '@clerk-auth/core'
import { authOf, guard, identify } from '@clerk-auth/core/adapter'

/** @typedef {Record<string, unknown>} Members */
/** @typedef {{ members: Members, when: string }} Pollution `when`: `before` or `after` the instance and its guards are made */

const ISSUER = 'https://clerk.example.com'
const NOW = Date.now()
const SECONDS = Math.floor(NOW / 1000)
const HERE = `mch_${'h'.repeat(27)}`
const ELSEWHERE = `mch_${'e'.repeat(27)}`
const WORKER = `mch_${'w'.repeat(27)}`
const USER = `user_${'u'.repeat(27)}`
const APP = 'https://app.example.com'
const HEX = '0123456789abcdef'.repeat(2)

const ours = generateKeyPairSync('ed25519')
const mallory = generateKeyPairSync('ed25519')
const jwkOf = (/** @type {typeof ours} */ { publicKey }) => ({ ...publicKey.export({ format: 'jwk' }), kid: 'key_1' })

/** @param {Members} claims a claim that is `undefined` is omitted @param {Members} [header] */
function mint(claims, header = {}, { privateKey } = ours) {
  const times = { iat: SECONDS, nbf: SECONDS, exp: SECONDS + 600 }
  const common = { iss: ISSUER, aud: 'api', ...times, ...claims }
  const input = [{ alg: 'EdDSA', typ: 'JWT', kid: 'key_1', ...header }, common]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `${input}.${sign(null, Buffer.from(input), privateKey).toString('base64url')}`
}

const session = { sub: USER, sid: 'sess_1', azp: APP, v: 2 }
const machine = { sub: WORKER, aud: undefined }
const client = { sub: USER, client_id: 'client_1' }
const opaque = (/** @type {string} */ prefix, /** @type {string} */ name) => `${prefix}_${name.padEnd(24, '_')}`

/** No caller passes more guards than those listed for its credential. @type {Record<string, string | undefined>} */
const CALLERS = {
  'no caller': undefined,
  'a user': mint(session),
  'a user in the old format': mint({ ...session, v: 1 }),
  'a member without a role': mint({ ...session, o: { id: 'org_1' } }),
  'a member without a role in the old format': mint({ ...session, v: 1, org_id: 'org_1' }),
  'an impersonated user': mint({ ...session, act: { sub: 'user_support' } }),
  'a user of another party': mint({ ...session, azp: 'https://evil.example' }),
  'a user without a party': mint({ ...session, azp: undefined }),
  'a user of another audience': mint({ ...session, aud: 'other' }),
  'a user without an audience': mint({ ...session, aud: undefined }),
  'a user of another issuer': mint({ ...session, iss: 'https://evil.example' }),
  'a user with a pending session': mint({ ...session, sts: 'pending' }),
  'a user of yesterday': mint({ ...session, iat: SECONDS - 86_400, nbf: SECONDS - 86_400, exp: SECONDS - 80_000 }),
  'a token without an expiry': mint({ ...session, exp: undefined }),
  'a token without an issuer': mint({ ...session, iss: undefined }),
  'a token without a subject': mint({ ...session, sub: undefined }),
  'a token without a time': mint({ ...session, iat: undefined }),
  'a template token': mint({ sub: USER, azp: APP }),
  'a template token with its category': mint({ sub: USER, azp: APP }, { cat: 'cl_B7d4PD222AAA' }),
  'a forged user': mint(session, {}, mallory),
  'a user of a local instance': mint(session, { kid: 'ins_local_1' }),
  'a user with an unknown key': mint(session, { kid: 'key_2' }, mallory),
  'a machine': mint({ ...machine, scopes: HERE }),
  'a machine with another scope': mint({ ...machine, scopes: ELSEWHERE }),
  'a machine without a scope': mint(machine),
  'a client': mint(client, { typ: 'at+jwt' }),
  'an OAuth token without a client': mint({ ...client, client_id: undefined }, { typ: 'at+jwt' }),
  'an M2M token': opaque('mt', 'good'),
  'an M2M token with another scope': opaque('mt', 'elsewhere'),
  'an M2M token without a scope': opaque('mt', 'unscoped'),
  'an M2M token with an incomplete response': opaque('mt', 'incomplete'),
  'a revoked M2M token': opaque('mt', 'revoked'),
  'an expired M2M token': opaque('mt', 'expired'),
  'an unknown M2M token': opaque('mt', 'unknown'),
  'an OAuth token': opaque('oat', 'good'),
  'a revoked OAuth token': opaque('oat', 'revoked'),
  'an inactive OAuth token': opaque('oat', 'inactive'),
  'an API key': opaque('ak', 'good'),
  'a revoked API key': opaque('ak', 'revoked'),
}

const GUARDS = {
  'a session': {},
  'an admin': { role: 'org:admin' },
  'a permission': { permission: 'org:invoices:create' },
  'a feature': { feature: 'invoices' },
  'a plan': { plan: 'pro' },
  'an organization': { org: true },
  'its organization': { org: () => 'org_1' },
  'a fresh session': { reverification: 'strict' },
  'no impersonation': { impersonation: 'deny' },
  'a machine': { acceptsToken: 'm2m_token' },
  'another machine': { acceptsToken: 'm2m_token', machine: ELSEWHERE },
  'a client': { acceptsToken: 'oauth_token' },
  'another client': { acceptsToken: 'oauth_token', client: 'client_2' },
  'a scope': { acceptsToken: ['oauth_token', 'api_key'], scope: 'invoices:write' },
  'a key': { acceptsToken: 'api_key' },
  'any caller': { acceptsToken: 'any' },
  'any caller of an organization': { acceptsToken: 'any', org: true },
  'a check': { check: () => false },
}

const FLAGS = { revoked: false, expired: false, expiration: null }
const ANSWERS = /** @type {const} */ ({
  mt: { object: 'machine_to_machine_token', id: `mt_${HEX}`, subject: WORKER, scopes: [HERE], claims: null, ...FLAGS },
  oat: {
    object: 'clerk_idp_oauth_access_token',
    id: `oat_${HEX}`,
    client_id: 'client_1',
    subject: USER,
    scopes: ['profile'],
    aud: 'api',
    ...FLAGS,
  },
  ak: { object: 'api_key', id: `ak_${HEX}`, subject: USER, name: 'key', claims: null, scopes: [], ...FLAGS },
})

/** Clerk. @param {string} url @param {RequestInit} init */
async function fetchOf(url, init) {
  if (url.endsWith('jwks.json') || url.endsWith('/jwks'))
    return Response.json({ keys: [jwkOf(ours), { ...jwkOf(ours), kid: 'ins_local_1' }] })
  const token = String(Object.values(JSON.parse(/** @type {string} */ (init.body)))[0])
  const [prefix, name] = token.split('_')
  const answer = Object.entries(ANSWERS).find(([key]) => key === prefix)?.[1]
  if (name === 'unknown')
    return Response.json(
      { errors: [{ code: 'not_found', message: 'Not found', long_message: 'Not found' }] },
      { status: 404 },
    )
  if (name === 'inactive') return Response.json({ active: false })
  if (name === 'unscoped') return Response.json({ ...answer, scopes: undefined })
  if (name === 'incomplete') return Response.json({ ...answer, revoked: undefined, expired: undefined })
  if (name === 'elsewhere') return Response.json({ ...answer, scopes: [ELSEWHERE] })
  return Response.json({ ...answer, [name ?? '']: true })
}

function start() {
  const clerk = createClerkAuth(
    {
      frontendApiUrl: ISSUER,
      secretKey: 'sk_live_secret',
      machineId: HERE,
      audience: 'api',
      authorizedParties: [APP],
      acceptsToken: 'any',
      fetch: fetchOf,
    },
    { NODE_ENV: 'production' },
  )
  const guards = Object.entries(GUARDS).map(([name, requirement]) => {
    const check = guard(/** @type {never} */ (requirement))
    return /** @type {const} */ ([name, check])
  })
  return { clerk, guards }
}

/** The pairs of a caller and a guard that accepts it. @param {ReturnType<typeof start>} started */
async function passesOf({ clerk, guards }) {
  const passes = []
  for (const [caller, token] of Object.entries(CALLERS)) {
    const source = { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } }
    const identified = {}
    await identify(identified, source, clerk)
    if (authOf(identified).isAuthenticated) passes.push(`${caller} is a user`)
    for (const [name, check] of guards) {
      const request = { ...identified }
      if ((await check(request, request)) === undefined) passes.push(`${caller} passes the guard for ${name}`)
    }
  }
  clerk.close()
  return passes
}

/** An error that is thrown does not accept a caller either. @param {Pollution} pollution */
async function polluted({ members, when }) {
  const descriptors = Object.entries(members)
  const started = when === 'after' ? start() : undefined
  if (started) await started.clerk.warmUp()
  for (const [name, value] of descriptors) Reflect.set(Object.prototype, name, value)
  try {
    return await passesOf(started ?? start())
  } catch {
    return []
  } finally {
    for (const [name] of descriptors) Reflect.deleteProperty(Object.prototype, name)
  }
}

const malloryKey = JSON.stringify(jwkOf(mallory))
const job = (await text(process.stdin)).replaceAll('<key of mallory>', malloryKey.replaceAll('"', String.raw`\"`))
/** @type {string[][]} */
const passes = []
for (const pollution of /** @type {readonly Pollution[]} */ (JSON.parse(job))) passes.push(await polluted(pollution))
process.stdout.write(JSON.stringify(passes))
