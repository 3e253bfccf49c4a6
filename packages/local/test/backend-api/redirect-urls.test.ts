import { describe, expect, test } from 'vitest'
import { start } from '../start.js'
import { clientOf } from './client.js'

async function startInstance() {
  const local = await start()
  return clientOf(local).redirectUrls
}

describe('redirect URLs', () => {
  test('are created, listed, read and deleted', async () => {
    const redirectUrls = await startInstance()
    const app = await redirectUrls.createRedirectUrl({ url: 'my-app://oauth-callback' })
    const web = await redirectUrls.createRedirectUrl({ url: 'https://app.example/oauth-callback' })
    expect(await redirectUrls.getRedirectUrlList()).toMatchObject({
      totalCount: 2,
      data: [{ id: web.id }, { id: app.id }],
    })
    expect(await redirectUrls.getRedirectUrl(app.id)).toEqual(app)
    expect(await redirectUrls.deleteRedirectUrl(app.id)).toMatchObject({ id: app.id })
    await expect(redirectUrls.getRedirectUrl(app.id)).rejects.toMatchObject({
      status: 404,
      errors: [{ code: 'resource_not_found' }],
    })
  })

  test.each([
    ['twice', 'https://app.example', 400, 'duplicate_record'],
    ['without a scheme', 'app.example', 422, 'form_param_format_invalid'],
    ['with http for another host', 'http://app.example', 422, 'form_param_format_invalid'],
  ])('cannot be created %s', async (_, url, status, code) => {
    const redirectUrls = await startInstance()
    await redirectUrls.createRedirectUrl({ url: 'https://app.example' })
    await expect(redirectUrls.createRedirectUrl({ url })).rejects.toMatchObject({ status, errors: [{ code }] })
  })
})
