import { createClerkClient } from '@clerk/backend'
import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import type { LocalClerk } from '../src/index.js'
import { start } from './start.js'
import { call } from './tokens.js'
import { startReceiver } from './webhook-receiver.js'

const START = Date.UTC(2030, 0)
const UNKNOWN = `user_${'x'.repeat(27)}`

async function startWithClient() {
  const local = await start({ now: () => START })
  const { CLERK_SECRET_KEY: secretKey, CLERK_API_URL: apiUrl } = local.env
  return { local, clerk: createClerkClient({ secretKey, apiUrl }) }
}

/** Signs a user in with a sign-in token. */
async function signIn(local: LocalClerk, userId: string): Promise<{ status: number; code: string | undefined }> {
  const { body } = await call(local, 'POST', '/v1/sign_in_tokens', { body: { user_id: userId } })
  const { pathname, search } = new URL(body.url)
  return call(local, 'GET', pathname + search, { key: null })
}

describe('a banned user', () => {
  test('loses their sessions, and gets no new one until unbanned', async () => {
    const { local, clerk } = await startWithClient()
    const { id } = local.people.bob
    const session = await clerk.sessions.createSession({ userId: id })
    const unaffected = await clerk.sessions.createSession({ userId: local.people.alice.id })

    expect(await clerk.users.banUser(id)).toMatchObject({ id, banned: true, locked: false, updatedAt: START })
    expect((await clerk.sessions.getSession(session.id)).status).toBe('revoked')
    expect((await clerk.sessions.getSession(unaffected.id)).status).toBe('active')
    await expect(clerk.sessions.getToken(session.id)).rejects.toMatchObject({ status: 404 })
    await expect(clerk.sessions.createSession({ userId: id })).rejects.toMatchObject({
      status: 403,
      errors: [{ code: 'user_banned', message: 'User banned' }],
    })
    expect(await signIn(local, id)).toMatchObject({ status: 403, code: 'user_banned' })

    expect((await clerk.users.unbanUser(id)).banned).toBe(false)
    expect((await clerk.sessions.getSession(session.id)).status).toBe('revoked')
    expect((await clerk.sessions.createSession({ userId: id })).status).toBe('active')
    expect(await signIn(local, id)).toMatchObject({ status: 200 })
  })

  test('cannot refresh a session', async () => {
    const { local, clerk } = await startWithClient()
    const { session: expired, refresh } = await local.cookies({ user: 'bob', ttlInSeconds: -10 })
    await clerk.users.banUser(local.people.bob.id)
    const body = { expired_token: expired, refresh_token: refresh, request_origin: 'http://localhost:3000' }
    const path = `/v1/sessions/${String(decodeJwt(expired)['sid'])}/refresh`
    expect(await call(local, 'POST', path, { body })).toMatchObject({
      status: 401,
      code: 'session_refresh_inactive_session',
    })
  })

  test('causes user.updated, then session.revoked for each active session', async () => {
    const { local, clerk } = await startWithClient()
    const { id } = local.people.bob
    const sessions = [
      await clerk.sessions.createSession({ userId: id }),
      await clerk.sessions.createSession({ userId: id }),
    ]
    await clerk.sessions.revokeSession((await clerk.sessions.createSession({ userId: id })).id)
    const { url, received } = await startReceiver()
    local.webhooks.add({ url })
    await clerk.users.banUser(id)
    await clerk.users.unbanUser(id)
    await local.webhooks.settled()
    const events = received.map(({ event: { type, data } }) => [type, data.id, (data.user ?? data).banned])
    expect(events).toEqual([
      ['user.updated', id, true],
      ...sessions.map((session) => ['session.revoked', session.id, true]).toReversed(),
      ['user.updated', id, false],
    ])
  })

  test('is marked as banned in memberships and in lists', async () => {
    const { local, clerk } = await startWithClient()
    await clerk.users.banUser(local.people.bob.id)
    const { body } = await call(local, 'GET', '/v1/organizations/acme/memberships?order_by=first_name')
    const flags = body.data.map(({ public_user_data: it }: any) => [it.first_name, it.banned])
    expect(flags).toEqual([
      ['Alice', false],
      ['Bob', true],
    ])
    const namesOf = async (query: string) =>
      (await call(local, 'GET', `/v1/users?order_by=first_name&${query}`)).body.map((it: any) => it.first_name)
    expect(await namesOf('banned=true')).toEqual(['Bob'])
    expect(await namesOf('banned=false')).toEqual(['Alice', 'Carol', 'Dave'])
    expect((await call(local, 'GET', '/v1/users/count?banned=true')).body.total_count).toBe(1)
  })

  test('can be banned together with others, or created as banned', async () => {
    const { local, clerk } = await startWithClient()
    const ids = [local.people.bob.id, local.people.carol.id]
    const ban = (user_ids: unknown) => call(local, 'POST', '/v1/users/ban', { body: { user_ids } })
    expect(await ban([...ids, UNKNOWN])).toMatchObject({ status: 404, code: 'resource_not_found' })
    expect((await clerk.users.getUser(ids[0]!)).banned).toBe(false)

    const flags = ({ body }: { body: any }) => body.map((it: any) => [it.id, it.banned])
    expect(flags(await ban([...ids, ids[0]]))).toEqual(ids.map((id) => [id, true]))
    const unbanned = await call(local, 'POST', '/v1/users/unban', { body: { user_ids: ids } })
    expect(flags(unbanned)).toEqual(ids.map((id) => [id, false]))

    const eve = await clerk.users.createUser({ username: 'evelyn', banned: true })
    expect(eve.banned).toBe(true)
    await expect(clerk.sessions.createSession({ userId: eve.id })).rejects.toMatchObject({ status: 403 })
  })

  test.each<[unknown, string]>([
    [undefined, 'form_param_missing'],
    [[], 'form_param_missing'],
    ['x', 'form_param_type_invalid'],
    [Array(51).fill(UNKNOWN), 'form_param_array_size_exceeded'],
  ])('cannot be selected by user_ids %j', async (userIds, code) => {
    const local = await start()
    for (const verb of ['ban', 'unban'])
      expect(await call(local, 'POST', `/v1/users/${verb}`, { body: { user_ids: userIds } })).toMatchObject({
        status: 422,
        code,
      })
  })
})

describe('a locked user', () => {
  test('cannot sign in for an hour, and keeps existing sessions', async () => {
    const { local, clerk } = await startWithClient()
    const { id } = local.people.bob
    const session = await clerk.sessions.createSession({ userId: id })
    expect(await clerk.users.lockUser(id)).toMatchObject({
      locked: true,
      banned: false,
      raw: { lockout_expires_in_seconds: 3600 },
    })
    expect((await clerk.sessions.getToken(session.id)).jwt).toContain('.')
    expect(await signIn(local, id)).toMatchObject({ status: 403, code: 'user_locked' })

    local.clock.advance(3_599_500)
    expect(await clerk.users.getUser(id)).toMatchObject({ locked: true, raw: { lockout_expires_in_seconds: 1 } })
    await expect(clerk.sessions.createSession({ userId: id })).rejects.toMatchObject({
      status: 403,
      errors: [{ code: 'user_locked' }],
    })
    local.clock.advance(500)
    expect(await clerk.users.getUser(id)).toMatchObject({ locked: false, raw: { lockout_expires_in_seconds: null } })
    expect(await signIn(local, id)).toMatchObject({ status: 200 })
  })

  test('can sign in once unlocked, and can be created as locked', async () => {
    const { local, clerk } = await startWithClient()
    const { id } = await clerk.users.createUser({ username: 'evelyn', locked: true })
    expect(await signIn(local, id)).toMatchObject({ status: 403, code: 'user_locked' })
    expect(await clerk.users.unlockUser(id)).toMatchObject({ locked: false, raw: { lockout_expires_in_seconds: null } })
    expect(await signIn(local, id)).toMatchObject({ status: 200 })
  })
})

test.each(['ban', 'unban', 'lock', 'unlock'])('%s answers 404 for an unknown user', async (verb) => {
  expect(await call(await start(), 'POST', `/v1/users/${UNKNOWN}/${verb}`)).toMatchObject({
    status: 404,
    code: 'resource_not_found',
    text: `No user was found with id ${UNKNOWN}`,
  })
})
