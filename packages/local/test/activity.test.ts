import { describe, expect, test } from 'vitest'
import { createInstance } from '../src/instance/instance.js'
import { identityOf } from '../src/instance/identity.js'
import { activityOf } from '../src/people/activity.js'
import { banUser } from '../src/people/ban.js'
import { removeUser } from '../src/people/removal.js'
import { createWorld } from '../src/state/world.js'
import { start } from './start.js'
import { call } from './tokens.js'

/** where nothing listens */
const WEBHOOK = 'http://127.0.0.1:9'

const SESSION = { client_id: 'client_a', refresh_token: 'a', last_active_at: 1, expire_at: 9e12, abandon_at: 9e12 }

const [EARLY, LATE] = [Date.UTC(2030, 0), Date.UTC(2030, 1)]

/** Bob signs in twice, the second time with the clock set back. Alice signs in once, at the earlier time. */
async function startWithSessions() {
  const local = await start()
  for (const [at, user, org] of [
    [EARLY, 'alice', 'acme'],
    [LATE, 'bob', 'acme'],
    [EARLY, 'bob', null],
  ] as const) {
    local.clock.set(at)
    await local.sessionToken({ user, org })
  }
  const get = async (path: string) => (await call(local, 'GET', path)).body
  return { local, get }
}

describe('the last activity of a user', () => {
  test('is the latest of all their sessions, for one user and in lists', async () => {
    const { local, get } = await startWithSessions()
    const activity = { last_sign_in_at: LATE, last_active_at: LATE }
    expect(await get(`/v1/users/${local.people.bob.id}`)).toMatchObject(activity)
    const listed = await get('/v1/users?order_by=-last_active_at')
    expect(listed.map(({ first_name: name }: { first_name: string }) => name).slice(0, 2)).toEqual(['Bob', 'Alice'])
    expect(listed[0]).toMatchObject(activity)
    expect(listed[2]).toMatchObject({ last_sign_in_at: null, last_active_at: null })
  })

  test('filters users and memberships', async () => {
    const { local, get } = await startWithSessions()
    const ofUsers = await get(`/v1/users?last_active_at_after=${LATE}`)
    expect(ofUsers.map(({ id }: { id: string }) => id)).toEqual([local.people.bob.id])
    const ofMembers = await get(`/v1/organizations/acme/memberships?last_active_at_after=${LATE}`)
    expect(ofMembers).toMatchObject({ total_count: 1, data: [{ public_user_data: { user_id: local.people.bob.id } }] })
  })

  test('is right after any changes of sessions, also after those that were undone', () => {
    const world = createWorld({ now: () => 1000, url: () => 'http://127.0.0.1:1' })
    const add = (created_at: number, last_active_at = created_at) =>
      world.sessions.add({ ...SESSION, user_id: 'user_a', created_at, last_active_at })
    const activity = () => Object.values(activityOf(world, 'user_a'))
    expect(activity()).toEqual([null, null])
    const [first, second, third] = [add(10), add(20), add(20, 30)]
    expect(activity()).toEqual([20, 30])
    world.sessions.update(first.id, { last_active_at: 40 })
    expect(activity()).toEqual([20, 40])
    expect(() =>
      world.transaction(() => {
        world.sessions.update(second.id, { last_active_at: 50 })
        expect(activity()).toEqual([20, 50])
        throw new Error('no')
      }),
    ).toThrow('no')
    expect(activity()).toEqual([20, 40])
    world.sessions.remove(third.id)
    expect(activity()).toEqual([20, 40])
    world.sessions.remove(second.id)
    expect(activity()).toEqual([10, 40])
    world.replace({})
    expect(activity()).toEqual([null, null])
  })

  test('does not make it slow to ban and delete a user with thousands of sessions', async () => {
    const identity = identityOf({ algorithm: 'ES256' }, undefined)
    const { world } = await createInstance(identity, { webhooks: [{ url: WEBHOOK }] }, undefined, () => WEBHOOK)
    const { id } = world.users.find('local_name', 'alice')!
    for (let i = 0; i < 5000; i++) world.sessions.add({ ...SESSION, user_id: id })
    const startedAt = performance.now()
    world.transaction(() => banUser(world, world.users.byId(id)!))
    world.transaction(() => removeUser(world, id))
    // 27 seconds if the time grew with the square of the number of sessions
    expect(performance.now() - startedAt).toBeLessThan(8000)
    expect(world.sessions.size()).toBe(0)
  })
})

test('a user in two organizations is found by either one, and both organizations are found by the user', async () => {
  const { local, get } = await startWithSessions()
  const { acme, globex } = local.organizations
  await call(local, 'POST', '/v1/organizations/globex/memberships', {
    body: { user_id: local.people.bob.id, role: 'org:member' },
  })
  for (const { id } of [acme, globex]) {
    const found = await get(`/v1/users?organization_id=${id}&user_id=${local.people.bob.id}`)
    expect(found.map((user: { id: string }) => user.id)).toContain(local.people.bob.id)
  }
  expect((await get(`/v1/users?organization_id=-${globex.id}`)).length).toBe(2)
  const ofBob = await get(`/v1/organizations?user_id=${local.people.bob.id}&order_by=%2Bname`)
  expect(ofBob).toMatchObject({ total_count: 2, data: [{ slug: 'acme' }, { slug: 'globex' }] })
  const ofAlice = await get(`/v1/organizations?user_id=${local.people.alice.id}`)
  expect(ofAlice).toMatchObject({ total_count: 1, data: [{ slug: 'acme' }] })
})
