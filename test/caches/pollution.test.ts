import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'

const SECONDS = Math.floor(Date.now() / 1000)
const HERE = `mch_${'h'.repeat(27)}`
const ELSEWHERE = `mch_${'e'.repeat(27)}`
const USER = `user_${'u'.repeat(27)}`
const APP = 'https://app.example.com'

/** Properties that an attacker put on Object.prototype, for example by a merge of JSON that keeps `__proto__`. */
const POLLUTIONS: readonly Readonly<Record<string, unknown>>[] = [
  // A requirement
  { acceptsToken: 'any' },
  { role: 'org:member' },
  { scope: 'profile' },
  { machine: ELSEWHERE },
  { client: 'client_1' },
  // A header, a key and a request
  { alg: 'EdDSA', kid: 'key_1', typ: 'JWT' },
  { cat: 'cl_B7d4PD111AAA' },
  { use: 'sig', key_ops: ['verify'] },
  { authorization: 'Bearer ak_good____________________' },
  // Claims
  { sub: USER },
  { sid: 'sess_1' },
  { iss: 'https://clerk.example.com' },
  { aud: 'api' },
  { azp: APP },
  { exp: SECONDS + 500 },
  { iat: SECONDS, nbf: SECONDS },
  { sts: 'active' },
  { v: 2, o: { id: 'org_1', rol: 'admin' } },
  { o: { id: 'org_1', rol: 'admin', per: 'create', fpm: '1' }, fea: 'o:invoices' },
  { id: 'org_1', rol: 'admin' },
  { org_id: 'org_1', org_role: 'admin', org_permissions: ['org:invoices:create'] },
  { org_role: 'admin' },
  { fea: 'u:invoices', pla: 'u:pro', fva: [0, 0] },
  { client_id: 'client_2' },
  { scp: ['invoices:write'] },
  { scope: 'invoices:write' },
  { scopes: [HERE] },
  { scopes: ['invoices:write'] },
  // Clerk's responses
  { revoked: false, expired: false, active: true },
  { expiration: null, object: 'api_key', subject: USER },
  { errors: [] },
  // The caller
  { isAuthenticated: true, tokenType: 'session_token', userId: USER, sessionId: 'sess_1' },
  { orgId: 'org_1', orgRole: 'org:admin', orgPermissions: ['org:invoices:create'] },
  { machineId: ELSEWHERE, clientId: 'client_2' },
  { error: null, status: 200, code: 'token-type-mismatch' },
  // Options and the environment
  { insecureAllowLocalIssuer: true },
  { treatPendingAsSignedOut: false },
  { missingAzp: 'allow' },
  { clockSkewInMs: 1e12 },
  { issuer: 'https://evil.example' },
  { audience: 'other' },
  { authorizedParties: ['https://evil.example'] },
  { machineId: 'any' },
  { jwtKey: '<key of mallory>' },
  { CLERK_JWT_KEY: '<key of mallory>' },
]
const TIMES = ['before', 'after'] as const
const NONE = { members: {}, when: 'after' }
const CRIT = { members: { crit: [] }, when: 'after' }

const jobs = [NONE, CRIT, ...POLLUTIONS.flatMap((members) => TIMES.map((when) => ({ members, when })))]
let passes: readonly (readonly string[])[]

beforeAll(async () => {
  // The build, because Node cannot run the sources without a compiler.
  const running = promisify(execFile)(process.execPath, [fileURLToPath(new URL('polluted.js', import.meta.url))])
  running.child.stdin?.end(JSON.stringify(jobs))
  passes = JSON.parse((await running).stdout) as typeof passes
}, 120_000)

/** The guards that each caller passes. Callers that are not listed pass none. */
const EXPECTED_RIGHTS: Readonly<Record<string, readonly string[]>> = {
  'a user': ['is a user', 'a session', 'no impersonation', 'any caller'],
  'a user in the old format': ['is a user', 'a session', 'no impersonation', 'any caller'],
  'a member without a role': ['is a user', 'a session', ...ofOrganization(), 'no impersonation', 'any caller'],
  'a member without a role in the old format': [
    'is a user',
    'a session',
    ...ofOrganization(),
    'no impersonation',
    'any caller',
  ],
  'an impersonated user': ['is a user', 'a session', 'any caller'],
  'a machine': ['a machine', 'any caller'],
  'an M2M token': ['a machine', 'any caller'],
  'a client': ['a client', 'any caller'],
  'an OAuth token': ['a client', 'any caller'],
  'an API key': ['a key', 'any caller'],
}

function ofOrganization(): string[] {
  return ['an organization', 'its organization', 'any caller of an organization']
}

test('without pollution each caller passes exactly the guards that it should', () => {
  const expected = Object.entries(EXPECTED_RIGHTS).flatMap(([caller, rights]) =>
    rights.map((right) => (right === 'is a user' ? `${caller} ${right}` : `${caller} passes the guard for ${right}`)),
  )
  expect([...passes[0]!].sort()).toEqual(expected.sort())
})

test('pollution has an effect here: if it adds an extension to each header, no JWT is accepted', () => {
  const callers = new Set(passes[1]!.map((pass) => pass.replace(/ (passes|is) .*/, '')))
  expect([...callers].sort()).toEqual(['an API key', 'an M2M token', 'an OAuth token'])
})

describe.each(TIMES)('set on Object.prototype %s an instance and its guards are made', (when) => {
  test.each(POLLUTIONS.map((members) => [Object.keys(members).join(', '), members] as const))(
    '%s cause no caller to be accepted that would otherwise be refused',
    (_names, members) => {
      const job = jobs.findIndex((one) => one.members === members && one.when === when)
      expect(passes[job]!.filter((pass) => !passes[0]!.includes(pass))).toEqual([])
    },
  )
})

const REFUSALS = [{ error: null }, { error: false }, { error: '' }, { error: 'route' }, { answer: null }]

test.each(REFUSALS.map((members) => [JSON.stringify(members), members] as const))(
  '%s on Object.prototype makes no adapter call the handler of a request that its guard refuses',
  async (_json, members) => {
    const script = fileURLToPath(new URL('polluted-apps.js', import.meta.url))
    const apps = spawn(process.execPath, [script, JSON.stringify(members)], { stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void apps.kill())
    const [line] = (await once(apps.stdout, 'data')) as [Buffer]
    const ports = JSON.parse(line.toString()) as number[]
    const statuses = await Promise.all(ports.map(async (port) => (await fetch(`http://127.0.0.1:${port}`)).status))
    expect(statuses).toEqual([401, 401, 401])
  },
)
