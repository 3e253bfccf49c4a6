import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { authorization, startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import { serve } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

// The apps of docs/migration.md, with Clerk's own packages, which read the environment when they are loaded.
let local: LocalClerk
const servers: { close: () => unknown; closeAllConnections?: () => void }[] = []
const urls: Record<string, string> = {}

beforeAll(async () => {
  local = await startLocalClerk()
  const keys = { ...local.env, CLERK_JWT_KEY: local.jwtKey, CLERK_TELEMETRY_DISABLED: '1' }
  for (const [name, value] of Object.entries(keys)) vi.stubEnv(name, value)

  const express = createServer((await import('./express.js')).app).listen(0, '127.0.0.1')
  await once(express, 'listening')
  urls['Express'] = `http://127.0.0.1:${(express.address() as AddressInfo).port}`

  const { app: fastify } = await import('./fastify.js')
  urls['Fastify'] = await fastify.listen({ port: 0, host: '127.0.0.1' })

  const { app } = await import('./hono.js')
  const hono = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as ReturnType<typeof createServer>
  await once(hono, 'listening')
  urls['Hono'] = `http://127.0.0.1:${(hono.address() as AddressInfo).port}`
  servers.push(express, fastify, hono)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  for (const server of servers) {
    server.closeAllConnections?.()
    void server.close()
  }
  await local.close()
})

describe.each(['Express', 'Fastify', 'Hono'])('in %s, the routes before and after', (framework) => {
  const ask = (path: string, headers: Record<string, string> = {}) =>
    fetch(urls[framework] + path, { headers, redirect: 'manual' })

  it('identify the same user by one session token', async () => {
    const headers = authorization(await local.sessionToken({ user: 'alice' }))
    const userId = local.people.alice.id
    expect(await (await ask('/before', headers)).json()).toEqual({ userId })
    expect(await (await ask('/after', headers)).json()).toEqual({ userId })
  })

  it('refuse an anonymous request, each in its own words', async () => {
    const [before, after] = [await ask('/before'), await ask('/after')]
    expect([before.status, after.status]).toEqual([401, 401])
    expect(await before.json()).toEqual({ error: 'Unauthorized' })
    expect(await after.json()).toMatchObject({ code: 'credentials-missing' })
  })

  it('refuse an expired token', async () => {
    const headers = authorization(await local.sessionToken({ user: 'alice', ttlInSeconds: -60 }))
    const [before, after] = [await ask('/before', headers), await ask('/after', headers)]
    expect([before.status, after.status]).toEqual([401, 401])
    expect(await after.json()).toMatchObject({ code: 'token-expired' })
  })

  it('share the Clerk client', async () => {
    const response = await ask('/profile', authorization(await local.sessionToken({ user: 'alice' })))
    expect(await response.json()).toEqual({ firstName: local.people.alice.firstName })
  })
})
