import { readdirSync } from 'node:fs'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import type { LocalClerk } from '../src/index.js'
import { errorBody, start } from './start.js'

const FILES = readdirSync(new URL('../page', import.meta.url))

/** Sends a GET with headers that `fetch` does not allow. */
function get({ url }: Pick<LocalClerk, 'url'>, path: string, headers: Record<string, string>) {
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const sent = request(url + path, { headers, setHost: headers['host'] === undefined, agent: false }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject)
    })
    sent.on('error', reject)
    sent.end()
  })
}

describe('the page', () => {
  test('is served as HTML at the URL of the instance', async () => {
    const response = await fetch((await start()).url)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(await response.text()).toMatch(/^<!doctype html>/)
  })

  test.each(['/', '/_local/page/main.js', '/_local/page/page.css'])(
    'has security headers that prevent foreign content, framing and caching at %s',
    async (path) => {
      const { headers } = await fetch((await start()).url + path)
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
          "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
      )
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
      expect(headers.get('access-control-allow-origin')).toBeNull()
    },
  )

  test.each(FILES.filter((name) => name !== 'index.html'))('serves %s with the right content type', async (name) => {
    const response = await fetch(`${(await start()).url}/_local/page/${name}`)
    const type = name.endsWith('.css') ? 'text/css' : 'text/javascript'
    expect([response.status, response.headers.get('content-type')]).toEqual([200, `${type}; charset=utf-8`])
  })

  test.each([
    'nothing.js',
    'index.html',
    '..%2Fpackage.json',
    '..%2f..%2f..%2fetc%2fpasswd',
    'constructor',
    '__proto__',
    'main.js%00',
  ])('has no file %s', async (name) => {
    const { status, body } = await get(await start(), `/_local/page/${name}`, {})
    expect(status).toBe(404)
    expect(JSON.parse(body)).toMatchObject({
      errors: [
        { code: 'resource_not_found', long_message: 'The page of the local instance has no file with that name' },
      ],
    })
  })

  test.each(['/_local/page/../package.json', '/_local/page/../../package.json', '/_local/page', '/_local/page/'])(
    'does not serve %s',
    async (path) => {
      const { status, body } = await get(await start(), path, {})
      expect([status, JSON.parse(body).errors[0].code]).toEqual([404, 'resource_not_found'])
    },
  )

  test.each(['POST', 'HEAD', 'DELETE', 'OPTIONS'])('allows only GET, not %s', async (method) => {
    const local = await start()
    for (const path of ['/', '/_local/page/main.js']) {
      const response = await fetch(local.url + path, { method })
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET'])
      expect((await response.text()).includes('method_not_allowed')).toBe(method !== 'HEAD')
    }
  })

  test.each(['evil.example', '127.0.0.1.evil.example', '', '0.0.0.0'])(
    'refuses host "%s", which may be rebound to loopback',
    async (host) => {
      const local = await start()
      for (const path of ['/', '/_local/page/main.js', '/_local/directory']) {
        const { status, body } = await get(local, path, { host })
        expect([path, status, JSON.parse(body).errors[0].code]).toEqual([path, 403, 'authorization_invalid'])
      }
    },
  )

  test('opens from links on other sites, and with other loopback hosts', async () => {
    const local = await start()
    const { port } = new URL(local.url)
    expect((await get(local, '/', { 'sec-fetch-site': 'cross-site' })).status).toBe(200)
    expect((await get(local, '/', { host: `localhost:${port}` })).status).toBe(200)
  })

  test('is not listed among the last requests', async () => {
    const local = await start()
    await fetch(local.url)
    await fetch(`${local.url}/_local/page/main.js`)
    await fetch(`${local.url}/_local/directory`)
    const { requests } = (await (await fetch(`${local.url}/_local/calls`)).json()) as { requests: unknown[] }
    expect(requests).toEqual([])
  })

  test('is not named in the 404 for an unknown path under /_local, which names the API', async () => {
    const { errors } = await errorBody(await fetch(`${(await start()).url}/_local/nothing`))
    expect(errors[0]?.long_message).not.toContain('/_local/page')
    expect(errors[0]?.long_message).toContain('/_local/directory')
    expect(errors[0]?.long_message).toContain('/_local/explain')
  })
})
