import { spawn } from 'node:child_process'
import { expect, onTestFinished, test } from 'vitest'
import { SECRET, startFleet, until } from './fleet.js'

const fleet = startFleet()

/** Starts a process of its own, and returns its URL. */
async function startServer(): Promise<string> {
  const child = spawn(process.execPath, [new URL('../../examples/fleet.js', import.meta.url).pathname], {
    env: {
      ...process.env,
      ...fleet.local.env,
      REDIS_URL: fleet.redis.url,
      CLERK_AUTH_SHARED_SECRET: SECRET,
      PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill())
  for await (const line of child.stdout) return /http:\S+/.exec(String(line))![0]
  throw new Error('the server did not start')
}

async function statusOf(url: string, token: string): Promise<number> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
  await response.body?.cancel()
  return response.status
}

test('four processes answer 50 opaque tokens at a cold start with 200, and ask Clerk about once for each', async () => {
  const urls = await Promise.all(Array.from({ length: 4 }, startServer))
  expect(fleet.local.calls('GetJWKS')).toBe(1)
  const tokens = await Promise.all(
    Array.from({ length: 50 }, () => fleet.local.m2mToken({ from: 'worker', to: 'api' })),
  )
  const statuses = await Promise.all(urls.flatMap((url) => tokens.map((token) => statusOf(url, token))))
  expect(statuses.filter((status) => status !== 200)).toEqual([])
  // On a busy machine some processes wait for more than a second, and then ask themselves.
  const calls = fleet.local.calls('verifyM2MToken')
  expect(calls).toBeGreaterThanOrEqual(50)
  expect(calls).toBeLessThan(150)

  const [first, ...others] = urls
  const token = await fleet.local.sessionToken()
  for (const url of urls) expect(await statusOf(url, token)).toBe(200)
  const revoked = await fetch(`${first}/revoke`, { method: 'POST', body: JSON.stringify({ token }) })
  expect(revoked.status).toBe(204)
  const areRefused = async () => {
    const statuses = await Promise.all(others.map((url) => statusOf(url, token)))
    return statuses.every((status) => status === 401)
  }
  expect(await until(areRefused)).toBeLessThan(1000)
}, 60_000)
