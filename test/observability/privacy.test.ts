import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createClerkAuth, type ClerkAuthEvent } from '@clerk-auth/core'
import { observeStats, otelListener, tracedFetch } from '@clerk-auth/core/otel'
import { startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { targets } from '../contract/targets.js'
import { startTelemetry } from './telemetry.js'

let local: LocalClerk
beforeAll(async () => {
  local = await startLocalClerk()
})
afterEach(() => local.reset())
afterAll(() => local.close())

const SECRETS = ['secretpath', 'secretquery', 'secretheader']

describe.each(targets)('$name', (target) => {
  it('the events, the channel, metrics and spans say nothing about users, sessions, tokens, paths or queries', async () => {
    const { meter, tracer, metrics, spans } = startTelemetry()
    const events: ClerkAuthEvent[] = []
    const published: ClerkAuthEvent[] = []
    const subscriber = (event: unknown) => void published.push(event as ClerkAuthEvent)
    subscribe('clerk-auth', subscriber)
    onTestFinished(() => void unsubscribe('clerk-auth', subscriber))
    const clerk = createClerkAuth(
      {
        fetch: tracedFetch({ tracer }),
        onEvent: [(event) => void events.push(event), otelListener({ meter })],
      },
      { ...local.env, CLERK_MACHINE_ID: local.machines.api.id },
    )
    observeStats(clerk, { meter })
    onTestFinished(() => clerk.close())
    const callers = { worker: local.machines.worker.id, cli: local.clients.cli.id }
    const { url, close } = await target.serve({ clerk: [clerk], callers })
    onTestFinished(close)

    const tokens = [
      await local.sessionToken({ user: 'alice' }),
      await local.sessionToken({ user: 'bob' }),
      await local.sessionToken({ user: 'carol', actor: { sub: local.people.bob.id } }),
      await local.sessionToken({ ttlInSeconds: -60 }),
      await local.m2mToken({ from: 'worker', to: 'api', format: 'opaque' }),
      await local.m2mToken({ from: 'worker', to: 'api', format: 'jwt' }),
      await local.oauthToken({ format: 'opaque' }),
      await local.oauthToken({ format: 'jwt' }),
      await local.apiKey(),
      await local.templateToken(),
      'ak_unknownsecretunknownsecret00000',
      'secretgarbage',
    ]
    const paths = ['/public', '/me', '/admin/secretpath', '/any/secretpath', '/no-impersonation/secretpath', '/nowhere']
    const headers = { 'X-Secret': 'secretheader' }
    for (const path of paths) {
      await fetch(`${url}${path}?token=secretquery`, { headers })
      for (const token of tokens)
        await fetch(`${url}${path}?token=secretquery`, { headers: { ...headers, Authorization: `Bearer ${token}` } })
    }

    expect(published).toEqual(events)
    const types = new Set(events.map(({ type }) => type))
    for (const type of ['credential-accepted', 'credential-refused', 'requirement-met', 'requirement-refused'] as const)
      expect(types).toContain(type)
    // The one exception, which audit logs need.
    const impersonations = events.filter(({ type }) => type === 'impersonation')
    expect(impersonations).toContainEqual({
      type: 'impersonation',
      userId: local.people.carol.id,
      actorId: local.people.bob.id,
    })
    const others = events
      .filter(({ type }) => type !== 'impersonation')
      .map((event) => ({ ...event, impersonation: undefined }))
    const measured = (await metrics()).map(({ descriptor, dataPoints }) => ({ descriptor, dataPoints }))
    const traced = spans().map(({ name, attributes, events, status }) => ({ name, attributes, events, status }))
    expect(measured.length).toBeGreaterThan(5)
    expect(traced.length).toBeGreaterThan(2)
    const output = JSON.stringify([others, measured, traced])
    const secrets = [...SECRETS, ...tokens.flatMap((token) => token.split('.')), ...idsIn(tokens)]
    expect(secrets.length).toBeGreaterThan(40)
    expect(secrets.filter((secret) => output.includes(secret))).toEqual([])
    expect(output).not.toMatch(/(?:user|sess|org|mch|client|mt|ak|oat)_\w{20}/)
  })
})

/** The ids in the claims of JWTs, and those of the seed. */
function idsIn(tokens: readonly string[]): string[] {
  const texts = tokens.flatMap((token) => {
    const payload = token.split('.')[1]
    return payload === undefined ? [] : [Buffer.from(payload, 'base64url').toString()]
  })
  const { people, organizations, machines, clients } = local
  const seeded = [people, organizations, machines, clients].flatMap((records) => Object.values(records))
  return [...texts.join(' ').matchAll(/"([a-z]+_\w{20,})"/g)]
    .map(([, id = '']) => id)
    .concat(seeded.map(({ id }) => id))
}
