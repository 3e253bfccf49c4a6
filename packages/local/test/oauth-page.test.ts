import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { LocalClerk } from '../src/index.js'
import { accessibilityProblems, launchBrowser, overflowOf, skipBrowserTests } from './browser.js'
import { encoded, pkce, token, type Parameters } from './oauth-client.js'
import { start } from './start.js'

let browser: Browser

/** A client on loopback, which answers what it is asked with its address, and has a page that links to another. */
async function startClient() {
  const server = createServer((request, response) => {
    const link = new URL(request.url ?? '', 'http://client').searchParams.get('link')
    response.setHeader('content-type', 'text/html')
    response.end(link === null ? 'logged in' : `<a href="${link.replaceAll('&', '&amp;')}">Log in</a>`)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function requestOf(local: LocalClerk, client: string) {
  const { code_verifier, challenge } = pkce()
  const redirect_uri = `${client}/callback`
  const request = {
    client_id: local.clients.cli.id,
    response_type: 'code',
    redirect_uri,
    state: 's-1',
    ...challenge,
    scope: 'openid profile email offline_access user:org:read',
  }
  return { request, code_verifier, redirect_uri }
}

const addressOf = (local: LocalClerk, request: Parameters) =>
  `${local.url}/oauth/authorize?${encoded(request).toString()}`

async function open(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options)
  onTestFinished(() => context.close())
  return context.newPage()
}

describe.skipIf(skipBrowserTests)('the page of the authorization endpoint', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser?.close())

  test('logs a user in by keyboard, without scripts', async () => {
    const [local, client] = [await start(), await startClient()]
    const { request, code_verifier, redirect_uri } = requestOf(local, client)
    const page = await open({ javaScriptEnabled: false })
    await page.goto(addressOf(local, request))
    await page.keyboard.press('Tab')
    await page.keyboard.press('ArrowDown') // from alice to bob
    await page.keyboard.press('Tab')
    await Promise.all([page.waitForURL(`${redirect_uri}?**`), page.keyboard.press('Enter')])
    const { code = '', ...answer } = Object.fromEntries(new URL(page.url()).searchParams)
    expect(answer).toEqual({ state: 's-1', iss: local.url })
    const { client_id } = request
    const form = { grant_type: 'authorization_code', client_id, redirect_uri, code, code_verifier }
    const { access_token } = await token(local, form)
    const [, payload = ''] = access_token.split('.')
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
      sub: local.people.bob.id,
      org_id: local.organizations.acme.id,
    })
  })

  test('tells the client that you deny', async () => {
    const [local, client] = [await start(), await startClient()]
    const page = await open()
    await page.goto(addressOf(local, requestOf(local, client).request))
    const denied = page.waitForURL(`${client}/callback?**`)
    await page.getByRole('button', { name: 'Deny' }).click()
    await denied
    expect(new URL(page.url()).searchParams.get('error')).toBe('access_denied')
  })

  test('is shown to a user who follows a link from another site, even if it names a user', async () => {
    const [local, client] = [await start(), await startClient()]
    const { request } = requestOf(local, client)
    const page = await open()
    const link = addressOf(local, { ...request, _local_user: 'carol' })
    await page.goto(`${client.replace('127.0.0.1', 'localhost')}/?${encoded({ link }).toString()}`)
    await page.getByRole('link').click()
    await page.getByRole('heading', { name: 'Command line requests access' }).waitFor()
    expect(await page.getByRole('radio', { name: /carol/ }).isChecked()).toBe(true)
    const allowed = page.waitForURL(`${client}/callback?**`)
    await page.getByRole('button', { name: 'Allow' }).click()
    await allowed
    expect(new URL(page.url()).searchParams.get('code')).not.toBeNull()
  })

  test('is not needed by a browser that opens the address itself and names a user', async () => {
    const [local, client] = [await start(), await startClient()]
    const page = await open()
    await page.goto(addressOf(local, { ...requestOf(local, client).request, _local_user: 'alice' }))
    expect(new URL(page.url()).searchParams.get('code')).not.toBeNull()
  })

  test('cannot be shown in a frame', async () => {
    const [local, client] = [await start(), await startClient()]
    const page = await open()
    await page.goto(client)
    const src = addressOf(local, requestOf(local, client).request)
    await page.evaluate((address) => {
      const element = document.createElement('iframe')
      element.src = address
      document.body.append(element)
    }, src)
    await expect.poll(() => page.frames()[1]?.url(), { timeout: 20_000 }).toBe('chrome-error://chromewebdata/')
    expect(local.calls('requestOAuthAuthorize')).toBe(1)
  })

  test.each<[string, BrowserContextOptions]>([
    ['at 360 pixels', { viewport: { width: 360, height: 740 } }],
    ['dark', { colorScheme: 'dark' }],
    ['light', { colorScheme: 'light' }],
  ])('%s has no axe violations and no overflow, and neither have errors', async (_, options) => {
    const [local, client] = [await start(), await startClient()]
    const { request } = requestOf(local, client)
    const page = await open(options)
    const resource = `https://api.example/${'a-long-path'.repeat(20)}`
    for (const asked of [
      { ...request, resource },
      { ...request, client_id: 'client_unknown' },
    ]) {
      await page.goto(addressOf(local, asked))
      expect([await accessibilityProblems(page), await overflowOf(page)]).toEqual([[], 0])
    }
  })
})
