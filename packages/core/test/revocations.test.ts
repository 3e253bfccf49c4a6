import { describe, expect, test } from 'vitest'
import type { AuthenticatedAuth } from '../src/auth/auth.js'
import { revocationsOf, type Revocations } from '../src/fleet/revocations.js'
import type { RevocableToken, Tombstone } from '../src/fleet/tombstone.js'
import { codeOf, fakeClock, HOUR, MINUTE, NOW, SECOND } from './fixtures.js'
import { AUTHS } from './fixtures-machines.js'

const SKEW = 5 * SECOND
const ALICE = { isAuthenticated: true, tokenType: 'session_token', userId: 'user_alice', sessionId: 'sess_1' }
const claims = { jti: 'jti_1' }
const member = {
  ...ALICE,
  orgId: 'org_1',
  orgRole: 'org:member',
  sessionClaims: claims,
} as unknown as AuthenticatedAuth

const issuedAt = (ms: number, auth = member): RevocableToken => ({ digest: 'digest', auth, issuedAt: ms / 1000 })
const opaque = (auth: AuthenticatedAuth = AUTHS.api_key): RevocableToken => ({
  digest: 'key',
  auth,
  issuedAt: 'opaque',
})

function start(maxTombstones?: number) {
  const clock = fakeClock()
  let overflows = 0
  const revocations = revocationsOf(clock, SKEW, () => overflows++, maxTombstones)
  const add = (tombstone: Tombstone, position?: string) =>
    revocations.add({ tombstone, forMs: HOUR, ...(position !== undefined && { position }) })
  return { clock, revocations, add, overflows: () => overflows }
}

const outcome = (revocations: Revocations, token: RevocableToken) =>
  codeOf(async () => revocations.check(token)).catch(() => 'passed')

describe('a tombstone', () => {
  test.each<[string, Tombstone, boolean]>([
    ['of its digest', { subject: 'token', id: 'digest', effect: 'refuse' }, true],
    ['of its id', { subject: 'tokenId', id: 'jti_1', effect: 'refuse' }, true],
    ['of its session', { subject: 'sessionId', id: 'sess_1', effect: 'refuse' }, true],
    ['of its user', { subject: 'userId', id: 'user_alice', effect: 'refuse-earlier', at: NOW }, true],
    [
      'of its organization',
      { subject: 'organization', organizationId: 'org_1', effect: 'refuse-earlier', at: NOW },
      true,
    ],
    [
      'of its membership',
      { subject: 'membership', organizationId: 'org_1', userId: 'user_alice', effect: 'refuse-earlier', at: NOW },
      true,
    ],
    [
      'of other roles than another',
      {
        subject: 'role',
        organizationId: 'org_1',
        userId: 'user_alice',
        except: 'org:admin',
        effect: 'refuse-earlier',
        at: NOW,
      },
      true,
    ],
    [
      'of other roles than its own',
      {
        subject: 'role',
        organizationId: 'org_1',
        userId: 'user_alice',
        except: 'org:member',
        effect: 'refuse-earlier',
        at: NOW,
      },
      false,
    ],
    ['of another session', { subject: 'sessionId', id: 'sess_2', effect: 'refuse' }, false],
    ['of a session with the id of its user', { subject: 'sessionId', id: 'user_alice', effect: 'refuse' }, false],
    [
      'of another organization',
      { subject: 'organization', organizationId: 'org_2', effect: 'refuse-earlier', at: NOW },
      false,
    ],
    ['that only asks Clerk again', { subject: 'userId', id: 'user_alice', effect: 'ask-again', at: NOW }, false],
  ])('%s refuses a token: %s', async (_name, tombstone, isRefused) => {
    const { revocations, add } = start()
    add(tombstone)
    expect(await outcome(revocations, issuedAt(NOW))).toBe(isRefused ? 'token-revoked' : 'passed')
  })

  test.each([
    ['before it', NOW - MINUTE, true],
    ['at the same time, as far as the clocks may differ', NOW + SKEW, true],
    ['after it', NOW + SKEW + SECOND, false],
  ])('of a user refuses a JWT that was issued %s: %s', async (_when, ms, isRefused) => {
    const { revocations, add } = start()
    add({ subject: 'userId', id: 'user_alice', effect: 'refuse-earlier', at: NOW })
    expect(await outcome(revocations, issuedAt(ms))).toBe(isRefused ? 'token-revoked' : 'passed')
  })

  test('of a user refuses a JWT that does not say when it was issued', async () => {
    const { revocations, add } = start()
    add({ subject: 'userId', id: 'user_alice', effect: 'refuse-earlier', at: NOW })
    expect(await outcome(revocations, { ...issuedAt(NOW), issuedAt: undefined })).toBe('token-revoked')
  })

  test('of a user whose time is unknown, because the clock was invalid, refuses every JWT', async () => {
    const { revocations, add } = start()
    add({ subject: 'userId', id: 'user_alice', effect: 'refuse-earlier', at: Number.NaN })
    expect(await outcome(revocations, issuedAt(NOW))).toBe('token-revoked')
  })

  test('of a user outdates what was cached of opaque tokens, and does not refuse a new answer', async () => {
    const { revocations, add } = start()
    const before = revocations.sequence()
    add({ subject: 'userId', id: AUTHS.api_key.userId!, effect: 'refuse-earlier', at: NOW })
    expect(revocations.outdateSince(opaque(), before)).toBe(true)
    expect(revocations.outdateSince(opaque(), revocations.sequence())).toBe(false)
    expect(await outcome(revocations, opaque())).toBe('passed')
  })

  test('ends after its time', async () => {
    const { revocations, add, clock } = start()
    add({ subject: 'sessionId', id: 'sess_1', effect: 'refuse' })
    clock.advance(HOUR - 1)
    expect(await outcome(revocations, issuedAt(NOW))).toBe('token-revoked')
    clock.advance(1)
    expect(await outcome(revocations, issuedAt(NOW))).toBe('passed')
    expect(revocations.entries()).toEqual([])
  })

  test('lives on if it is added again for a shorter time', async () => {
    const { clock, revocations } = start()
    const tombstone = { subject: 'token', id: 'digest', effect: 'refuse' } as const
    for (const forMs of [HOUR, MINUTE]) revocations.add({ tombstone, forMs })
    clock.advance(HOUR - 1)
    expect(await outcome(revocations, issuedAt(NOW))).toBe('token-revoked')
    clock.advance(1)
    expect(await outcome(revocations, issuedAt(NOW))).toBe('passed')
  })

  test('outlives a wall clock that is wrong for a while: expired tokens are valid again once it is corrected', async () => {
    const { revocations, add, clock } = start()
    add({ subject: 'sessionId', id: 'sess_1', effect: 'refuse' })
    for (const wall of [NOW + 2 * HOUR, Number.NaN, NOW - 2 * HOUR, NOW]) {
      clock.setWall(wall)
      expect(await outcome(revocations, issuedAt(NOW))).toBe('token-revoked')
      expect(revocations.entries()[0]!.forMs).toBeGreaterThanOrEqual(HOUR)
    }
  })

  test('is not replaced by an earlier one of the same user, which may arrive later', async () => {
    const { revocations, add } = start()
    const ofUser = { subject: 'userId', id: 'user_alice', effect: 'refuse-earlier' } as const
    add({ ...ofUser, at: NOW + MINUTE })
    add({ ...ofUser, at: NOW })
    expect(await outcome(revocations, issuedAt(NOW + MINUTE))).toBe('token-revoked')
    add({ ...ofUser, at: NOW + HOUR })
    expect(await outcome(revocations, issuedAt(NOW + HOUR))).toBe('token-revoked')
    expect(revocations.count()).toBe(1)
  })
})

describe('the place of a tombstone in the log', () => {
  const ofKey = { subject: 'userId', id: AUTHS.api_key.userId!, effect: 'refuse-earlier', at: NOW } as const

  test('decides whether an answer is outdated by it', () => {
    const { revocations, add } = start()
    add(ofKey, '0007')
    expect(revocations.outdateAfter(opaque(), '0006')).toBe(true)
    expect(revocations.outdateAfter(opaque(), '0007')).toBe(false)
  })

  test('is after every answer until the log has it', () => {
    const { revocations, add } = start()
    add(ofKey)
    expect(revocations.outdateAfter(opaque(), '9999')).toBe(true)
    const { sequence } = revocations
    const before = sequence()
    add(ofKey, '0007')
    expect(revocations.outdateAfter(opaque(), '0007')).toBe(false)
    expect(sequence()).toBe(before)
  })

  test('does not matter for a token that is refused for good: Clerk need not be asked again', async () => {
    const { revocations, add } = start()
    add({ subject: 'token', id: 'key', effect: 'refuse' }, '0007')
    expect(revocations.outdateAfter(opaque(), '0006')).toBe(false)
    expect(await outcome(revocations, opaque())).toBe('token-revoked')
  })
})

describe('more tombstones than are kept', () => {
  const ofSession = (i: number): Tombstone => ({ subject: 'sessionId', id: `sess_${i}`, effect: 'refuse' })

  test('are not kept, and reported once', async () => {
    const { revocations, add, overflows } = start(2)
    for (let i = 0; i < 5; i++) add(ofSession(i))
    expect([revocations.count(), revocations.isPartial(), overflows()]).toEqual([2, true, 1])
    expect(await outcome(revocations, issuedAt(NOW))).toBe('token-revoked')
  })

  test('are kept again once those that were not have expired', () => {
    const { revocations, add, clock, overflows } = start(2)
    for (let i = 0; i < 3; i++) add(ofSession(i))
    clock.advance(HOUR)
    expect(revocations.isPartial()).toBe(false)
    for (let i = 3; i < 6; i++) add(ofSession(i))
    expect([revocations.count(), revocations.isPartial(), overflows()]).toEqual([2, true, 2])
  })

  test('do not cause a search for expired ones each', () => {
    const clock = fakeClock()
    let reads = 0
    const counted = { ...clock, now: () => (reads++, clock.now()) }
    const revocations = revocationsOf(counted, SKEW, () => {}, 1000)
    for (let i = 0; i < 1000; i++) revocations.add({ tombstone: ofSession(i), forMs: HOUR })
    reads = 0
    for (let i = 1000; i < 2000; i++) revocations.add({ tombstone: ofSession(i), forMs: HOUR })
    expect(reads).toBeLessThan(10_000)
  })

  test('replace expired ones', () => {
    const { revocations, add, clock, overflows } = start(2)
    for (let i = 0; i < 2; i++) add(ofSession(i))
    clock.advance(HOUR)
    add(ofSession(2))
    expect([revocations.count(), revocations.isPartial(), overflows()]).toEqual([1, false, 0])
  })
})
