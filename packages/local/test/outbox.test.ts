import { createClerkClient } from '@clerk/backend'
import { describe, expect, test } from 'vitest'
import type { LocalClerk, LocalOutbox } from '../src/index.js'
import { linksInHtml, plainText } from '../src/outbox/html.js'
import { errorCode, start } from './start.js'
import { startReceiver } from './webhook-receiver.js'

function clientOf({ env }: LocalClerk) {
  return createClerkClient({ secretKey: env.CLERK_SECRET_KEY, apiUrl: env.CLERK_API_URL })
}

async function outboxOf(local: LocalClerk, method = 'GET') {
  const response = await fetch(`${local.url}/_local/outbox`, { method })
  expect(response.status).toBe(200)
  return (await response.json()) as { emails: object[]; smsMessages: object[] }
}

const emailAddress = 'erin@acme.example'

describe('the outbox', () => {
  test('lets a test invite a person, follow the link, and be signed in as that person', async () => {
    const local = await start()
    await clientOf(local).invitations.createInvitation({ emailAddress })
    const [email] = local.outbox.emails()
    const response = await fetch(email?.links[0] ?? 'no link')
    const { id } = (await response.json()) as { id: string }
    const { id: userId } = local.people[emailAddress as 'alice']
    expect(await clientOf(local).sessions.getSession(id)).toMatchObject({ userId, status: 'active' })
    expect(await local.as(emailAddress)).toHaveProperty('authorization')
  })

  test('lets a test invite a person to an organization, and be a member of it', async () => {
    const local = await start()
    const { acme } = local.organizations
    const { organizations } = clientOf(local)
    const invitation = { emailAddress, role: 'org:member', inviterUserId: local.people.alice.id }
    await organizations.createOrganizationInvitation({ organizationId: acme.id, ...invitation })
    const response = await fetch(local.outbox.emails()[0]?.links[0] ?? 'no link')
    expect(await response.json()).toMatchObject({ status: 'active', last_active_organization_id: acme.id })
    expect(local.people[emailAddress as 'alice'].memberships).toEqual({ acme: 'org:member' })
  })

  test('lists messages in code and over HTTP, newest first', async () => {
    const local = await start({ now: () => Date.UTC(2030, 0) })
    await clientOf(local).invitations.createInvitation({ emailAddress })
    local.signUp({ emailAddress: 'frank+clerk_test@acme.example', phoneNumber: '+12025550100' })
    const [code, invitation] = local.outbox.emails()
    expect([code?.to, invitation?.to]).toEqual(['frank+clerk_test@acme.example', emailAddress])
    expect(invitation).toMatchObject({ sentAt: Date.UTC(2030, 0), deliveredByClerk: true })
    expect(await outboxOf(local)).toEqual({
      emails: local.outbox.emails(),
      smsMessages: local.outbox.smsMessages(),
    })
    expect(local.outbox.smsMessages()).toMatchObject([{ to: '+12025550100', links: [] }])
  })

  test.each([
    ['clear()', async (local: LocalClerk) => local.outbox.clear()],
    ['DELETE /_local/outbox', async (local: LocalClerk) => void (await outboxOf(local, 'DELETE'))],
    ['reset()', async (local: LocalClerk) => local.reset()],
  ])('is empty after %s', async (_name, clear) => {
    const local = await start()
    local.signUp({ emailAddress, phoneNumber: '+12025550100' })
    await clear(local)
    expect(await outboxOf(local)).toEqual({ emails: [], smsMessages: [] })
  })

  test('cannot be read by a page of another origin', async () => {
    const local = await start()
    const response = await fetch(`${local.url}/_local/outbox`, { headers: { origin: 'https://evil.example' } })
    expect([response.status, await errorCode(response)]).toEqual([403, 'authorization_invalid'])
  })

  test('drops the oldest messages beyond a thousand of each kind', async () => {
    const local = await start()
    for (let i = 0; i < 1003; i++)
      local.signUp({ emailAddress: `person${i}@acme.example`, phoneNumber: '+12025550100' })
    const { emails, smsMessages }: LocalOutbox = local.outbox
    expect([emails().length, smsMessages().length]).toEqual([1000, 1000])
    expect([emails()[0]?.to, emails().at(-1)?.to]).toEqual(['person1002@acme.example', 'person3@acme.example'])
    // Over HTTP, the newest hundred are enough for a page or another program.
    expect((await outboxOf(local)).emails).toEqual(emails().slice(0, 100))
  })

  test('drops the oldest messages of a large template', { timeout: 30_000 }, async () => {
    const local = await start()
    const { CLERK_SECRET_KEY, CLERK_API_URL } = local.env
    const body = `{{otp_code}}${'x'.repeat(60_000)}`
    const changed = await fetch(`${CLERK_API_URL}/v1/templates/email/verification_code`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${CLERK_SECRET_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ body }),
    })
    expect(changed.status).toBe(200)
    for (let i = 0; i < 300; i++) local.signUp({ emailAddress: `person${i}@acme.example` })
    const emails = local.outbox.emails()
    expect(emails.length).toBeLessThan(150)
    expect(emails[0]?.to).toBe('person299@acme.example')
  })
})

test('email.created and sms.created have what Clerk documents', async () => {
  const local = await start()
  const { url, received, waitFor } = await startReceiver()
  local.webhooks.add({ url, events: ['email.created', 'sms.created'] })
  local.signUp({ emailAddress: 'erin+clerk_test@acme.example', phoneNumber: '+12025550100' })
  await waitFor(2)
  const events = new Map(received.map(({ event }) => [event.type, event]))
  expect(events.get('email.created')?.data).toMatchObject({
    object: 'email',
    to_email_address: 'erin+clerk_test@acme.example',
    data: { otp_code: '424242', app: { name: 'Local application' } },
    delivered_by_clerk: true,
  })
  expect(events.get('sms.created')?.data).toMatchObject({
    object: 'sms_message',
    to_phone_number: '+12025550100',
    message: expect.stringContaining('424242'),
  })
})

describe('an email in HTML', () => {
  const html = `<p>Dear <b>A &amp; B</b>,</p>\n  <p>\n<a class='x' href="https://a.example/?b&#x3D;1&amp;c">go</a></p><br>bye`

  test('has a plain text with the addresses of its links', () => {
    expect(plainText(html)).toBe('Dear A & B,\ngo (https://a.example/?b=1&c)\nbye')
    expect(linksInHtml(html)).toEqual(['https://a.example/?b=1&c'])
  })

  test.each(['<', '<a ', '<a href="', ' ', '<a href="x">', '&'])('made of many %j is read in linear time', (part) => {
    const start = performance.now()
    const long = part.repeat(300_000 / part.length)
    plainText(long)
    linksInHtml(long)
    expect(performance.now() - start).toBeLessThan(2000)
  })
})
