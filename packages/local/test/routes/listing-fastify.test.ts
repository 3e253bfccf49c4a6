import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadApp } from '../../src/routes/load-app.js'
import type { ListedApp } from '../../src/routes/route.js'
import { addApp, appFolder } from './app-folder.js'
import { env, inWords } from './listed.js'

describe.each([
  ['Fastify 5', 'fastify'],
  ['Fastify 4', 'fastify4'],
])('%s', (_name, installed) => {
  const folder = appFolder({}, ['@clerk-auth/fastify', ['fastify', installed]])
  let app: ListedApp
  beforeAll(async () => {
    app = await loadApp(addApp(folder, 'fastify'), { env })
  }, 60_000)
  afterAll(async () => {
    await app?.close()
    folder.remove()
  })

  const listed = (path: string) => app.listing.routes.filter((route) => route.path === path).map(inWords)
  const statusOf = async (path: string, method = 'GET') => (await fetch(`${app.url}${path}`, { method })).status

  it('lists a route with its guards, in the order in which they run', () => {
    expect(listed('/me')).toEqual(['GET /me: session_token'])
    expect(listed('/lists')).toEqual(['GET /lists: session_token, session_token role=org:admin'])
  })

  it('tells public routes from routes without a guard', async () => {
    expect(listed('/health')).toEqual(['GET /health: public'])
    expect(listed('/open')).toEqual(['GET /open:'])
    expect([await statusOf('/health'), await statusOf('/open')]).toEqual([204, 204])
  })

  it('lists each method, and all methods as one line', () => {
    expect(listed('/methods')).toEqual(['GET /methods: session_token', 'POST /methods: session_token'])
    expect(listed('/every-method')).toEqual(['ALL /every-method: session_token'])
  })

  it('lists the HEAD route that Fastify adds to a GET route only if its guards are others', () => {
    expect(listed('/half')).toEqual(['GET /half: session_token', 'HEAD /half:'])
    expect(listed('/head')).toEqual(['HEAD /head:'])
  })

  it('counts the hooks of a scope, those added after a route too', async () => {
    expect(listed('/admin/users/:id')).toEqual(['GET /admin/users/:id: session_token role=org:admin'])
    expect(listed('/admin/nested/inner')).toEqual(['GET /admin/nested/inner: session_token role=org:admin'])
    expect(listed('/admin')).toEqual(['GET /admin: session_token, session_token role=org:admin'])
    expect(listed('/administrators')).toEqual(['GET /administrators:'])
    expect([await statusOf('/admin/users/1'), await statusOf('/admin/nested/inner')]).toEqual([401, 401])
    expect([await statusOf('/admin'), await statusOf('/admin/')]).toEqual([401, 401])
  })

  it('does not count the hooks of a scope for its public routes, which guards skip', async () => {
    expect(listed('/admin/health')).toEqual(['GET /admin/health: public'])
    expect(await statusOf('/admin/health')).toBe(204)
  })

  it('counts guards that a hook of the application adds to routes', async () => {
    expect(listed('/default')).toEqual(['GET /default: session_token role=org:admin'])
    expect(await statusOf('/default')).toBe(401)
  })

  it('runs what is before the guard, and neither handlers nor validation', async () => {
    expect(await statusOf('/before-guard')).toBe(418)
    expect(await statusOf('/behind-guard')).toBe(401)
    expect(await statusOf('/validated', 'POST')).toBe(401)
    for (const { method, path } of app.listing.routes) {
      const url = app.url + path.replaceAll(/:\w+/g, '7').replace('*', 'x')
      const answer = await fetch(url, { method: method === 'ALL' ? 'PATCH' : method })
      expect([method, path, await answer.text()]).not.toContain('{"handled":true}')
    }
  })

  it('says what a request needs for a constraint', async () => {
    const [route] = app.listing.routes.filter(({ path }) => path === '/versions')
    expect(route?.headers).toEqual({ 'accept-version': '2.0.0' })
    expect((await fetch(`${app.url}/versions`, { headers: route!.headers! })).status).toBe(401)
    expect(app.listing.routes.find(({ path }) => path === '/hosts')?.headers).toEqual({ host: 'api.example.com' })
    expect(listed('/hosts')).toEqual(['GET /hosts: session_token'])
    expect(listed('/some-hosts')).toEqual([
      'GET /some-hosts: session_token | uncertain: its requests depend on the constraint host',
    ])
  })
})
