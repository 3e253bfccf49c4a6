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

  test.each(['2021-02-05', '2024-10-01', '2025-03-12', '2025-04-10', '2025-12-03'])(
    'may be %s, which is answered as 2025-11-10',
    async (version) => {
      const local = await start()
      for (const path of [`/users/${local.people.bob.id}`, '/users/x']) {
        const older = await send(local, version, 'GET', path)
        const current = await send(local, '2025-11-10', 'GET', path)
        expect(older.headers.get('clerk-api-version')).toBe('2025-11-10')
        expect({ ...older.body, clerk_trace_id: null }).toEqual({ ...current.body, clerk_trace_id: null })
      }
    },
  )
})

test('the official client finds a trace id in every error, including errors of the proxy', async () => {
  const local = await start()
  const { CLERK_SECRET_KEY: secretKey, CLERK_API_URL: apiUrl } = local.env
  const { m2m, sessions } = createClerkClient({ secretKey, apiUrl })
  const refused = { status: 404, clerkTraceId: expect.stringMatching(/^[0-9a-f]{32}$/) }
  await expect(m2m.verify({ token: 'mt_x' })).rejects.toMatchObject(refused)
  await expect(sessions.getSession('sess_x')).rejects.toMatchObject(refused)
})
