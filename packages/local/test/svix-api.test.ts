import { createClerkClient } from '@clerk/backend'
import { describe, expect, test } from 'vitest'
import { start } from './start.js'
import { call } from './tokens.js'

async function startWithClient() {
  const local = await start()
  const { CLERK_SECRET_KEY: secretKey, CLERK_API_URL: apiUrl } = local.env
  return { local, webhooks: createClerkClient({ secretKey, apiUrl }).webhooks }
}

const EXISTS = { code: 'svix_app_exists', message: 'Only one Svix app is allowed per instance.' }
const MISSING = { code: 'svix_app_missing', message: 'No Svix apps are associated with the current instance.' }

describe('the Svix app of an instance', () => {
  test('is created, opened and deleted by the official client', async () => {
    const { local, webhooks } = await startWithClient()
    const dashboard = { svix_url: `${local.url}/` }
    expect(await webhooks.createSvixApp()).toEqual(dashboard)
    expect(await webhooks.generateSvixAuthURL()).toEqual(dashboard)
    expect(await webhooks.deleteSvixApp()).toBeUndefined()
    expect(await webhooks.createSvixApp()).toEqual(dashboard)
    const calls = ['CreateSvixApp', 'GenerateSvixAuthURL', 'DeleteSvixApp'].map(local.calls)
    expect(calls).toEqual([2, 1, 1])
  })

  test('can exist only once', async () => {
    const { webhooks } = await startWithClient()
    await webhooks.createSvixApp()
    await expect(webhooks.createSvixApp()).rejects.toMatchObject({ status: 400, errors: [EXISTS] })
  })

  test('is missing before creation, after deletion, and after a reset', async () => {
    const { local, webhooks } = await startWithClient()
    const refused = { status: 400, errors: [MISSING] }
    await expect(webhooks.generateSvixAuthURL()).rejects.toMatchObject(refused)
    await expect(webhooks.deleteSvixApp()).rejects.toMatchObject(refused)
    await webhooks.createSvixApp()
    await webhooks.deleteSvixApp()
    await expect(webhooks.generateSvixAuthURL()).rejects.toMatchObject(refused)
    await webhooks.createSvixApp()
    local.reset()
    await expect(webhooks.deleteSvixApp()).rejects.toMatchObject(refused)
  })

  test('is deleted with an empty 204', async () => {
    const { local, webhooks } = await startWithClient()
    await webhooks.createSvixApp()
    const headers = { authorization: `Bearer ${local.env.CLERK_SECRET_KEY}` }
    const response = await fetch(`${local.url}/v1/webhooks/svix`, { method: 'DELETE', headers })
    expect([response.status, await response.text()]).toEqual([204, ''])
  })

  test.each([
    ['POST', '/v1/webhooks/svix'],
    ['DELETE', '/v1/webhooks/svix'],
    ['POST', '/v1/webhooks/svix_url'],
  ])('needs the secret key: %s %s', async (method, path) => {
    const { local } = await startWithClient()
    const withoutKey = await call(local, method, path, { key: null })
    expect([withoutKey.status, withoutKey.code]).toEqual([401, 'authorization_header_format_invalid'])
    const withMachineSecret = await call(local, method, path, { key: local.machines.api.secretKey })
    expect([withMachineSecret.status, withMachineSecret.code]).toEqual([401, 'clerk_key_invalid'])
  })
})
