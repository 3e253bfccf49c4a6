import { describe, expect, test } from 'vitest'
import type { DirectoryView } from '../src/control/directory-view.js'
import type { LocalClerk } from '../src/index.js'
import { errorBody, start } from './start.js'
import { call } from './tokens.js'

async function directory({ url }: Pick<LocalClerk, 'url'>, query = ''): Promise<DirectoryView> {
  const response = await fetch(`${url}/_local/directory${query}`)
  expect(response.status).toBe(200)
  expect(response.headers.get('cache-control')).toBe('no-store')
  return (await response.json()) as DirectoryView
}

const names = ({ people, organizations, machines, clients }: DirectoryView) => [
  people.first.map(({ name }) => name),
  organizations.first.map(({ slug }) => slug),
  machines.first.map(({ name }) => name),
  clients.first.map(({ key }) => key),
]

describe('/_local/directory', () => {
  test('lists people, organizations, machines and clients', async () => {
    const local = await start()
    const view = await directory(local)
    expect(view).toMatchObject({ url: local.url, env: local.env, keys: { current: local.kid, published: 1 } })
    expect(names(view)).toEqual([
      ['alice', 'bob', 'carol', 'dave'],
      ['acme', 'globex'],
      ['worker', 'api', 'billing'],
      ['cli', 'partner'],
    ])
    expect(view.people.first[0]).toEqual({
      id: local.people.alice.id,
      name: 'alice',
      email: 'alice@acme.example',
      memberships: { total: 1, first: [{ slug: 'acme', role: 'org:admin' }] },
      defaultOrganization: 'acme',
      tokens: { total: 0, first: [] },
      sessions: { total: 0, first: [] },
    })
    expect(view.organizations.first[0]).toMatchObject({
      plan: 'pro',
      features: ['invoices', 'reports'],
      members: { total: 2, first: ['alice', 'bob'] },
    })
    expect(view.machines.first[0]).toMatchObject({ mayCall: { total: 1, first: ['api'] }, defaultTtlInSeconds: 3600 })
    expect(view.clients.first[0]).toEqual({ key: 'cli', id: local.clients.cli.id, name: 'Command line' })
  })

  test('reports whether the clock was moved or stopped', async () => {
    const local = await start()
    local.clock.advance(-120_000)
    const { clock: moved } = await directory(local)
    expect(moved.isStopped).toBe(false)
    expect(Math.round((moved.machineNow - moved.now) / 1000)).toBe(120)
    local.clock.set(1000)
    expect((await directory(local)).clock).toMatchObject({ now: 1000, isStopped: true })
  })

  test('lists opaque tokens and API keys under their owners, newest first, with their state', async () => {
    const local = await start()
    await local.apiKey({ subject: 'alice', ttlInSeconds: -5 })
    await local.revoke(await local.oauthToken({ format: 'opaque' }))
    local.clock.advance(1000)
    await local.apiKey({ subject: 'alice' })
    await local.apiKey({ subject: 'acme' })
    await local.m2mToken()
    const { people, organizations, machines } = await directory(local)
    expect(people.first[0]?.tokens).toMatchObject({
      total: 3,
      first: [
        { kind: 'api_key', state: 'active', expiresAt: null },
        { kind: 'oauth_token', state: 'revoked' },
        { kind: 'api_key', state: 'expired' },
      ],
    })
    expect(organizations.first[0]?.tokens).toMatchObject({ total: 1, first: [{ kind: 'api_key' }] })
    expect(machines.first[0]?.tokens).toMatchObject({ total: 1, first: [{ kind: 'm2m_token', state: 'active' }] })
  })

  test('contains no secrets except those in env', async () => {
    const local = await start()
    const secrets = [
      await local.apiKey(),
      await local.m2mToken(),
      await local.oauthToken({ format: 'opaque' }),
      await local.sessionToken(),
      local.machines.worker.secretKey,
      local.machines.billing.secretKey,
      (await local.cookies()).refresh,
    ]
    const text = JSON.stringify(await directory(local))
    for (const secret of secrets) expect(text).not.toContain(secret)
    expect(local.env.CLERK_MACHINE_SECRET_KEY).toBe(local.machines.api.secretKey)
  })

  test('lists active sessions', async () => {
    const local = await start()
    await local.sessionToken({ user: 'alice' })
    await local.sessionToken({ user: 'alice', org: null, actor: 'bob' })
    const { people } = await directory(local)
    const [newest, first] = people.first[0]!.sessions.first
    expect(newest).toMatchObject({ organization: null, status: 'active', isImpersonated: true })
    expect(first).toMatchObject({ organization: 'acme', status: 'active', isImpersonated: false })
    await call(local, 'POST', `/v1/sessions/${newest!.id}/revoke`)
    const [remaining, ...others] = (await directory(local)).people.first[0]!.sessions.first
    expect([remaining?.id, others]).toEqual([first!.id, []])
  })

  test.each([
    ['ALI', [['alice'], [], [], []]],
    ['acme', [['alice', 'bob'], ['acme'], [], []]],
    ['work', [[], [], ['worker'], []]],
    ['command', [[], [], [], ['cli']]],
    [' globex ', [['carol'], ['globex'], [], []]],
    ['.*', [[], [], [], []]],
  ])('finds "%s"', async (q, expected) => {
    expect(names(await directory(await start(), `?q=${encodeURIComponent(q)}`))).toEqual(expected)
  })

  test('finds by id', async () => {
    const local = await start()
    expect(names(await directory(local, `?q=${local.people.dave.id}`))).toEqual([['dave'], [], [], []])
    expect(names(await directory(local, `?q=${local.machines.billing.id}`))).toEqual([[], [], ['billing'], []])
  })

  test('returns the first 200 people, and the total', async () => {
    const people = Object.fromEntries(
      Array.from({ length: 500 }, (_, i) => [
        `person-${i}`,
        { firstName: 'P', email: `p${i}@acme.example`, memberships: { acme: 'org:member' } },
      ]),
    )
    const local = await start({ seed: { organizations: { acme: { name: 'Acme' } }, people } })
    for (let i = 0; i < 30; i++) await local.apiKey({ subject: 'person-0' })
    const view = await directory(local)
    expect([view.people.total, view.people.first.length]).toEqual([500, 200])
    const { tokens } = view.people.first[0]!
    expect([tokens.total, tokens.first.length]).toEqual([30, 20])
    const { members } = view.organizations.first[0]!
    expect([members.total, members.first.length]).toEqual([500, 20])
    expect((await directory(local, '?q=person-499')).people).toMatchObject({
      total: 1,
      first: [{ name: 'person-499' }],
    })
  })

  test('refuses a search of more than 200 characters', async () => {
    const response = await fetch(`${(await start()).url}/_local/directory?q=${'a'.repeat(201)}`)
    expect(response.status).toBe(422)
    expect((await errorBody(response)).errors[0]?.long_message).toBe('"q" has at most 200 characters')
  })
})
