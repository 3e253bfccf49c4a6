import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { skipBrowserTests, launchBrowser } from './browser.js'
import { start } from './start.js'
import { call } from './tokens.js'

let browser: Browser

describe.skipIf(skipBrowserTests)('a foreign page in a real browser', () => {
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())

  /** A page at another port of the same machine, which a browser treats as the same site. */
  async function foreignPage(): Promise<Page> {
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>foreign</title>')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const page = await browser.newPage()
    onTestFinished(async () => {
      await page.close()
      server.close()
    })
    await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`)
    return page
  }

  test.each(['127.0.0.1', 'localhost'])(
    'can neither read nor change anything at %s, with any kind of request',
    async (name) => {
      const local = await start()
      const key = await local.apiKey()
      const page = await foreignPage()
      const origin = `http://${name}:${new URL(local.url).port}`
      const result = await page.evaluate(async (target) => {
        const json = { 'content-type': 'application/json' }
        const requests: [string, RequestInit][] = [
          ['/_local/directory', {}],
          ['/_local/directory', { mode: 'no-cors' }],
          ['/_local/tokens/session', { method: 'POST', headers: json, body: '{}' }],
          ['/_local/reset', { method: 'POST', mode: 'no-cors', body: '{}' }],
          ['/_local/reset', { method: 'POST', mode: 'no-cors', body: new Blob(['{}'], { type: 'application/json' }) }],
          ['/_local/reset', { method: 'POST', mode: 'no-cors', body: new URLSearchParams({ a: '1' }) }],
          ['/_local/clock', { method: 'DELETE' }],
          ['/.well-known/jwks.json', {}],
        ]
        const answers: string[] = []
        for (const [path, init] of requests)
          answers.push(
            await fetch(target + path, init).then(
              async (answer) => `${answer.type} ${await answer.text()}`,
              () => 'none',
            ),
          )
        navigator.sendBeacon(`${target}/_local/reset`, new Blob(['{}'], { type: 'text/plain' }))
        const element = (tag: 'script' | 'iframe', src: string) =>
          new Promise<string>((resolve) => {
            const created = Object.assign(document.createElement(tag), { src })
            const isReadable = () => 'contentDocument' in created && created.contentDocument !== null
            created.addEventListener('load', () => resolve(isReadable() ? 'read' : 'loaded'))
            created.addEventListener('error', () => resolve('none'))
            document.body.append(created)
          })
        answers.push(await element('script', `${target}/_local/directory`))
        answers.push(await element('script', `${target}/_local/page/text.js`))
        return { answers, frame: await element('iframe', `${target}/`) }
      }, origin)
      expect(new Set(result.answers)).toEqual(new Set(['none', 'opaque ']))
      expect(result.frame).toBe('loaded') // the error page of the browser
      expect(page.frames()[1]?.url()).not.toContain(origin)
      expect((await call(local, 'POST', '/api_keys/verify', { body: { secret: key } })).status).toBe(200)
    },
  )

  test('cannot control a page of the instance that it opens, which shows names without interpreting HTML', async () => {
    const local = await start()
    const script = '<img src=x onerror=document.title="owned">'
    await call(local, 'POST', '/v1/users', { body: { username: 'evelyn', first_name: script, last_name: script } })
    await call(local, 'POST', '/v1/organizations', { body: { name: script } })
    await call(local, 'POST', '/v1/machines', { body: { name: script } })
    const page = await foreignPage()
    const opening = page.waitForEvent('popup')
    const handle = await page.evaluateHandle((url) => window.open(`${url}/#<script>`), local.url)
    const popup = await opening
    await popup.locator('.card').first().waitFor()
    expect(await popup.evaluate(() => window.opener === null)).toBe(true)
    expect(await page.evaluate((it) => it?.closed, handle)).toBe(true)
    expect(await popup.getByText(script).count()).toBeGreaterThan(0)
    expect(await popup.locator('img[onerror]').count()).toBe(0)
    expect(await popup.title()).not.toBe('owned')
    await popup.close()
  })
})
