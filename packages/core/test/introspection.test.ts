import { describe, expect, test } from 'vitest'
import { readIntrospection } from '../src/introspection.js'
import { HOUR, NOW, SECOND } from './fixtures.js'
import { ANSWERS, CLIENT, HERE, KINDS, MACHINE, ORG, OTHER_MACHINE, USER } from './fixtures-machines.js'

const ABSENT = undefined

/** What is read of a good answer with other members; as it comes over the wire. */
function read(tokenType: (typeof KINDS)[number], members: object = {}, now = NOW) {
  return readIntrospection(tokenType, JSON.parse(JSON.stringify({ ...ANSWERS[tokenType], ...members })), now)
}

/** `passed`, the reason of a refusal, or `unclear`. */
function outcome(tokenType: (typeof KINDS)[number], members: object = {}, now = NOW): string {
  const found = read(tokenType, members, now)
  return found === undefined ? 'unclear' : found.active ? 'passed' : found.code
}

const FLAGS: [unknown, boolean | undefined][] = [
  [false, false],
  [true, true],
  [ABSENT, undefined],
  [null, undefined],
  ['false', undefined],
  [0, undefined],
]
const ACTIVES: [unknown, boolean | undefined][] = [
  [ABSENT, true],
  [true, true],
  [false, false],
  [null, undefined],
  ['true', undefined],
  [1, undefined],
]
const EXPIRATIONS: [string, unknown, 'future' | 'past' | 'unclear'][] = [
  ['null, which is never', null, 'future'],
  ['milliseconds', NOW + 1, 'future'],
  ['seconds', NOW / SECOND + 1, 'future'],
  ['seconds with a fraction', NOW / SECOND + 0.001, 'future'],
  ['this very millisecond', NOW, 'past'],
  ['this very second', NOW / SECOND, 'past'],
  ['past, in milliseconds', NOW - HOUR, 'past'],
  ['past, in seconds', (NOW - HOUR) / SECOND, 'past'],
  ['the largest number of seconds', 99_999_999_999, 'future'],
  ['the smallest number of milliseconds', 100_000_000_000, 'past'],
  ['1, in seconds', 1, 'past'],
  ['0', 0, 'unclear'],
  ['negative', -1, 'unclear'],
  ['negative, in milliseconds', -NOW, 'unclear'],
  ['a text', String(NOW + HOUR), 'unclear'],
  ['a date', new Date(NOW + HOUR).toISOString(), 'unclear'],
  ['absent', ABSENT, 'unclear'],
  ['true', true, 'unclear'],
  ['a list', [NOW + HOUR], 'unclear'],
]

describe.each(KINDS)('readIntrospection of %s', (tokenType) => {
  test.each(['claims', 'act', 'aud', 'extra'])(
    'is unclear of an answer that nests deeper than a token may in %s',
    (name) => {
      const nested = (depth: number) => ({ [name]: JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown })
      expect(outcome(tokenType, nested(31))).toBe('passed')
      expect(outcome(tokenType, nested(32))).toBe('unclear')
      expect(outcome(tokenType, nested(3000))).toBe('unclear')
    },
  )

  test.each([{ jkt: 'x' }, {}, null, false])('refuses a token that is bound to a key, for good: cnf %j', (cnf) => {
    expect(read(tokenType, { cnf })).toEqual({ active: false, code: 'token-binding-unsupported', isLasting: true })
  })

  test.each(EXPIRATIONS)(
    'judges every combination of flags with an expiration that is %s',
    (_name, expiration, time) => {
      for (const [revoked, isRevoked] of FLAGS) {
        for (const [expired, isExpired] of FLAGS) {
          for (const [active, isActive] of ACTIVES) {
            const flags = { revoked, expired, active, expiration }
            expect([flags, outcome(tokenType, flags)]).toEqual([flags, expected(isRevoked, isExpired, isActive)])
          }
        }
      }

      function expected(revoked?: boolean, expired?: boolean, active?: boolean): string {
        // That is the whole answer about an OAuth token that is not active, so the rest of it is not looked at.
        if (tokenType === 'oauth_token' && active === false) return 'token-inactive'
        if (time === 'unclear' || revoked === undefined || expired === undefined || active === undefined)
          return 'unclear'
        if (revoked) return 'token-revoked'
        if (expired || time === 'past') return 'token-expired'
        return active ? 'passed' : 'token-inactive'
      }
    },
  )

  test.each([
    ['seconds', NOW / SECOND + 60, NOW + 60 * SECOND],
    ['milliseconds', NOW + 60 * SECOND, NOW + 60 * SECOND],
    ['null', null, null],
  ])('gives the expiry in milliseconds, from %s', (_name, expiration, expiresAt) => {
    expect(read(tokenType, { expiration })).toMatchObject({ active: true, auth: { expiresAt } })
  })

  test('tells nothing by an expiration that is larger than any number', () => {
    const text = JSON.stringify({ ...ANSWERS[tokenType], expiration: null }).replace(
      '"expiration":null',
      '"expiration":1e999',
    )
    expect(JSON.parse(text)).toHaveProperty('expiration', Infinity)
    expect(readIntrospection(tokenType, JSON.parse(text), NOW)).toBeUndefined()
  })

  test('lets nobody in by a clock that gives NaN', () => {
    expect(outcome(tokenType, {}, Number.NaN)).toBe('token-expired')
  })

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['an empty object', {}],
    ['a list', []],
    ['a list with a good answer', [ANSWERS[tokenType]]],
    ['a good answer within an object', { data: ANSWERS[tokenType] }],
    ['HTML', '<!doctype html>'],
    ['a text', JSON.stringify(ANSWERS[tokenType])],
    ['true', true],
    ['a number', 200],
    ['that it is active, and no more', { active: true }],
    ["Clerk's error", { errors: [{ code: 'not_found' }] }],
  ])('tells nothing by %s', (_name, body) => {
    expect(readIntrospection(tokenType, body, NOW)).toBeUndefined()
  })

  test.each<[string, object]>([
    ['without an object', { object: ABSENT }],
    ['with another object', { object: 'token' }],
    ['without an id', { id: ABSENT }],
    ['with an id that is no text', { id: 5 }],
    ['with an empty id', { id: '' }],
    ['with an id in a list', { id: [ANSWERS[tokenType].id] }],
    ['with an id that is too short', { id: ANSWERS[tokenType].id.slice(0, -1) }],
    ['with an id that is too long', { id: `${ANSWERS[tokenType].id}0` }],
    ['with an id that is not hexadecimal', { id: `${ANSWERS[tokenType].id.slice(0, -1)}g` }],
    ['with a line behind its id', { id: `${ANSWERS[tokenType].id}\n` }],
    ['with something before its id', { id: `x${ANSWERS[tokenType].id}` }],
    ['without a subject', { subject: ABSENT }],
    ['with a subject that is null', { subject: null }],
    ['with an empty subject', { subject: '' }],
    ['with a subject that is no text', { subject: [ANSWERS[tokenType].subject] }],
    ['with a session as its subject', { subject: `sess_${'s'.repeat(27)}` }],
    ['with a subject that is too short', { subject: ANSWERS[tokenType].subject.slice(0, -1) }],
    ['with a subject that is too long', { subject: `${ANSWERS[tokenType].subject}x` }],
    ['with a line behind its subject', { subject: `${ANSWERS[tokenType].subject}\n` }],
    ['with something before its subject', { subject: ` ${ANSWERS[tokenType].subject}` }],
    ['with another character in its subject', { subject: `${ANSWERS[tokenType].subject.slice(0, -1)}-` }],
    ['with scopes that are null', { scopes: null }],
    ['with scopes that are a text', { scopes: 'invoices:read' }],
    ['with a scope that is no text', { scopes: [...ANSWERS[tokenType].scopes, 5] }],
    ['with an empty scope', { scopes: [...ANSWERS[tokenType].scopes, ''] }],
  ])('tells nothing by an answer %s, however it is flagged', (_name, members) => {
    expect(outcome(tokenType, members)).toBe('unclear')
    expect(outcome(tokenType, { ...members, revoked: true })).toBe('unclear')
    expect(outcome(tokenType, { ...members, expired: true })).toBe('unclear')
  })

  test.each(KINDS.filter((other) => other !== tokenType))('is of no use as %s', (other) => {
    expect(readIntrospection(other, ANSWERS[tokenType], NOW)).toBeUndefined()
    expect(outcome(tokenType, { object: ANSWERS[other].object })).toBe('unclear')
    expect(outcome(tokenType, { id: ANSWERS[other].id })).toBe('unclear')
  })

  test('hands out nothing that could be changed', () => {
    const found = read(tokenType, { claims: { list: [{ deep: true }] }, act: { sub: USER, nested: {} }, aud: ['a'] })
    expect(mutableParts(found?.active ? found.auth : {})).toEqual([])
  })
})

describe('readIntrospection', () => {
  test('tells what Clerk says itself from what our clock says', () => {
    const lasting = (members: object) => {
      const found = read('m2m_token', members)
      return found?.active === false && [found.code, found.isLasting]
    }
    expect(lasting({ expired: true })).toEqual(['token-expired', true])
    expect(lasting({ expired: true, expiration: NOW - 1 })).toEqual(['token-expired', true])
    expect(lasting({ expiration: NOW - 1 })).toEqual(['token-expired', false])
    expect(lasting({ revoked: true, expiration: NOW - 1 })).toEqual(['token-revoked', true])
    expect(lasting({ active: false })).toEqual(['token-inactive', true])
  })

  test.each([
    ['m2m_token', [USER, ORG]],
    ['oauth_token', [MACHINE, ORG]],
  ] as const)('knows who %s may speak for', (tokenType, subjects) => {
    for (const subject of subjects) expect([subject, outcome(tokenType, { subject })]).toEqual([subject, 'unclear'])
  })

  test('knows that only an OAuth token is told of by {"active":false} alone', () => {
    expect(readIntrospection('oauth_token', { active: false }, NOW)).toEqual({
      active: false,
      code: 'token-inactive',
      isLasting: true,
    })
    for (const tokenType of ['m2m_token', 'api_key'] as const)
      expect(readIntrospection(tokenType, { active: false }, NOW)).toBeUndefined()
  })

  test.each([
    ['a user', { scopes: [USER] }],
    ['this machine and a text', { scopes: [HERE, 'invoices:read'] }],
    ['a name that is too long', { scopes: [`${HERE}x`] }],
  ])('takes an M2M token with the scope of %s for unclear', (_name, members) => {
    expect(outcome('m2m_token', members)).toBe('unclear')
  })

  test('reads the M2M token of a machine', () => {
    expect(read('m2m_token')).toEqual({
      active: true,
      auth: {
        isAuthenticated: true,
        tokenType: 'm2m_token',
        id: ANSWERS.m2m_token.id,
        subject: MACHINE,
        machineId: MACHINE,
        scopes: [HERE, OTHER_MACHINE],
        claims: { tier: 'gold' },
        expiresAt: NOW + HOUR,
        has: expect.any(Function) as unknown,
      },
    })
  })

  test('reads no scope where an M2M token has none', () => {
    expect(read('m2m_token', { scopes: ABSENT })).toMatchObject({ auth: { scopes: [] } })
  })

  test.each([null, ABSENT, 'tier', 5, ['tier']])('reads no claims from %j', (claims) => {
    expect(read('m2m_token', { claims })).toMatchObject({ active: true, auth: { claims: null } })
    expect(read('api_key', { claims })).toMatchObject({ active: true, auth: { claims: null } })
  })

  test('reads the OAuth token of a client', () => {
    expect(read('oauth_token')).toEqual({
      active: true,
      auth: {
        isAuthenticated: true,
        tokenType: 'oauth_token',
        id: ANSWERS.oauth_token.id,
        subject: USER,
        userId: USER,
        clientId: CLIENT,
        scopes: ['invoices:read', 'profile'],
        orgId: undefined,
        audience: undefined,
        actor: undefined,
        expiresAt: NOW + HOUR,
        has: expect.any(Function) as unknown,
      },
    })
    const more = { org_id: ORG, aud: 'https://api.example.com', act: { sub: 'user_support' } }
    expect(read('oauth_token', more)).toMatchObject({
      auth: { orgId: ORG, audience: ['https://api.example.com'], actor: { sub: 'user_support' } },
    })
  })

  test.each([ABSENT, null, '', 5])('takes an OAuth token with the client %j for unclear', (clientId) => {
    expect(outcome('oauth_token', { client_id: clientId })).toBe('unclear')
  })

  test.each([ABSENT, null])('takes scopes that are %j for unclear, but for an M2M token', (scopes) => {
    expect(outcome('oauth_token', { scopes })).toBe('unclear')
    expect(outcome('api_key', { scopes })).toBe('unclear')
  })

  test.each([
    ['a user', USER, { userId: USER, orgId: null }],
    ['an organization', ORG, { userId: null, orgId: ORG }],
    ['a machine', MACHINE, { userId: null, orgId: null }],
  ])('reads the API key of %s', (_name, subject, ids) => {
    expect(read('api_key', { subject })).toEqual({
      active: true,
      auth: {
        isAuthenticated: true,
        tokenType: 'api_key',
        id: ANSWERS.api_key.id,
        subject,
        name: 'deploy',
        scopes: ['deploy'],
        claims: null,
        ...ids,
        expiresAt: NOW + HOUR,
        has: expect.any(Function) as unknown,
      },
    })
  })

  test.each([ABSENT, null, '', 5])('takes an API key with the name %j for unclear', (name) => {
    expect(outcome('api_key', { name })).toBe('unclear')
  })

  test('pollutes no prototype', () => {
    const body = JSON.parse(
      JSON.stringify({ ...ANSWERS.m2m_token, claims: null }).replace('"claims":null', '"claims":{"__proto__":{"x":1}}'),
    ) as unknown
    expect(readIntrospection('m2m_token', body, NOW)).toMatchObject({ active: true })
    expect(({} as { x?: unknown }).x).toBeUndefined()
  })
})

function mutableParts(value: unknown, path = 'auth'): string[] {
  if (typeof value !== 'object' || value === null) return []
  const parts = Object.entries(value).flatMap(([name, part]) => mutableParts(part, `${path}.${name}`))
  return Object.isFrozen(value) ? parts : [path, ...parts]
}
