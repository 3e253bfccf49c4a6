import { createClerkClient } from '@clerk/backend'
import { describe, expect, test } from 'vitest'
import { frameworks, start } from '../webhooks/servers.js'
import { startFleet, until, type Process } from './fleet.js'

const fleet = startFleet()

const client = () =>
  createClerkClient({ secretKey: fleet.local.env.CLERK_SECRET_KEY, apiUrl: fleet.local.env.CLERK_API_URL })

const answers = () => fleet.local.webhooks.deliveries().map(({ type, status }) => `${type} ${status}`)

/** The URL of the receiver of a process. */
async function receiverOf({ clerk }: Process, framework = frameworks[0]!): Promise<string> {
  const options = { signingSecret: fleet.local.env.CLERK_WEBHOOK_SIGNING_SECRET }
  return `${await start(framework, { clerk, options })}/webhooks/clerk`
}

describe.each(frameworks)('a webhook that arrives at one process, on $name', (framework) => {
  const receive = async (process: Process) =>
    void fleet.local.webhooks.add({ url: await receiverOf(process, framework) })

  test('revokes in another one within a second', async () => {
    const [receiver, other] = [fleet.start(), fleet.start()]
    const token = await fleet.local.sessionToken()
    await receive(receiver)
    expect(await other.outcomeOf(token)).toBe('passed')
    const { data: sessions } = await client().sessions.getSessionList({ userId: fleet.local.people.alice.id })
    const since = performance.now()
    await client().sessions.revokeSession(sessions[0]!.id)
    await until(async () => (await other.outcomeOf(token)) === 'token-revoked', 1000)
    expect(performance.now() - since).toBeLessThan(1000)
    expect(await receiver.outcomeOf(token)).toBe('token-revoked')
  })

  test('is answered with 503 while Redis is down, and revokes when it is sent again', async () => {
    const receiver = fleet.start()
    const token = await fleet.local.sessionToken()
    await receive(receiver)
    expect(await receiver.outcomeOf(token)).toBe('passed')
    await fleet.redis.kill()
    fleet.local.webhooks.send('role.updated', { object: 'role' })
    await fleet.local.webhooks.settled()
    const { id } = fleet.local.webhooks.send('user.deleted', { id: fleet.local.people.alice.id, object: 'user' })
    await fleet.local.webhooks.settled()
    expect(answers()).toEqual(['user.deleted 503', 'role.updated 204'])
    // This process knows all the same.
    expect(await receiver.outcomeOf(token)).toBe('token-revoked')

    await fleet.redis.restart()
    const other = fleet.start()
    await until(async () => {
      fleet.local.webhooks.resend(id)
      await fleet.local.webhooks.settled()
      return answers()[0] === 'user.deleted 204'
    }, 5000)
    expect(await other.outcomeOf(token)).toBe('token-revoked')
  })
})

describe('webhooks that arrive at one process', () => {
  const logLength = async () => Number(await fleet.redis.cli('XLEN', `{clerk-auth ${fleet.local.url}}:log`))

  test('are noted by the others, but not each of them', async () => {
    const [receiver, other] = [fleet.start(), fleet.start()]
    const url = await receiverOf(receiver)
    await other.clerk.warmUp()
    expect(other.clerk.stats().webhooks).toEqual({ lastEventAt: null })
    await fleet.redis.cli('CONFIG', 'RESETSTAT')
    fleet.local.webhooks.add({ url })
    const before = Date.now()
    for (let i = 0; i < 50; i++) fleet.local.webhooks.send('role.updated', { object: 'role' })
    await fleet.local.webhooks.settled()
    await until(() => other.clerk.stats().webhooks.lastEventAt !== null, 1000)
    expect(other.clerk.stats().webhooks.lastEventAt).toBeGreaterThanOrEqual(before)
    expect(other.clerk.stats().revocations).toEqual({ count: 0 })
    const scripts = /cmdstat_eval:calls=(\d+)/.exec(await fleet.redis.cli('INFO', 'commandstats'))
    expect(Number(scripts?.[1])).toBeLessThan(30)
  })

  test('are in the log once a minute, although several processes receive them', async () => {
    const minute = Math.floor(Date.now() / 60_000) * 60_000
    for (const [second, length] of [
      [1, 1],
      [2, 1],
      [61, 2],
    ] as const) {
      // A new process does not know of the others' webhooks yet.
      const receiver = fleet.start({ now: () => minute + second * 1000 })
      const { remove } = fleet.local.webhooks.add({ url: await receiverOf(receiver) })
      fleet.local.webhooks.send('role.updated', { object: 'role' })
      await fleet.local.webhooks.settled()
      remove()
      expect(await logLength()).toBe(length)
    }
  })

  test('revoke nothing twice if they are sent again, in any order', async () => {
    const receiver = fleet.start()
    fleet.local.webhooks.add({ url: await receiverOf(receiver) })
    const membership = (role: string) => ({
      role,
      organization: { id: fleet.local.organizations.acme.id },
      public_user_data: { user_id: fleet.local.people.bob.id },
    })
    const first = fleet.local.webhooks.send('organizationMembership.updated', membership('org:member'))
    await fleet.local.webhooks.settled()
    await new Promise((resolve) => setTimeout(resolve, 5))
    fleet.local.webhooks.send('organizationMembership.updated', membership('org:admin'))
    await fleet.local.webhooks.settled()
    fleet.local.webhooks.resend(first.id)
    await fleet.local.webhooks.settled()
    expect(answers().map((answer) => answer.slice(-3))).toEqual(['204', '204'])
    const [other, token] = [fleet.start(), await fleet.local.sessionToken({ user: 'bob', role: 'org:admin' })]
    for (const { outcomeOf } of [receiver, other]) expect(await outcomeOf(token)).toBe('passed')
    const old = await fleet.local.sessionToken({ user: 'bob', role: 'org:member' })
    for (const { outcomeOf } of [receiver, other]) expect(await outcomeOf(old)).toBe('token-revoked')
  })
})
