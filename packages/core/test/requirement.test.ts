import { describe, expect, it } from 'vitest'
import { unauthenticated, type Auth } from '../src/auth/auth.js'
import { AuthError, type AuthErrorCode } from '../src/auth/errors.js'
import type { Requirement, Requirements } from '../src/guard/requirement.js'
import { checkRequirement, requirementCheck } from '../src/guard/requirement-check.js'
import { AUTHS, CLIENT, MACHINE, ORG, OTHER_MACHINE, USER } from './fixtures-machines.js'
import { session, typeErrorOf } from './fixtures-tokens.js'

const facts = {
  o: { id: 'org_2a', rol: 'admin', per: 'read,write', fpm: '3' },
  fea: 'o:teams,u:beta',
  pla: 'o:pro,u:free',
  fva: [5, 5],
}
const admin = session(facts)
const impersonated = session({ ...facts, act: { sub: 'user_support' } })
const loner = session({ fva: [10, 10] })
const anonymous = unauthenticated(new AuthError('token-expired'))
// With everything that a session may have, but of another kind.
const machine = { ...admin, ...AUTHS.m2m_token, orgId: 'org_2a' } as Auth

function refusalOf(auth: Auth, requirement: Requirements<any>, request?: unknown): AuthErrorCode | undefined {
  const error = checkRequirement(auth, requirement, request)
  if (error instanceof Promise) throw new Error('a promise')
  return error?.code
}

describe('checkRequirement', () => {
  it.each<[Requirement<any>, AuthErrorCode]>([
    [{ org: true }, 'org-missing'],
    [{ org: () => 'org_2a' }, 'org-missing'],
    [{ role: 'org:admin' }, 'role-missing'],
    [{ role: ['member', 'admin'] }, 'role-missing'],
    [{ permission: 'org:teams:read' }, 'permission-missing'],
    [{ permission: ['teams:read', 'teams:write'] }, 'permission-missing'],
    [{ feature: 'teams' }, 'feature-missing'],
    [{ feature: ['teams', 'user:beta'] }, 'feature-missing'],
    [{ plan: 'pro' }, 'plan-missing'],
    [{ plan: ['org:pro', 'free'] }, 'plan-missing'],
    [{ reverification: 'strict_mfa' }, 'reverification-required'],
    [{ reverification: { level: 'first_factor', afterMinutes: 6 } }, 'reverification-required'],
  ])('accepts callers that meet %j and refuses others', (requirement, code) => {
    expect(refusalOf(admin, requirement)).toBeUndefined()
    expect(refusalOf(loner, requirement)).toBe(code)
  })

  it.each<[Requirement<any>, AuthErrorCode]>([
    [{ role: ['member', 'owner'] }, 'role-missing'],
    [{ permission: ['teams:read', 'teams:other'] }, 'permission-missing'],
    [{ permission: ['teams:other', 'teams:read'] }, 'permission-missing'],
    [{ feature: ['teams', 'other'] }, 'feature-missing'],
    [{ plan: ['pro', 'other'] }, 'plan-missing'],
    [{ feature: 'user:teams' }, 'feature-missing'],
    [{ reverification: { level: 'first_factor', afterMinutes: 5 } }, 'reverification-required'],
  ])('refuses an admin with %j', (requirement, code) => {
    expect(refusalOf(admin, requirement)).toBe(code)
  })

  it('requires only a session by default', () => {
    expect(refusalOf(loner, {})).toBeUndefined()
    expect(refusalOf(loner, Object.create(null))).toBeUndefined()
    expect(refusalOf(anonymous, {})).toBe('token-expired')
    expect(refusalOf(machine, {})).toBe('token-type-mismatch')
    expect(refusalOf(machine, { acceptsToken: ['session_token'] })).toBe('token-type-mismatch')
  })

  it.each(['org_2b', '', undefined, null, true, ['org_2a'], { id: 'org_2a' }])(
    'refuses an organization other than that returned by org: %j',
    (id) => {
      expect(refusalOf(admin, { org: () => id })).toBe('org-mismatch')
    },
  )

  it('passes the request to org and to check', () => {
    const request = { params: { org: 'org_2a' } }
    expect(refusalOf(admin, { org: ({ params }) => params.org }, request)).toBeUndefined()
    expect(
      refusalOf(admin, { check: (auth, { params }) => 'orgId' in auth && auth.orgId === params.org }, request),
    ).toBeUndefined()
  })

  it.each([{ sub: 'user_support' }, false, 0, '', []])('denies impersonation by the act %j', (act) => {
    expect(refusalOf(session({ act }), { impersonation: 'deny' })).toBe('impersonation-denied')
    expect(refusalOf(session({ act }), {})).toBeUndefined()
    expect(refusalOf(admin, { impersonation: 'deny' })).toBeUndefined()
  })

  it('returns the required reverification', () => {
    const reverification = { level: 'first_factor', afterMinutes: 5 } as const
    const error = checkRequirement(admin, { reverification })
    expect(error).toMatchObject({ code: 'reverification-required', reverification, tokenType: 'session_token' })
    // The user would reverify, and be refused again.
    const refused = checkRequirement(admin, { reverification, role: 'x' })
    expect(refused).toMatchObject({ code: 'role-missing', reverification: undefined })
  })

  it.each<[AuthErrorCode, Auth, Requirement<any>]>([
    ['token-type-mismatch', machine, {}],
    ['org-missing', AUTHS.m2m_token, { acceptsToken: 'any', org: true }],
    ['role-missing', AUTHS.m2m_token, { acceptsToken: 'any', role: 'admin' }],
    ['check-failed', AUTHS.m2m_token, { acceptsToken: 'any', check: () => false }],
  ])('returns the kind of the refused credential with %s', (code, auth, requirement) => {
    expect(checkRequirement(auth, requirement)).toMatchObject({ code, tokenType: 'm2m_token' })
  })

  it('throws a TypeError if org returns a promise, which would refuse all requests', () => {
    const ask = () => checkRequirement(admin, { org: async () => 'org_2a' })
    expect(ask).toThrow(new TypeError('requirement "org" must not be asynchronous: use "check" for that'))
  })

  it.each([false, undefined, null, 1, 'true', {}])('refuses if check returns %j', async (answer) => {
    expect(refusalOf(admin, { check: () => answer as boolean })).toBe('check-failed')
    const later = checkRequirement(admin, { check: async () => answer as boolean })
    await expect(later).resolves.toMatchObject({ code: 'check-failed' })
  })

  it('accepts if check returns true, and waits only for a promise', async () => {
    expect(checkRequirement(admin, { check: () => true })).toBeUndefined()
    const later = checkRequirement(admin, { check: async () => true })
    expect(later).toBeInstanceOf(Promise)
    await expect(later).resolves.toBeUndefined()
  })

  it.each(['org', 'check'])('passes on what %s throws', (field) => {
    const mistake = new Error('mistake')
    const requirement = {
      [field]: () => {
        throw mistake
      },
    }
    expect(() => checkRequirement(admin, requirement)).toThrow(mistake)
  })

  it('passes on what check rejects with', async () => {
    const mistake = new Error('mistake')
    await expect(checkRequirement(admin, { check: () => Promise.reject(mistake) })).rejects.toBe(mistake)
  })

  it('checks in a fixed order, the most expensive last', () => {
    const stages: [AuthErrorCode, Requirement<any>][] = [
      ['org-mismatch', { org: () => 'x' }],
      ['role-missing', { role: 'x' }],
      ['permission-missing', { permission: 'x' }],
      ['feature-missing', { feature: 'x' }],
      ['plan-missing', { plan: 'x' }],
      ['impersonation-denied', { impersonation: 'deny' }],
      ['reverification-required', { reverification: { level: 'first_factor', afterMinutes: 1 } }],
      ['check-failed', { check: () => false }],
    ]
    stages.forEach(([code], i) => {
      const rest = Object.assign({}, ...stages.slice(i).map(([, requirement]) => requirement))
      expect(refusalOf(impersonated, rest)).toBe(code)
      expect(refusalOf(machine, rest)).toBe('token-type-mismatch')
    })
  })

  it('calls neither org nor check for a caller that is already refused', () => {
    const never = () => {
      throw new Error('asked')
    }
    for (const auth of [anonymous, machine]) expect(refusalOf(auth, { org: never, check: never })).toBeDefined()
    expect(refusalOf(admin, { role: 'x', check: never })).toBe('role-missing')
  })
})

describe('checkRequirement for machine callers', () => {
  const { m2m_token: m2m, oauth_token: oauth, api_key: key } = AUTHS
  const oauthOfOrg = { ...oauth, orgId: ORG }
  const keyOfOrg = { ...key, subject: ORG, userId: null, orgId: ORG }

  it.each<[string, Auth, Requirement<any>, AuthErrorCode | undefined]>([
    ['a machine', m2m, { acceptsToken: 'm2m_token' }, undefined],
    ['this machine', m2m, { acceptsToken: 'm2m_token', machine: MACHINE }, undefined],
    ['one of these machines', m2m, { acceptsToken: 'm2m_token', machine: [OTHER_MACHINE, MACHINE] }, undefined],
    ['another machine', m2m, { acceptsToken: 'm2m_token', machine: OTHER_MACHINE }, 'machine-not-allowed'],
    ['a client', oauth, { acceptsToken: 'oauth_token' }, undefined],
    ['this client', oauth, { acceptsToken: 'oauth_token', client: CLIENT }, undefined],
    ['one of these clients', oauth, { acceptsToken: 'oauth_token', client: ['x', CLIENT] }, undefined],
    ['another client', oauth, { acceptsToken: 'oauth_token', client: 'x' }, 'client-not-allowed'],
    ['the user in place of a client', oauth, { acceptsToken: 'oauth_token', client: USER }, 'client-not-allowed'],
    ['an OAuth scope', oauth, { acceptsToken: 'oauth_token', scope: 'invoices:read' }, undefined],
    ['all OAuth scopes', oauth, { acceptsToken: 'oauth_token', scope: ['profile', 'invoices:read'] }, undefined],
    ['one scope too many', oauth, { acceptsToken: 'oauth_token', scope: ['profile', 'x'] }, 'scope-missing'],
    ['part of a scope', oauth, { acceptsToken: 'oauth_token', scope: 'invoices' }, 'scope-missing'],
    ['a scope of an API key', key, { acceptsToken: 'api_key', scope: 'deploy' }, undefined],
    ['another scope of an API key', key, { acceptsToken: 'api_key', scope: 'x' }, 'scope-missing'],
    ['the organization of an OAuth token', oauthOfOrg, { acceptsToken: 'oauth_token', org: () => ORG }, undefined],
    ['any organization of an OAuth token', oauthOfOrg, { acceptsToken: 'oauth_token', org: true }, undefined],
    [
      'another organization of an OAuth token',
      oauthOfOrg,
      { acceptsToken: 'oauth_token', org: () => 'x' },
      'org-mismatch',
    ],
    ['an OAuth token without an organization', oauth, { acceptsToken: 'oauth_token', org: true }, 'org-missing'],
    [
      'no organization, and none is required',
      oauth,
      { acceptsToken: 'oauth_token', org: () => undefined },
      'org-missing',
    ],
    ['the organization of an API key', keyOfOrg, { acceptsToken: 'api_key', org: () => ORG }, undefined],
    ['another organization of an API key', keyOfOrg, { acceptsToken: 'api_key', org: () => 'x' }, 'org-mismatch'],
    ['the organization of a user’s API key', key, { acceptsToken: 'api_key', org: () => null }, 'org-missing'],
  ])('checks %s', (_name, auth, requirement, code) => {
    expect(refusalOf(auth, requirement)).toBe(code)
  })

  it('refuses kinds that it does not name', () => {
    for (const auth of [admin, m2m, oauth, key]) {
      for (const acceptsToken of ['session_token', 'm2m_token', 'oauth_token', 'api_key'] as const)
        expect(refusalOf(auth, { acceptsToken })).toBe(
          acceptsToken === auth.tokenType ? undefined : 'token-type-mismatch',
        )
      expect(refusalOf(auth, { acceptsToken: 'any' })).toBeUndefined()
      expect(refusalOf(auth, {})).toBe(auth === admin ? undefined : 'token-type-mismatch')
    }
  })

  it.each<[string, Requirement<any>, AuthErrorCode, Auth[]]>([
    ['org', { org: true }, 'org-missing', [m2m]],
    ['role', { role: 'admin' }, 'role-missing', [m2m, oauthOfOrg, keyOfOrg, machine]],
    ['permission', { permission: 'teams:read' }, 'permission-missing', [m2m, oauthOfOrg, keyOfOrg, machine]],
    ['feature', { feature: 'teams' }, 'feature-missing', [m2m, oauth, key, machine]],
    ['plan', { plan: 'pro' }, 'plan-missing', [m2m, oauth, key, machine]],
    ['scope', { scope: 'deploy' }, 'scope-missing', [admin, { ...m2m, scopes: ['deploy'] }]],
    ['machine', { machine: MACHINE }, 'machine-not-allowed', [admin, oauth, { ...key, machineId: MACHINE } as Auth]],
    ['client', { client: CLIENT }, 'client-not-allowed', [admin, m2m, { ...key, clientId: CLIENT } as Auth]],
    ['impersonation', { impersonation: 'deny' }, 'impersonation-denied', [m2m, oauth, key]],
    ['reverification', { reverification: 'lax' }, 'reverification-required', [m2m, oauth, key, machine]],
  ])('refuses, with its own code, a kind that does not have %s', (_name, requirement, code, auths) => {
    for (const auth of auths) expect(refusalOf(auth, { acceptsToken: 'any', ...requirement })).toBe(code)
  })

  it('ignores an inherited organization', () => {
    const heir = Object.assign(Object.create({ orgId: ORG }) as object, m2m)
    expect(refusalOf(heir, { acceptsToken: 'any', org: true })).toBe('org-missing')
  })

  it('returns the required scopes', () => {
    const asked = { acceptsToken: 'oauth_token', scope: ['invoices:read', 'x'] } as const
    expect(checkRequirement(oauth, asked)).toMatchObject({ code: 'scope-missing', scope: ['invoices:read', 'x'] })
    expect(checkRequirement(oauth, { ...asked, scope: 'x' })).toMatchObject({ scope: ['x'] })
    const refusal = checkRequirement(oauth, { ...asked, client: 'x', scope: 'profile' })
    expect(refusal).toMatchObject({ code: 'client-not-allowed', scope: undefined })
  })

  it('is not affected by later changes to the declaration or to the details of a refusal', () => {
    const scope = ['invoices:read', 'x']
    const level = { level: 'first_factor', afterMinutes: 1 } as { level: 'first_factor'; afterMinutes: number }
    const check = requirementCheck({ acceptsToken: 'oauth_token', scope })
    const recent = requirementCheck({ reverification: level })
    const [refused, late] = [check(oauth, undefined), recent(admin, undefined)] as AuthError[]
    scope.length = 0
    level.afterMinutes = 1e9
    expect(() => ((refused!.scope as string[]).length = 0)).toThrow(TypeError)
    expect(() => Object.assign(late!.reverification as object, { afterMinutes: 1e9 })).toThrow(TypeError)
    expect(check(oauth, undefined)).toMatchObject({ code: 'scope-missing', scope: ['invoices:read', 'x'] })
    expect(recent(admin, undefined)).toMatchObject({ code: 'reverification-required' })
  })

  it('checks org before scope, scope before client, and check last', () => {
    const asked = { acceptsToken: 'oauth_token', scope: 'x', client: 'x' } as const
    expect(refusalOf(oauth, { ...asked, org: true })).toBe('org-missing')
    expect(refusalOf(oauth, asked)).toBe('scope-missing')
    const never = () => {
      throw new Error('asked')
    }
    expect(refusalOf(oauth, { acceptsToken: 'oauth_token', client: 'x', check: never })).toBe('client-not-allowed')
  })

  it('passes the machine to check', () => {
    const asked: Requirement<any> = { acceptsToken: 'm2m_token', check: (auth) => auth.tokenType === 'm2m_token' }
    expect(refusalOf(m2m, asked)).toBeUndefined()
  })
})

describe('a list of requirements', () => {
  const { m2m_token: m2m, oauth_token: oauth, api_key: key } = AUTHS
  const adminOrWorker: Requirement<any>[] = [
    { role: 'admin' },
    { acceptsToken: 'm2m_token', machine: OTHER_MACHINE },
    { acceptsToken: ['m2m_token', 'oauth_token'], org: true },
  ]
  it.each<[string, Auth, AuthErrorCode | undefined]>([
    ['an admin', admin, undefined],
    ['the machine', { ...m2m, machineId: OTHER_MACHINE }, undefined],
    ['another session', loner, 'role-missing'],
    ['another machine', m2m, 'machine-not-allowed'],
    ['a client', oauth, 'org-missing'],
    ['a kind that none of them accepts', key, 'token-type-mismatch'],
    ['an unauthenticated caller', anonymous, 'token-expired'],
  ])('answers %s with the first refusal about this kind', (_name, auth, code) => {
    expect(refusalOf(auth, adminOrWorker)).toBe(code)
    expect(refusalOf(auth, [...adminOrWorker, {}, { acceptsToken: 'm2m_token', check: () => false }])).toBe(
      auth === loner ? undefined : code,
    )
  })

  it.each<[string, Auth, Requirement<any>[], AuthErrorCode | undefined]>([
    ['the first', admin, [{ role: 'admin' }, { role: 'x' }], undefined],
    ['the last', admin, [{ role: 'x' }, { plan: 'x' }, { role: 'admin' }], undefined],
    ['none: the first refusal counts', admin, [{ plan: 'x' }, { role: 'x' }], 'plan-missing'],
    ['none, for an unauthenticated caller', anonymous, [{ plan: 'x' }, { role: 'x' }], 'token-expired'],
    ['none, for a kind that none of them accepts', machine, [{ plan: 'x' }, { role: 'x' }], 'token-type-mismatch'],
  ])('accepts callers that meet one of them: %s', (_, auth, requirements, code) => {
    expect(refusalOf(auth, requirements)).toBe(code)
  })

  it('throws a TypeError for a sparse list, because a hole would require nothing', () => {
    const withHole = <T>(...items: T[]): T[] => Object.assign([], { length: items.length + 1 }, { 1: items[0] })
    expect(typeErrorOf(() => requirementCheck(withHole<any>({ role: 'admin' })))).toMatch(/must be an object/)
    for (const name of ['role', 'permission', 'feature', 'plan', 'acceptsToken'])
      for (const list of [withHole('session_token'), Object.assign([], { length: 1 })])
        expect([name, typeErrorOf(() => requirementCheck({ [name]: list }))]).toEqual([
          name,
          expect.stringMatching(new RegExp(`^requirement "${name}" must be`)),
        ])
  })

  it('waits for an asynchronous check in the list', async () => {
    const answers = (answer: boolean) => [{ role: 'x' }, { check: async () => answer }, { plan: 'x' }]
    await expect(checkRequirement(admin, answers(true))).resolves.toBeUndefined()
    await expect(checkRequirement(admin, answers(false))).resolves.toMatchObject({ code: 'role-missing' })
    const later: Requirement<any>[] = [{ check: async () => false }, { role: 'admin' }, { plan: 'x' }]
    await expect(checkRequirement(admin, later)).resolves.toBeUndefined()
  })

  it('runs each check once, and does not report that a requirement is for another kind', async () => {
    const ran: string[] = []
    const check = (name: string) => async () => ran.push(name) === 0
    const requirements: Requirement<any>[] = [
      { check: check('first') },
      { acceptsToken: 'api_key' },
      { check: check('second') },
    ]
    await expect(checkRequirement(admin, requirements)).resolves.toMatchObject({ code: 'check-failed' })
    expect(ran).toEqual(['first', 'second'])
  })
})

describe('requirementCheck', () => {
  it('leaves a bug in the question to Clerk to the framework', async () => {
    const ask = () => Promise.reject(new Error('a bug'))
    const check = requirementCheck({ fresh: true })
    await expect(check(admin, undefined, { auth: undefined, ask })).rejects.toThrow('a bug')
  })

  it.each([
    ['acceptsToken', ['template', '', ['session_token', 'template'], ['any'], [], null]],
    ['org', [false, 'org_2a', null, {}]],
    ['role', ['', [], [''], ['admin', 1], null, {}, true]],
    ['permission', ['', [], [''], null, 'org:sys_memberships:read', 'sys_x', 'org:org:sys_x', ['a:b', 'org:sys_x']]],
    ['feature', ['', [], [''], null, 1, 'org:invoices:create', 'foo:x', 'org:', ':x', 'ou:x', ['x', 'user:x:y']]],
    ['plan', ['', [], [''], null, 1, 'org:pro:yearly', 'foo:x', 'user:', 'user::pro', ['pro', 'x:pro']]],
    ['scope', ['', [], [''], null, 1, {}, 'a b', 'a"', 'a\\', 'é', 'a\n', ['a', 'b c']]],
    [
      'machine',
      ['', [], [''], null, 1, {}, 'any', 'worker', 'mch_', 'mch_worker', MACHINE.slice(0, -1), [MACHINE, 'any']],
    ],
    ['client', ['', [], [''], null, 1, {}]],
    ['impersonation', ['allow', true, null]],
    ['reverification', ['', 'x', null, {}, { level: 'first_factor', afterMinutes: 0 }]],
    ['check', [true, null, 'x']],
  ])('throws a TypeError that names %s, if its value can never be met', (name, values) => {
    for (const value of values) {
      const anyKind = name === 'acceptsToken' ? {} : { acceptsToken: 'any' as const }
      const message = typeErrorOf(() => requirementCheck({ ...anyKind, [name]: value }))
      expect([value, message]).toEqual([value, expect.stringMatching(new RegExp(`^requirement "${name}" must be `))])
    }
  })

  it.each([
    ['role', 'a role, or a non-empty list of them'],
    ['permission', 'a permission other than "org:sys_…", which tokens never contain, or a non-empty list of them'],
    ['feature', 'a feature such as "export", "org:export" or "user:export", or a non-empty list of them'],
    ['plan', 'a plan such as "pro", "org:pro" or "user:pro", or a non-empty list of them'],
    ['scope', 'a scope, or a non-empty list of them'],
    ['machine', 'a machine id such as "mch_…", or a non-empty list of them'],
    ['client', 'an OAuth client id, or a non-empty list of them'],
    ['impersonation', '"deny"'],
    ['reverification', '"strict_mfa", "strict", "moderate", "lax" or { level, afterMinutes }'],
    ['org', 'true or a function'],
    ['check', 'a function'],
  ])('says what %s must be', (name, what) => {
    expect(typeErrorOf(() => requirementCheck({ acceptsToken: 'any', [name]: '' }))).toBe(
      `requirement "${name}" must be ${what}`,
    )
  })

  it.each(['teams', 'o:teams', 'org:teams', 'organization:teams', 'u:teams', 'user:teams'])(
    'accepts %s as a feature and as a plan',
    (name) => {
      expect(typeErrorOf(() => requirementCheck({ feature: name, plan: [name] }))).toBeUndefined()
    },
  )

  it('accepts a permission of a feature whose name looks like a system permission', () => {
    expect(typeErrorOf(() => requirementCheck({ permission: ['teams:sys_x', 'org:teams:sys_x'] }))).toBeUndefined()
  })

  const only = (name: string, kinds: string, may: string) =>
    `requirement "${name}" can never be met: it applies to ${kinds}, but the guard accepts only ${may}`
  it.each<[Requirement<any>, string]>([
    [{ acceptsToken: 'm2m_token', role: 'admin' }, only('role', 'session_token', 'm2m_token')],
    [{ acceptsToken: 'm2m_token', org: true }, only('org', 'oauth_token, api_key, session_token', 'm2m_token')],
    [{ acceptsToken: 'm2m_token', scope: 'x' }, only('scope', 'oauth_token, api_key', 'm2m_token')],
    [{ scope: 'x' }, only('scope', 'oauth_token, api_key', 'session_token')],
    [{ machine: MACHINE }, only('machine', 'm2m_token', 'session_token')],
    [{ client: CLIENT }, only('client', 'oauth_token', 'session_token')],
    [{ acceptsToken: 'api_key', client: CLIENT }, only('client', 'oauth_token', 'api_key')],
    [
      { acceptsToken: ['oauth_token', 'api_key'], permission: 'a:b' },
      only('permission', 'session_token', 'oauth_token, api_key'),
    ],
    [{ acceptsToken: 'api_key', impersonation: 'deny' }, only('impersonation', 'session_token', 'api_key')],
    [{ acceptsToken: 'oauth_token', reverification: 'lax' }, only('reverification', 'session_token', 'oauth_token')],
    // Each applies to some kind, but no kind has both: a list was intended.
    [{ acceptsToken: 'any', role: 'admin', machine: MACHINE }, only('machine', 'm2m_token', 'session_token')],
    [
      { acceptsToken: ['m2m_token', 'oauth_token'], machine: MACHINE, client: CLIENT },
      only('client', 'oauth_token', 'm2m_token'),
    ],
    [
      { acceptsToken: 'any', org: true, machine: MACHINE },
      only('machine', 'm2m_token', 'oauth_token, api_key, session_token'),
    ],
  ])('throws a TypeError for a requirement that no kind can meet: %j', (requirement, message) => {
    expect(typeErrorOf(() => requirementCheck(requirement))).toBe(message)
    expect(typeErrorOf(() => requirementCheck([{}, requirement]))).toBe(message)
  })

  it.each<Requirement<any>>([
    { acceptsToken: 'any', scope: 'x', client: CLIENT },
    { acceptsToken: ['session_token', 'm2m_token'], role: 'admin' },
    { acceptsToken: 'any', org: true, scope: 'x' },
    { acceptsToken: 'm2m_token', machine: MACHINE, check: () => true },
  ])('accepts a requirement that one kind can meet: %j', (requirement) => {
    expect(typeErrorOf(() => requirementCheck(requirement))).toBeUndefined()
  })

  it.each([
    'acceptsToken',
    'org',
    'role',
    'permission',
    'feature',
    'plan',
    'impersonation',
    'reverification',
    'check',
    'scope',
    'machine',
    'client',
  ])('refuses an undefined %s instead of ignoring it, because that would open a route', (name) => {
    const message = `requirement "${name}" is undefined: give it a value or remove it`
    expect(typeErrorOf(() => requirementCheck({ [name]: undefined }))).toBe(message)
  })

  it.each([
    [{ roles: 'admin' }, 'unknown requirement "roles"; did you mean "role"?'],
    [{ permision: 'a:b' }, 'unknown requirement "permision"; did you mean "permission"?'],
    [[{ role: 'a' }, { roel: 'a' }], 'unknown requirement "roel"; did you mean "role"?'],
    [[], 'a list of requirements must not be empty: every request would be refused'],
    [null, 'a requirement must be an object, not null; is requireAuth() used without a call?'],
    [undefined, 'a requirement must be an object, not undefined; is requireAuth() used without a call?'],
    ['admin', 'a requirement must be an object, not a string; is requireAuth() used without a call?'],
    [() => {}, 'a requirement must be an object, not a function; is requireAuth() used without a call?'],
    [[[{}]], 'a requirement must be an object, not an array; is requireAuth() used without a call?'],
    [
      new Request('https://a.example'),
      'a requirement must be an object, not an instance of a class; is requireAuth() used without a call?',
    ],
  ])('throws a TypeError for an invalid requirement: %j', (requirement, message) => {
    expect(typeErrorOf(() => requirementCheck(requirement as Requirement))).toBe(message)
  })
})
