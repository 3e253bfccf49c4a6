import { createClerkClient } from '@clerk/backend'
import { describe, expect, test } from 'vitest'
import type { LocalClerk } from '../src/index.js'
import { start } from './start.js'

/** Sends a request with this API version; `undefined` omits the header. */
async function send(local: LocalClerk, version: string | undefined, method: string, path: string, body?: object) {
  const response = await fetch(`${local.url}/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${local.env.CLERK_SECRET_KEY}`,
      ...(version !== undefined && { 'clerk-api-version': version }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  const answer: any = await response.json()
  return { status: response.status, headers: response.headers, body: answer, error: answer.errors?.[0] }
}

describe('the version of the Backend API', () => {
  test.each(['/users/<bob>', '/organizations/acme'])(
    'decides whether PATCH %s may update metadata',
    async (template) => {
      const local = await start()
      const path = template.replace('<bob>', local.people.bob.id)
      for (const version of ['2021-02-05', '2025-11-10', '2025-12-03']) {
        const { status, body } = await send(local, version, 'PATCH', path, { public_metadata: { version } })
        expect([version, status, body.public_metadata]).toEqual([version, 200, { version }])
      }
      for (const version of ['2026-05-12', undefined])
        for (const metadata of ['public_metadata', 'private_metadata'])
          expect(await send(local, version, 'PATCH', path, { [metadata]: null })).toMatchObject({
            status: 422,
            error: { code: 'form_param_unknown', meta: { param_name: metadata } },
          })
      expect((await send(local, undefined, 'GET', path)).body.public_metadata).toEqual({ version: '2025-12-03' })
    },
  )

  test('decides whether sessions have tasks', async () => {
    const local = await start()
    const create = await send(local, undefined, 'POST', '/sessions', { user_id: local.people.bob.id })
    const { id, client_id: clientId } = create.body
    const tasksAt = async (version: string) => {
      const session = (await send(local, version, 'GET', `/sessions/${id}`)).body
      const [listed] = (await send(local, version, 'GET', `/sessions?client_id=${clientId}`)).body
      const [ofClient] = (await send(local, version, 'GET', `/clients/${clientId}`)).body.sessions
      const revoked = (await send(local, version, 'POST', `/sessions/${id}/revoke`)).body
      return [session, listed, ofClient ?? session, revoked].map(({ tasks }) => tasks)
    }
    expect(await tasksAt('2024-10-01')).toEqual(Array(4).fill(undefined))
    expect(await tasksAt('2025-04-10')).toEqual(Array(4).fill(null))
  })

  test('of March 2025 has the trace id in each error, and clients have no last strategy', async () => {
    const local = await start()
    for (const [version, inError] of [
      ['2025-03-12', true],
      ['2024-10-01', false],
      ['2025-04-10', false],
    ] as const) {
      const { body, error, headers } = await send(local, version, 'GET', '/sessions/x')
      const traceId = headers.get('x-clerk-trace-id')
      expect([body.clerk_trace_id, error.clerk_trace_id]).toEqual(inError ? [undefined, traceId] : [traceId, undefined])
      await local.sessionToken()
      const [client] = (await send(local, version, 'GET', '/clients')).body
      expect([version, 'last_authentication_strategy' in client]).toEqual([version, !inError])
    }
  })
})

test('the official client finds a trace id in every error, including errors of the proxy', async () => {
  const local = await start()
  const { CLERK_SECRET_KEY: secretKey, CLERK_API_URL: apiUrl } = local.env
  const { m2m, sessions } = createClerkClient({ secretKey, apiUrl })
  const refused = { status: 404, clerkTraceId: expect.stringMatching(/^[0-9a-f]{32}$/) }
  await expect(m2m.verify({ token: 'mt_x' })).rejects.toMatchObject(refused)
  await expect(sessions.getSession('sess_x')).rejects.toMatchObject(refused)
})
