import { describe, expect, test } from 'vitest'
import type { AuthenticatedAuth } from '../src/auth/auth.js'
import { readIntrospection } from '../src/introspection/introspection.js'
import { KINDS as ALL_KINDS, type OpaqueTokenType } from '../src/kinds/kinds.js'
import { HOUR, NOW, SECOND } from './fixtures.js'
import { ANSWERS, KINDS, USER } from './fixtures-machines.js'

const ABSENT = undefined

/** Reads the body of a response about a token of a kind. */
function readBody(tokenType: OpaqueTokenType, body: unknown, now = NOW) {
  return readIntrospection<AuthenticatedAuth>(ALL_KINDS[tokenType].opaque, body, now)
}

/** Reads a valid response with some members changed, as it arrives over the wire. */
function read(tokenType: OpaqueTokenType, members: object = {}, now = NOW) {
  return readBody(tokenType, JSON.parse(JSON.stringify({ ...ANSWERS[tokenType], ...members })), now)
}

/** `passed`, the reason of a refusal, or `unclear`. */
function outcome(tokenType: OpaqueTokenType, members: object = {}, now = NOW): string {
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
  ['null, which means never', null, 'future'],
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
  ['a string', String(NOW + HOUR), 'unclear'],
  ['a date', new Date(NOW + HOUR).toISOString(), 'unclear'],
  ['absent', ABSENT, 'unclear'],
  ['true', true, 'unclear'],
  ['a list', [NOW + HOUR], 'unclear'],
]

describe.each(KINDS)('readIntrospection of %s', (tokenType) => {
  test.each(['claims', 'act', 'aud', 'extra'])(
    'is unclear if a response is nested deeper than a token may be, in %s',
    (name) => {
      const nested = (depth: number) => ({ [name]: JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown })
      expect(outcome(tokenType, nested(31))).toBe('passed')
      expect(outcome(tokenType, nested(32))).toBe('unclear')
      expect(outcome(tokenType, nested(3000))).toBe('unclear')
    },
  )

  test.each([{ jkt: 'x' }, {}, null, false])('refuses permanently a token that is bound to a key: cnf %j', (cnf) => {
    expect(read(tokenType, { cnf })).toEqual({ active: false, code: 'token-binding-unsupported', isLasting: true })
  })

  test.each(EXPIRATIONS)('handles every combination of flags with the expiration %s', (_name, expiration, time) => {
    for (const [revoked, isRevoked] of FLAGS) {
      for (const [expired, isExpired] of FLAGS) {
        for (const [active, isActive] of ACTIVES) {
          const flags = { revoked, expired, active, expiration }
          expect([flags, outcome(tokenType, flags)]).toEqual([flags, expected(isRevoked, isExpired, isActive)])
        }
      }
    }

    function expected(revoked?: boolean, expired?: boolean, active?: boolean): string {
      // The response for an inactive OAuth token has no other members, so the rest is not checked.
      if (tokenType === 'oauth_token' && active === false) return 'token-inactive'
      if (time === 'unclear' || revoked === undefined || expired === undefined || active === undefined) return 'unclear'
      if (revoked) return 'token-revoked'
      if (expired || time === 'past') return 'token-expired'
      return active ? 'passed' : 'token-inactive'
    }
  })

  test.each([
    ['seconds', NOW / SECOND + 60, NOW + 60 * SECOND],
    ['milliseconds', NOW + 60 * SECOND, NOW + 60 * SECOND],
    ['null', null, null],
  ])('returns the expiry in milliseconds, from %s', (_name, expiration, expiresAt) => {
    expect(read(tokenType, { expiration })).toMatchObject({ active: true, auth: { expiresAt } })
  })

  test('is unclear if the expiration overflows to Infinity', () => {
    const text = JSON.stringify({ ...ANSWERS[tokenType], expiration: null }).replace(
      '"expiration":null',
      '"expiration":1e999',
    )
    expect(JSON.parse(text)).toHaveProperty('expiration', Infinity)
    expect(readBody(tokenType, JSON.parse(text))).toBeUndefined()
  })

  test('refuses every token if the clock returns NaN', () => {
    expect(outcome(tokenType, {}, Number.NaN)).toBe('token-expired')
  })

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['an empty object', {}],
    ['a list', []],
    ['a list with a valid response', [ANSWERS[tokenType]]],
    ['a valid response inside an object', { data: ANSWERS[tokenType] }],
    ['HTML', '<!doctype html>'],
    ['a string', JSON.stringify(ANSWERS[tokenType])],
    ['true', true],
    ['a number', 200],
    ['only that it is active', { active: true }],
    ["Clerk's error", { errors: [{ code: 'not_found' }] }],
  ])('is unclear for %s', (_name, body) => {
    expect(readBody(tokenType, body)).toBeUndefined()
  })

  test.each<[string, object]>([
    ['without an object', { object: ABSENT }],
    ['with another object', { object: 'token' }],
    ['without an id', { id: ABSENT }],
    ['with an id that is not a string', { id: 5 }],
    ['with an empty id', { id: '' }],
    ['with an id in a list', { id: [ANSWERS[tokenType].id] }],
    ['with an id that is too short', { id: ANSWERS[tokenType].id.slice(0, -1) }],
    ['with an id that is too long', { id: `${ANSWERS[tokenType].id}0` }],
    ['with an id that is not hexadecimal', { id: `${ANSWERS[tokenType].id.slice(0, -1)}g` }],
    ['with a line break after its id', { id: `${ANSWERS[tokenType].id}\n` }],
    ['with a prefix before its id', { id: `x${ANSWERS[tokenType].id}` }],
    ['without a subject', { subject: ABSENT }],
    ['with a subject that is null', { subject: null }],
    ['with an empty subject', { subject: '' }],
    ['with a subject that is not a string', { subject: [ANSWERS[tokenType].subject] }],
    ['with a session as its subject', { subject: `sess_${'s'.repeat(27)}` }],
    ['with a subject that is too short', { subject: ANSWERS[tokenType].subject.slice(0, -1) }],
    ['with a subject that is too long', { subject: `${ANSWERS[tokenType].subject}x` }],
    ['with a line break after its subject', { subject: `${ANSWERS[tokenType].subject}\n` }],
    ['with a prefix before its subject', { subject: ` ${ANSWERS[tokenType].subject}` }],
    ['with an invalid character in its subject', { subject: `${ANSWERS[tokenType].subject.slice(0, -1)}-` }],
    ['with scopes that are null', { scopes: null }],
    ['with scopes that are a string', { scopes: 'invoices:read' }],
    ['with a scope that is not a string', { scopes: [...ANSWERS[tokenType].scopes, 5] }],
    ['with an empty scope', { scopes: [...ANSWERS[tokenType].scopes, ''] }],
  ])('is unclear for a response %s, whatever its flags', (_name, members) => {
    expect(outcome(tokenType, members)).toBe('unclear')
    expect(outcome(tokenType, { ...members, revoked: true })).toBe('unclear')
    expect(outcome(tokenType, { ...members, expired: true })).toBe('unclear')
  })

  test.each(KINDS.filter((other) => other !== tokenType))('is not accepted as %s', (other) => {
    expect(readBody(other, ANSWERS[tokenType])).toBeUndefined()
    expect(outcome(tokenType, { object: ANSWERS[other].object })).toBe('unclear')
    expect(outcome(tokenType, { id: ANSWERS[other].id })).toBe('unclear')
  })

  test('returns a deeply frozen result', () => {
    const found = read(tokenType, { claims: { list: [{ deep: true }] }, act: { sub: USER, nested: {} }, aud: ['a'] })
    expect(mutableParts(found?.active ? found.auth : {})).toEqual([])
  })
})

describe('readIntrospection', () => {
  test('distinguishes expiry reported by Clerk from expiry by our clock', () => {
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

  test('accepts a bare {"active":false} only for an OAuth token', () => {
    expect(readBody('oauth_token', { active: false })).toEqual({
      active: false,
      code: 'token-inactive',
      isLasting: true,
    })
    for (const tokenType of ['m2m_token', 'api_key'] as const)
      expect(readBody(tokenType, { active: false })).toBeUndefined()
  })

  test('ignores inherited members', () => {
    const everywhere = Object.prototype as unknown as Record<string, unknown>
    try {
      everywhere['expiration'] = null
      expect(outcome('m2m_token', { expiration: ABSENT })).toBe('unclear')
    } finally {
      delete everywhere['expiration']
    }
  })

  test('does not pollute prototypes', () => {
    const body = JSON.parse(
      JSON.stringify({ ...ANSWERS.m2m_token, claims: null }).replace('"claims":null', '"claims":{"__proto__":{"x":1}}'),
    ) as unknown
    expect(readBody('m2m_token', body)).toMatchObject({ active: true })
    expect(({} as { x?: unknown }).x).toBeUndefined()
  })
})

function mutableParts(value: unknown, path = 'auth'): string[] {
  if (typeof value !== 'object' || value === null) return []
  const parts = Object.entries(value).flatMap(([name, part]) => mutableParts(part, `${path}.${name}`))
  return Object.isFrozen(value) ? parts : [path, ...parts]
}
