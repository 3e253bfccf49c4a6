import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { LocalClerk } from '../../src/index.js'
import { start } from '../start.js'
import { call } from '../tokens.js'
import { deadUrl } from '../webhook-receiver.js'
import { clientOf, refusal } from './client.js'

async function startInstance() {
  const local = await start()
  return { local, clerk: clientOf(local) }
}

/** A proxy that passes `/__clerk` on to the instance. */
async function startProxy({ url }: LocalClerk): Promise<string> {
  const proxy = createServer((incoming, response) => {
    request(url + (incoming.url ?? '').replace('/__clerk', ''), (answer) => {
      response.writeHead(answer.statusCode ?? 502)
      answer.pipe(response)
    }).end()
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => proxy.close().closeAllConnections())
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/__clerk`
}

describe('domains', () => {
  test('are the host of the instance, and satellites', async () => {
    const { local, clerk } = await startInstance()
    const added = await clerk.domains.add({ name: 'Shop.example', is_satellite: true })
    expect(added).toMatchObject({ id: expect.stringMatching(/^dmn_/), name: 'shop.example', isSatellite: true })
    const { data, totalCount } = await clerk.domains.list()
    expect(totalCount).toBe(2)
    expect(data).toMatchObject([
      { name: new URL(local.url).host, isSatellite: false, frontendApiUrl: local.url },
      { id: added.id },
    ])
    expect(await clerk.domains.delete(added.id)).toMatchObject({ id: added.id, deleted: true })
    expect((await clerk.domains.list()).totalCount).toBe(1)
  })

  test('cannot have a second primary domain or the same name twice', async () => {
    const { clerk } = await startInstance()
    await clerk.domains.add({ name: 'localhost:3000', is_satellite: true })
    await expect(clerk.domains.add({ name: 'shop.example', is_satellite: false })).rejects.toMatchObject(
      refusal(422, 'primary_domain_already_exists'),
    )
    await expect(clerk.domains.add({ name: 'LOCALHOST:3000', is_satellite: true })).rejects.toMatchObject(
      refusal(422, 'form_already_exists'),
    )
    await expect(clerk.domains.add({ name: 'https://shop.example', is_satellite: true })).rejects.toMatchObject(
      refusal(422, 'form_param_format_invalid'),
    )
  })

  test('cannot be updated in development, and the primary domain cannot be deleted', async () => {
    const { clerk } = await startInstance()
    const { data } = await clerk.domains.list()
    const domainId = data[0]?.id ?? ''
    await expect(clerk.domains.update({ domainId, name: 'shop.example' })).rejects.toMatchObject(
      refusal(400, 'domain_update_forbidden'),
    )
    await expect(clerk.domains.update({ domainId: 'dmn_x', name: 'shop.example' })).rejects.toMatchObject(
      refusal(404, 'resource_not_found'),
    )
    await expect(clerk.domains.delete(domainId)).rejects.toMatchObject(
      refusal(403, 'operation_not_allowed_on_primary_domain'),
    )
  })

  test.each([
    ['POST', '/v1/instance/change_domain'],
    ['PUT', '/v1/beta_features/domain'],
  ] as const)('change with %s %s', async (method, path) => {
    const { local, clerk } = await startInstance()
    const init = {
      method,
      headers: { authorization: `Bearer ${local.env.CLERK_SECRET_KEY}`, 'content-type': 'application/json' },
      body: '{"home_url":"https://www.shop.example"}',
    }
    const response = await fetch(local.url + path, init)
    expect([response.status, await response.text()]).toEqual([202, ''])
    expect((await clerk.domains.list()).data).toMatchObject([{ name: 'www.shop.example', isSatellite: false }])
    expect(await call(local, method, path, { body: { home_url: 'www.shop.example' } })).toMatchObject({
      status: 422,
      code: 'form_param_format_invalid',
    })
    expect(await call(local, method, path, { body: {} })).toMatchObject({ status: 422, code: 'form_param_missing' })
  })
})

describe('proxy checks', () => {
  test('succeed if the proxy leads to the instance, and keep their id', async () => {
    const { local, clerk } = await startInstance()
    const proxyUrl = await startProxy(local)
    const { id: domainId } = await clerk.domains.add({ name: 'shop.example', is_satellite: true })
    const check = await clerk.proxyChecks.verify({ domainId, proxyUrl })
    expect(check).toMatchObject({ domainId, proxyUrl, successful: true })
    expect((await clerk.proxyChecks.verify({ domainId, proxyUrl })).id).toBe(check.id)
    await expect(clerk.proxyChecks.verify({ domainId: 'dmn_x', proxyUrl })).rejects.toMatchObject(
      refusal(422, 'form_resource_not_found'),
    )
  })

  test('fail for a proxy to another instance or to none', async () => {
    const { clerk } = await startInstance()
    const { id: domainId } = await clerk.domains.add({ name: 'shop.example', is_satellite: true })
    const toAnother = await startProxy(await start())
    for (const proxyUrl of [toAnother, await deadUrl()])
      await expect(clerk.proxyChecks.verify({ domainId, proxyUrl })).rejects.toMatchObject(
        refusal(422, 'invalid_proxy_configuration'),
      )
  })
})
