import {
  AuthError,
  checkRequirement,
  createClerkAuth,
  type Auth,
  type Requirement,
  type Requirements,
} from '@clerk-auth/core'
import { guard } from '@clerk-auth/core/adapter'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { CLAIMS, HEADERS, HERE, issuer, JWT_KINDS, NOW, type JwtKind } from './issuer.js'
import { anything, requirement, shortRequirement } from './requirements.js'
import { runs } from './runs.js'

const { jwk, token } = issuer('EdDSA')
const clerk = createClerkAuth(
  { jwks: { keys: [jwk] }, machineId: HERE, acceptsToken: JWT_KINDS, now: () => NOW, cache: { maxEntries: 0 } },
  {},
)

/** Everything that any field checks, in one token of each kind: only the kind may make it fail. */
const everything = {
  o: { id: 'org_1', rol: 'admin', per: 'read', fpm: '1' },
  fea: 'o:teams',
  pla: 'o:pro',
  fva: [0, 0],
  org_id: 'org_1',
  ...CLAIMS.oauth_token,
  ...CLAIMS.m2m_token,
  ...CLAIMS.session_token,
}
const authOf = async (kind: JwtKind, claims: object = everything): Promise<Auth> =>
  clerk.authenticate(() => `Bearer ${token({ ...claims, sub: CLAIMS[kind].sub }, HEADERS[kind])}`)

const authenticated = {} as Record<JwtKind, Auth>
const auths: Auth[] = []
beforeAll(async () => {
  for (const kind of JWT_KINDS) {
    authenticated[kind] = await authOf(kind)
    auths.push(authenticated[kind], await authOf(kind, CLAIMS[kind]), await authOf(kind, { ...everything, exp: 1 }))
  }
  auths.push(await authOf('session_token', { ...everything, act: { sub: 'user_admin' } }))
  auths.push(await clerk.authenticate(() => undefined))
})

/**
 * What a requirement can contain, and the kinds of credential that it applies to: docs/guards.md and docs/machines.md.
 */
const FIELDS_OF: readonly [field: string, value: unknown, kinds: readonly JwtKind[], code: string][] = [
  ['org', true, ['session_token', 'oauth_token'], 'org-missing'],
  ['role', 'org:admin', ['session_token'], 'role-missing'],
  ['permission', 'org:teams:read', ['session_token'], 'permission-missing'],
  ['feature', 'teams', ['session_token'], 'feature-missing'],
  ['plan', 'pro', ['session_token'], 'plan-missing'],
  ['scope', 'invoices:read', ['oauth_token'], 'scope-missing'],
  ['machine', CLAIMS.m2m_token.sub, ['m2m_token'], 'machine-not-allowed'],
  ['client', CLAIMS.oauth_token.client_id, ['oauth_token'], 'client-not-allowed'],
  ['impersonation', 'deny', ['session_token'], 'impersonation-denied'],
  ['reverification', 'lax', ['session_token'], 'reverification-required'],
]

describe('a requirement that does not apply to a kind of credential', () => {
  test.each(FIELDS_OF)(
    'refuses that kind, and accepts the kinds to which it applies: %s',
    (field, value, kinds, code) => {
      const requirement = { acceptsToken: [...JWT_KINDS, 'api_key'], [field]: value } as Requirement
      for (const kind of JWT_KINDS) {
        const error = checkRequirement(authenticated[kind], requirement)
        expect([kind, error]).toMatchObject([
          kind,
          kinds.includes(kind) ? undefined : { code, status: 403, tokenType: kind },
        ])
      }
    },
  )
})

/** The result of a requirement at startup, where a guard too may only throw a `TypeError`. */
function startsWith(requirement: unknown): boolean {
  // For an unauthenticated caller nothing is checked: an error is thrown at startup.
  const unauthenticated = auths.at(-1)!
  const [inCode, asGuard] = [
    () => checkRequirement(unauthenticated, requirement as Requirements),
    () => guard(requirement as Requirements<object>),
  ].map((start) => {
    try {
      void start()
      return true
    } catch (error) {
      if (error instanceof TypeError) return false
      throw error
    }
  })
  if (inCode !== asGuard) throw new Error('a guard starts with another requirement than checkRequirement()')
  return inCode === true
}

/** The callers that a requirement accepts; `undefined` if it is a `TypeError` at startup. */
async function passing(requirement: unknown): Promise<readonly Auth[] | undefined> {
  if (!startsWith(requirement)) return undefined
  const answers = await Promise.all(auths.map(async (auth) => checkRequirement(auth, requirement as Requirements, {})))
  if (!answers.every((answer) => answer === undefined || AuthError.is(answer))) throw new Error('no result')
  return auths.filter((_, i) => answers[i] === undefined)
}

describe('any value given as a requirement', () => {
  test('is a TypeError at startup, or gives a result for every caller', async () => {
    const seen = { started: 0, passed: 0 }
    const given = fc.oneof(shortRequirement, requirement, fc.array(shortRequirement, { maxLength: 3 }), anything)
    const property = fc.asyncProperty(given, async (given) => {
      const callers = await passing(given)
      expect(callers?.filter(({ isAuthenticated }) => !isAuthenticated) ?? []).toEqual([])
      if (callers) seen.started++
      seen.passed += callers?.length ?? 0
    })
    await fc.assert(property, runs(1000))
    expect(Math.min(seen.started, seen.passed)).toBeGreaterThan(50)
  })

  test('accepts no additional callers if a condition is added', async () => {
    const property = fc.asyncProperty(shortRequirement, shortRequirement, async (one, other) => {
      const { acceptsToken: _kinds, ...more } = other
      const callers = await passing(one)
      const fewer = await passing({ ...more, ...one })
      fc.pre(callers !== undefined && fewer !== undefined)
      expect(fewer.filter((caller) => !callers.includes(caller))).toEqual([])
    })
    await fc.assert(property, runs(1000))
  })

  test('accepts, as a list, exactly the callers that one of its requirements accepts', async () => {
    const list = fc.array(shortRequirement, { minLength: 1, maxLength: 3 })
    const property = fc.asyncProperty(list, async (list) => {
      const each = await Promise.all(list.map(passing))
      const any = auths.filter((auth) => each.some((callers) => callers?.includes(auth)))
      expect(await passing(list)).toEqual(each.includes(undefined) ? undefined : any)
    })
    await fc.assert(property, runs(500))
  })

  test('accepts no kind that it does not name', async () => {
    const property = fc.asyncProperty(shortRequirement, async (requirement) => {
      const callers = await passing(requirement)
      fc.pre(callers !== undefined)
      const { acceptsToken = 'session_token' } = requirement
      const named = acceptsToken === 'any' ? ['session_token', 'm2m_token', 'oauth_token'] : [acceptsToken].flat()
      expect(callers.map(({ tokenType }) => tokenType).filter((kind) => !named.includes(kind))).toEqual([])
    })
    await fc.assert(property, runs(500))
  })

  test('accepts no caller if its check returns anything but true', async () => {
    const almost = fc.constantFrom<unknown>('true', 1, {}, [true], Object(true))
    const property = fc.asyncProperty(fc.oneof(anything, almost), fc.boolean(), async (answer, isLater) => {
      const check = isLater ? async () => answer : () => answer
      const passed = await passing({ acceptsToken: JWT_KINDS, check })
      expect(passed?.length).toBe(answer === true ? auths.filter(({ isAuthenticated }) => isAuthenticated).length : 0)
    })
    await fc.assert(property, runs(300))
  })

  const lists = ['role', 'permission', 'feature', 'plan', 'scope', 'machine', 'client']
  test.each(lists)('is a TypeError if a list contains a value that is not a string, or a hole: %s', (field) => {
    const isGood = (value: unknown) => startsWith({ acceptsToken: [...JWT_KINDS], [field]: value })
    const good = field === 'machine' ? [CLAIMS.m2m_token.sub, HERE] : ['a', 'b']
    const nonString = anything.filter((value) => typeof value !== 'string')
    const property = fc.property(fc.array(fc.constantFrom(...good)), fc.nat(), nonString, (strings, at, other) => {
      expect(isGood(strings)).toBe(strings.length > 0)
      const i = at % (strings.length + 1)
      expect(isGood(strings.toSpliced(i, 0, other as string))).toBe(false)
      const withHole = strings.toSpliced(i, 0, 'c')
      Reflect.deleteProperty(withHole, i)
      expect([withHole, isGood(withHole)]).toEqual([withHole, false])
    })
    fc.assert(property, runs(100))
  })

  test.each([0, 1])('is a TypeError if a list of requirements has a hole, at index %i', (place) => {
    const list: unknown[] = [{ role: 'admin' }, { role: 'owner' }]
    Reflect.deleteProperty(list, place)
    expect(startsWith(list)).toBe(false)
  })
})
