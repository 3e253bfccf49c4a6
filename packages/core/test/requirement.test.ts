import { describe, expect, it } from 'vitest'
import { unauthenticated, type Auth } from '../src/auth.js'
import { AuthError, type AuthErrorCode } from '../src/errors.js'
import { checkRequirement, requirementCheck, type Requirement, type Requirements } from '../src/requirement.js'
import { session, typeErrorOf } from './fixtures-tokens.js'

const facts = {
  o: { id: 'org_2a', rol: 'admin', per: 'read,write', fpm: '3' },
  fea: 'o:teams,u:beta',
  pla: 'o:pro,u:free',
  fva: [5, 5],
}
const admin = session(facts)
const impersonated = session({ ...facts, act: { sub: 'user_support' } })
const loner = session({ fva: [5, 5] })
const nobody = unauthenticated(new AuthError('token-expired'))
// A kind that comes later, as an adapter of another version may hand it in.
const machine = { ...admin, tokenType: 'm2m_token' } as unknown as Auth

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
  ])('passes whom %j fits and refuses others', (requirement, code) => {
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
  ])('refuses an admin by %j', (requirement, code) => {
    expect(refusalOf(admin, requirement)).toBe(code)
  })

  it('asks for nothing but a session by default', () => {
    expect(refusalOf(loner, {})).toBeUndefined()
    expect(refusalOf(loner, Object.create(null))).toBeUndefined()
    expect(refusalOf(nobody, {})).toBe('token-expired')
    expect(refusalOf(machine, {})).toBe('token-type-mismatch')
    expect(refusalOf(machine, { acceptsToken: ['session_token'] })).toBe('token-type-mismatch')
  })

  it.each(['org_2b', '', undefined, null, true, ['org_2a'], { id: 'org_2a' }])(
    'refuses another organization than org returns: %j',
    (id) => {
      expect(refusalOf(admin, { org: () => id })).toBe('org-mismatch')
    },
  )

  it('gives the request to org and to check', () => {
    const request = { params: { org: 'org_2a' } }
    expect(refusalOf(admin, { org: ({ params }) => params.org }, request)).toBeUndefined()
    expect(refusalOf(admin, { check: (auth, { params }) => auth.orgId === params.org }, request)).toBeUndefined()
  })

  it.each([{ sub: 'user_support' }, false, 0, '', []])('denies impersonation by the act %j', (act) => {
    expect(refusalOf(session({ act }), { impersonation: 'deny' })).toBe('impersonation-denied')
    expect(refusalOf(session({ act }), {})).toBeUndefined()
    expect(refusalOf(admin, { impersonation: 'deny' })).toBeUndefined()
  })

  it('says what reverification was asked for', () => {
    const reverification = { level: 'first_factor', afterMinutes: 5 } as const
    const error = checkRequirement(admin, { reverification })
    expect(error).toMatchObject({ code: 'reverification-required', reverification, tokenType: 'session_token' })
  })

  it('calls it a mistake when org gives a promise, for that would refuse everybody', () => {
    const ask = () => checkRequirement(admin, { org: async () => 'org_2a' })
    expect(ask).toThrow(new TypeError('requirement "org" must not be asynchronous: use "check" for that'))
  })

  it.each([false, undefined, null, 1, 'true', {}])('refuses where check gives %j', async (answer) => {
    expect(refusalOf(admin, { check: () => answer as boolean })).toBe('check-failed')
    const later = checkRequirement(admin, { check: async () => answer as boolean })
    await expect(later).resolves.toMatchObject({ code: 'check-failed' })
  })

  it('passes where check gives true, and waits only for a promise', async () => {
    expect(checkRequirement(admin, { check: () => true })).toBeUndefined()
    const later = checkRequirement(admin, { check: async () => true })
    expect(later).toBeInstanceOf(Promise)
    await expect(later).resolves.toBeUndefined()
  })

  it.each(['org', 'check'])('hands on what %s throws', (field) => {
    const mistake = new Error('mistake')
    const requirement = {
      [field]: () => {
        throw mistake
      },
    }
    expect(() => checkRequirement(admin, requirement)).toThrow(mistake)
  })

  it('hands on what check rejects with', async () => {
    const mistake = new Error('mistake')
    await expect(checkRequirement(admin, { check: () => Promise.reject(mistake) })).rejects.toBe(mistake)
  })

  it('checks in one order, and what costs most last', () => {
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

  it('asks neither org nor check about a caller who is refused already', () => {
    const never = () => {
      throw new Error('asked')
    }
    for (const auth of [nobody, machine]) expect(refusalOf(auth, { org: never, check: never })).toBeDefined()
    expect(refusalOf(admin, { role: 'x', check: never })).toBe('role-missing')
  })
})

describe('a list of requirements', () => {
  it.each<[string, Auth, Requirement<any>[], AuthErrorCode | undefined]>([
    ['the first', admin, [{ role: 'admin' }, { role: 'x' }], undefined],
    ['the last', admin, [{ role: 'x' }, { plan: 'x' }, { role: 'admin' }], undefined],
    ['none: the first refusal counts', admin, [{ plan: 'x' }, { role: 'x' }], 'plan-missing'],
    ['none, for nobody', nobody, [{ plan: 'x' }, { role: 'x' }], 'token-expired'],
    ['none, for a kind that none accepts', machine, [{ plan: 'x' }, { role: 'x' }], 'token-type-mismatch'],
  ])('passes whom one of them fits: %s', (_, auth, requirements, code) => {
    expect(refusalOf(auth, requirements)).toBe(code)
  })

  it('waits for a check among them', async () => {
    const answers = (answer: boolean) => [{ role: 'x' }, { check: async () => answer }, { plan: 'x' }]
    await expect(checkRequirement(admin, answers(true))).resolves.toBeUndefined()
    await expect(checkRequirement(admin, answers(false))).resolves.toMatchObject({ code: 'role-missing' })
  })
})

describe('requirementCheck', () => {
  it.each([
    ['acceptsToken', ['m2m_token', 'any', ['session_token', 'm2m_token'], [], null]],
    ['org', [false, 'org_2a', null, {}]],
    ['role', ['', [], [''], ['admin', 1], null, {}, true]],
    ['permission', ['', [], [''], null, 'org:sys_memberships:read', 'sys_x', 'org:org:sys_x', ['a:b', 'org:sys_x']]],
    ['feature', ['', [], [''], null, 1]],
    ['plan', ['', [], [''], null, 1]],
    ['impersonation', ['allow', true, null]],
    ['reverification', ['', 'x', null, {}, { level: 'first_factor', afterMinutes: 0 }]],
    ['check', [true, null, 'x']],
  ])('throws a TypeError that names %s, where its value can never be met', (name, values) => {
    for (const value of values) {
      const message = typeErrorOf(() => requirementCheck({ [name]: value }))
      expect([value, message]).toEqual([value, expect.stringMatching(new RegExp(`^requirement "${name}" `))])
    }
  })

  it.each(['acceptsToken', 'org', 'role', 'permission', 'feature', 'plan', 'impersonation', 'reverification', 'check'])(
    'takes an undefined %s for lost, not for left out: it must not open a route',
    (name) => {
      const message = `requirement "${name}" is undefined: give it a value, or leave it out`
      expect(typeErrorOf(() => requirementCheck({ [name]: undefined }))).toBe(message)
    },
  )

  it.each([
    [{ roles: 'admin' }, 'unknown requirement "roles"; did you mean "role"?'],
    [{ permision: 'a:b' }, 'unknown requirement "permision"; did you mean "permission"?'],
    [[{ role: 'a' }, { roel: 'a' }], 'unknown requirement "roel"; did you mean "role"?'],
    [[], 'a list of requirements must not be empty: nobody would pass'],
    [null, 'a requirement must be an object, not null; is requireAuth() used uncalled?'],
    [undefined, 'a requirement must be an object, not a undefined; is requireAuth() used uncalled?'],
    ['admin', 'a requirement must be an object, not a string; is requireAuth() used uncalled?'],
    [() => {}, 'a requirement must be an object, not a function; is requireAuth() used uncalled?'],
    [[[{}]], 'a requirement must be an object, not an array; is requireAuth() used uncalled?'],
    [
      new Request('https://a.example'),
      'a requirement must be an object, not an instance of a class; is requireAuth() used uncalled?',
    ],
  ])('throws a TypeError for what is no requirement: %j', (requirement, message) => {
    expect(typeErrorOf(() => requirementCheck(requirement as Requirement))).toBe(message)
  })
})
