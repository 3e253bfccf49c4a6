import { createClerkAuth } from '@clerk-auth/core'
import { startLocalClerk, type LocalClerk } from '@clerk-auth/local'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { APPS } from './apps.js'

let local: LocalClerk
beforeAll(async () => {
  local = await startLocalClerk()
})
afterAll(() => local.close())

const tokens = {
  'a session': () => local.sessionToken({ claims: { custom: { list: [{ a: 1 }] } } }),
  'an M2M JWT': () => local.m2mToken({ from: 'worker', to: 'api', format: 'jwt', claims: { custom: { list: [1] } } }),
  'an M2M token': () => local.m2mToken({ from: 'worker', to: 'api', claims: { custom: { list: [1] } } }),
  'an OAuth token': () => local.oauthToken({ format: 'opaque', scopes: ['profile'] }),
  'an API key': () => local.apiKey({ subject: 'alice', scopes: ['deploy'], claims: { custom: { list: [1] } } }),
}

describe.each(Object.entries(APPS))('behind %s', (_name, start) => {
  async function ask() {
    const clerk = createClerkAuth(
      {
        frontendApiUrl: local.url,
        apiUrl: local.url,
        secretKey: local.env.CLERK_SECRET_KEY,
        machineId: local.env.CLERK_MACHINE_ID,
        acceptsToken: 'any',
        refusals: 'throw',
        now: () => local.clock.now(),
      },
      {},
    )
    const { url, close } = await start(clerk)
    onTestFinished(async () => {
      await close()
      clerk.close()
    })
    return async (path: '/careless' | '/careful', token: string) => {
      const response = await fetch(url + path, { headers: { Authorization: `Bearer ${token}` } })
      return { status: response.status, body: (await response.json()) as Record<string, unknown> }
    }
  }

  test.each(Object.entries(tokens))(
    'a handler that changes everything does not affect what the next one sees of %s',
    async (_, mint) => {
      const [send, token] = [await ask(), await mint()]
      const before = await send('/careful', token)
      expect(before).toMatchObject({ status: 200, body: { auth: { isAuthenticated: true } } })
      expect(await send('/careless', token)).toEqual({ status: 200, body: { changed: [] } })
      expect(await send('/careful', token)).toEqual(before)
    },
  )

  test('an error handler that changes everything does not affect the responses of others who share its call', async () => {
    const [send, token] = [await ask(), `ak_${'made_up'.repeat(4)}`]
    const paths = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? '/careless' : '/careful'))
    const calls = local.calls('verifyApiKey')
    const notFound = { code: 'resource_not_found', message: 'Not found', long_message: 'Not found' }
    local.fault('verifyApiKey', { delayInMs: 100, status: 404, body: { errors: [notFound] } })
    const answers = await Promise.all(paths.map((path) => send(path, token)))
    local.fault('verifyApiKey')
    expect(answers).toEqual(
      paths.map((path) =>
        path === '/careless'
          ? { status: 418, body: { code: 'careless' } }
          : { status: 401, body: { code: 'token-not-found' } },
      ),
    )
    expect(local.calls('verifyApiKey')).toBe(calls + 1)
  })
})
