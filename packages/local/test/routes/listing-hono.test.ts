import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadApp } from '../../src/routes/load-app.js'
import type { ListedApp } from '../../src/routes/route.js'
import { addApp, appFolder } from './app-folder.js'
import { env, inWords } from './listed.js'

describe('Hono', () => {
  const folder = appFolder({}, ['@clerk-auth/hono', 'hono'])
  let app: ListedApp
  beforeAll(async () => {
    app = await loadApp(addApp(folder, 'hono'), { env })
  }, 60_000)
  afterAll(async () => {
    await app?.close()
    folder.remove()
  })

  const listed = (path: string) => app.listing.routes.filter((route) => route.path === path).map(inWords)
  const statusOf = async (path: string, method = 'GET') => (await fetch(`${app.url}${path}`, { method })).status

  it('lists a route with its guards, in their order', () => {
    expect(listed('/me')).toEqual(['GET /me: session_token'])
    expect(listed('/two')).toEqual(['GET /two: session_token, session_token role=org:admin'])
    expect(listed('/two-parameters')).toEqual(['GET /two-parameters: session_token'])
    expect(listed('/no-parameter')).toEqual(['GET /no-parameter: session_token'])
  })

  it('tells public routes from routes without a guard', () => {
    expect(listed('/health')).toEqual(['GET /health: public'])
    expect(listed('/open')).toEqual(['GET /open:'])
  })

  it('does not count a guard behind a handler', async () => {
    expect(listed('/behind')).toEqual(['GET /behind: | behind: session_token'])
    expect(await statusOf('/behind')).toBe(204)
  })

  it('lists each method and each path with its own guards', () => {
    expect(listed('/one-method')).toEqual(['GET /one-method: session_token', 'POST /one-method:'])
    expect(listed('/every-method')).toEqual(['ALL /every-method: session_token'])
    expect(listed('/cache')).toEqual(['GET /cache: session_token', 'PURGE /cache: session_token'])
    expect(listed('/caches')).toEqual(['GET /caches: session_token', 'PURGE /caches: session_token'])
  })

  it('does not count a guard of one method for a route of all methods', async () => {
    expect(listed('/half')).toEqual(['ALL /half:'])
    expect([await statusOf('/half', 'POST'), await statusOf('/half')]).toEqual([401, 204])
  })

  it('counts a guard with a path for the routes that it matches only', () => {
    expect(listed('/admin/users/:id')).toEqual(['GET /admin/users/:id: session_token role=org:admin'])
    expect(listed('/administrators')).toEqual(['GET /administrators:'])
    expect(listed('/users/:id')).toEqual(['GET /users/:id:'])
    expect(listed('/numbers/:id')).toEqual(['GET /numbers/:id:'])
  })

  it('lists routes with wildcards, formats and optional parameters', async () => {
    expect(listed('/files/*')).toEqual(['GET /files/*: session_token'])
    expect(listed('/digits/:id{[0-9]+}')).toEqual(['GET /digits/:id{[0-9]+}:'])
    expect(listed('/optional/:id?')).toEqual(['GET /optional/:id?:'])
    expect([await statusOf('/files/a/b'), await statusOf('/digits/1'), await statusOf('/digits/x')]).toEqual([
      401, 204, 404,
    ])
  })

  it('cannot tell for which values of a parameter a guard runs if a regular expression decides', () => {
    expect(listed('/pages/:name')).toEqual([
      'GET /pages/:name: session_token | uncertain: a regular expression decides for which of its paths a guard runs',
    ])
  })

  it('does not count guards of the usual methods for a route of all methods', () => {
    expect(listed('/usual')).toEqual(['ALL /usual:'])
  })

  it('does not count a guard that was added after the route', () => {
    expect(listed('/later')).toEqual(['GET /later:'])
  })

  it('reports a guard behind an earlier route that answers the same requests', async () => {
    expect(listed('/shadow/secret')).toEqual(['GET /shadow/secret: | behind: session_token'])
    expect(await statusOf('/shadow/secret')).toBe(204)
  })

  it('lists the routes of an application that was added by route() with the guards of that path', async () => {
    expect(listed('/books')).toEqual(['GET /books:'])
    expect(listed('/books/:id')).toEqual(['GET /books/:id: session_token'])
    expect(listed('/library')).toEqual(['GET /library: session_token role=org:admin'])
    expect(listed('/library/:id')).toEqual(['GET /library/:id: session_token role=org:admin, session_token'])
    expect(listed('/errors/guarded')).toEqual(['GET /errors/guarded: session_token'])
    expect([await statusOf('/books'), await statusOf('/library'), await statusOf('/errors/guarded')]).toEqual([
      204, 401, 401,
    ])
  })

  it('lists the routes below a base path', () => {
    expect(listed('/based/here')).toEqual(['GET /based/here: session_token'])
  })

  it('cannot tell which guards every(), some() and except() hide, and leaves them where they are', async () => {
    expect(listed('/every')).toEqual(["GET /every: | uncertain: Hono's every() hides its guards"])
    expect(listed('/some')).toEqual(["GET /some: | uncertain: Hono's some() hides its guards"])
    expect(listed('/except/:id')).toEqual(["GET /except/:id: | uncertain: Hono's except() hides its guards"])
    expect([await statusOf('/every'), await statusOf('/some')]).toEqual([401, 204])
    expect([await statusOf('/except/private'), await statusOf('/except/public')]).toEqual([401, 204])
  })

  it('cannot tell what is behind mount(), unless a guard is before it', async () => {
    expect(listed('/mounted/*')).toEqual([
      'ALL /mounted/*: | uncertain: it may be middleware, or an application added by mount()',
    ])
    expect(listed('/mounted-guarded/*')).toEqual(['ALL /mounted-guarded/*: session_token'])
    expect(await statusOf('/mounted-guarded/x')).toBe(401)
  })

  it('counts a mark that was added by use() for the functions added with it', () => {
    expect(listed('/docs/*')).toEqual(['ALL /docs/*: public'])
    expect(listed('/after-docs')).toEqual(['GET /after-docs:'])
  })

  it('runs no handler', async () => {
    for (const { method, path } of app.listing.routes.filter(({ hasOwnHandler }) => hasOwnHandler)) {
      const url = app.url + path.replaceAll(/:\w+(\{.*?\})?\??/g, '7').replace('*', 'x')
      const answer = await fetch(url, { method: method === 'ALL' ? 'PATCH' : method })
      expect([method, path, await answer.text()]).not.toContain('{"handled":true}')
    }
  })
})
