import { describe, expect, test } from 'vitest'
import { tombstonesOfEvent } from '../src/webhooks/tombstones-of-event.js'
import { MINUTE, NOW, SECOND } from './fixtures.js'

const membership = {
  object: 'organization_membership',
  role: 'org:member',
  organization: { id: 'org_acme' },
  public_user_data: { user_id: 'user_bob' },
}
const both = { organizationId: 'org_acme', userId: 'user_bob' }

const read = (event: unknown) => tombstonesOfEvent(event, NOW)

describe('an event of Clerk', () => {
  const earlier = { effect: 'refuse-earlier', at: NOW }
  test.each([
    ['session.ended', { id: 'sess_1' }, { subject: 'sessionId', id: 'sess_1', effect: 'refuse' }],
    ['session.removed', { id: 'sess_1' }, { subject: 'sessionId', id: 'sess_1', effect: 'refuse' }],
    ['session.revoked', { id: 'sess_1' }, { subject: 'sessionId', id: 'sess_1', effect: 'refuse' }],
    ['user.deleted', { id: 'user_bob', deleted: true }, { subject: 'userId', id: 'user_bob', ...earlier }],
    ['user.updated', { id: 'user_bob', banned: true }, { subject: 'userId', id: 'user_bob', ...earlier }],
    ['organizationMembership.deleted', membership, { subject: 'membership', ...both, ...earlier }],
    ['organizationMembership.updated', membership, { subject: 'role', ...both, except: 'org:member', ...earlier }],
    [
      'organization.deleted',
      { id: 'org_acme' },
      { subject: 'organization', organizationId: 'org_acme', effect: 'refuse' },
    ],
  ])('%s revokes', (type, data, tombstone) => {
    expect(read({ type, data, timestamp: NOW })).toEqual([tombstone])
  })

  test.each([
    ['user.updated', { id: 'user_bob', banned: false, locked: true }],
    ['user.updated', { id: 'user_bob', banned: 'true' }],
    ['session.created', { id: 'sess_1' }],
    ['session.pending', { id: 'sess_1' }],
    ['organizationMembership.created', membership],
    ['role.updated', {}],
    ['not.known.yet', null],
    ['toString', {}],
  ])('%s with %j revokes nothing', (type, data) => {
    expect(read({ type, data, timestamp: NOW })).toEqual([])
  })

  test.each([
    ['undefined', undefined],
    ['null', null],
    ['a list', []],
    ['no type', { data: { id: 'sess_1' }, timestamp: NOW }],
    ['a type that is not a string', { type: ['session.ended'], data: { id: 'sess_1' }, timestamp: NOW }],
    ['an inherited type', Object.create({ type: 'session.ended', data: { id: 'sess_1' }, timestamp: NOW })],
    ['no data', { type: 'session.ended', timestamp: NOW }],
    ['data that is null', { type: 'session.ended', data: null, timestamp: NOW }],
    ['no id', { type: 'session.ended', data: {}, timestamp: NOW }],
    ['an empty id', { type: 'session.ended', data: { id: '' }, timestamp: NOW }],
    ['an id with a space', { type: 'session.ended', data: { id: 'a b' }, timestamp: NOW }],
    ['an id of 257 characters', { type: 'session.ended', data: { id: 'a'.repeat(257) }, timestamp: NOW }],
    ['an id that is a number', { type: 'user.deleted', data: { id: 7 }, timestamp: NOW }],
    ['a ban without an id', { type: 'user.updated', data: { banned: true }, timestamp: NOW }],
    ['an organization without an id', { type: 'organization.deleted', data: { deleted: true }, timestamp: NOW }],
    [
      'no user',
      { type: 'organizationMembership.deleted', data: { ...membership, public_user_data: null }, timestamp: NOW },
    ],
    [
      'no organization',
      { type: 'organizationMembership.deleted', data: { ...membership, organization: 1 }, timestamp: NOW },
    ],
    ['no role', { type: 'organizationMembership.updated', data: { ...membership, role: undefined }, timestamp: NOW }],
    ['no timestamp', { type: 'user.deleted', data: { id: 'user_bob' } }],
    ['a timestamp that is a string', { type: 'user.deleted', data: { id: 'user_bob' }, timestamp: String(NOW) }],
    ['a timestamp in microseconds', { type: 'user.deleted', data: { id: 'user_bob' }, timestamp: NOW * 1000 }],
    ['a timestamp of zero', { type: 'user.deleted', data: { id: 'user_bob' }, timestamp: 0 }],
    ['a timestamp that is not finite', { type: 'user.deleted', data: { id: 'user_bob' }, timestamp: Number.NaN }],
    ['a timestamp after its delivery', { type: 'user.deleted', data: { id: 'user_bob' }, timestamp: NOW + 6 * MINUTE }],
  ])('with %s is malformed', (_case, event) => {
    expect(read(event)).toBe('malformed')
  })

  test.each([
    ['milliseconds', NOW + 999, NOW + 999],
    ['seconds', NOW / SECOND, NOW],
    ['the milliseconds of five minutes later, because clocks differ', NOW + 5 * MINUTE, NOW + 5 * MINUTE],
    ['seconds of 2001', 1e9, 1e12],
  ])('may have a timestamp in %s', (_unit, timestamp, at) => {
    expect(read({ type: 'user.deleted', data: { id: 'user_bob' }, timestamp })).toMatchObject([{ at }])
  })
})
