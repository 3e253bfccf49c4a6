import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadApp } from '../../src/routes/load-app.js'
import type { ListedApp } from '../../src/routes/route.js'
import { addApp, appFolder } from './app-folder.js'
import { env, inWords } from './listed.js'

describe.each(['express', 'fastify'])('NestJS on %s', (platform) => {
  const folder = appFolder({}, ['@clerk-auth/nestjs', '@nestjs'])
  let app: ListedApp
  beforeAll(async () => {
    app = await loadApp(addApp(folder, 'nestjs'), { env: { ...env, PLATFORM: platform } })
  }, 60_000)
  afterAll(async () => {
    await app?.close()
    folder.remove()
  })

  const listed = (path: string) => app.listing.routes.filter((route) => route.path === path).map(inWords)
  const statusOf = async (path: string, method = 'GET') => (await fetch(`${app.url}${path}`, { method })).status

  it('lists the requirement of a decorator, and a session where there is none', () => {
    expect(listed('/api/cats/:id')).toEqual(['GET /api/cats/:id: session_token'])
    expect(listed('/api/cats')).toEqual(['POST /api/cats: session_token role=org:admin'])
    expect(listed('/api/cats/every/:id')).toEqual(['ALL /api/cats/every/:id: m2m_token'])
  })

  it('counts the guards of a controller, also if it is created for each request', async () => {
    expect(listed('/api/dogs')).toEqual(['GET /api/dogs: session_token permission=org:dogs:read'])
    expect(listed('/api/dogs/both')).toEqual([
      'GET /api/dogs/both: session_token permission=org:dogs:read, session_token role=org:admin',
    ])
    expect(listed('/api/dogs/own')).toEqual(['GET /api/dogs/own: session_token permission=org:dogs:read'])
    expect(await statusOf('/api/dogs')).toBe(401)
  })

  it('lists public handlers and controllers', async () => {
    expect(listed('/api/cats/health')).toEqual(['GET /api/cats/health: public'])
    expect(listed('/api/birds')).toEqual(['GET /api/birds: public'])
    expect(listed('/api/birds/guarded')).toEqual(['GET /api/birds/guarded: session_token'])
    expect(listed('/api/parrots')).toEqual(['GET /api/parrots: public'])
    expect([await statusOf('/api/cats/health'), await statusOf('/api/birds')]).toEqual([204, 204])
  })

  it('lists paths with the prefix of the application, and of the module', async () => {
    expect(listed('/dogs/open')).toEqual(['GET /dogs/open: public'])
    expect(listed('/api/sea/fish')).toEqual(['GET /api/sea/fish: session_token'])
    expect(await statusOf('/dogs/open')).toBe(204)
  })

  it('says what a request needs for a version', () => {
    const [route] = app.listing.routes.filter(({ path }) => path === '/api/cats/versions')
    expect(route?.headers).toEqual({ 'x-version': '2' })
  })

  it('cannot tell which requests a controller with a host gets', () => {
    expect(listed('/api/tenants')).toEqual([
      'GET /api/tenants: session_token | uncertain: its requests depend on the host',
    ])
  })

  it('says which host a request needs', () => {
    const [route] = app.listing.routes.filter(({ path }) => path === '/api/staff')
    expect(route?.headers).toEqual({ host: 'staff.example.com' })
    expect(route?.uncertain).toBeUndefined()
  })

  it('lists handlers that were added to the platform, for which guards of NestJS do not run', async () => {
    expect(listed('/raw')).toEqual(['GET /raw:'])
    expect(await statusOf('/raw')).toBe(204)
  })

  it('lists nothing else', () => {
    expect(app.listing.routes.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual([
      'ALL /api/cats/every/:id',
      'GET /api/birds',
      'GET /api/birds/guarded',
      'GET /api/cats/:id',
      'GET /api/cats/health',
      'GET /api/cats/versions',
      'GET /api/dogs',
      'GET /api/dogs/both',
      'GET /api/dogs/own',
      'GET /api/parrots',
      'GET /api/parrots/guarded',
      'GET /api/sea/fish',
      'GET /api/staff',
      'GET /api/tenants',
      'GET /dogs/open',
      'GET /raw',
      'POST /api/cats',
    ])
  })

  it('runs no handler', async () => {
    for (const { method, path } of app.listing.routes) {
      const answer = await fetch(app.url + path.replaceAll(/:\w+/g, '7'), { method: method === 'ALL' ? 'PUT' : method })
      expect([method, path, await answer.text()]).not.toContain('{"handled":true}')
    }
  })
})
