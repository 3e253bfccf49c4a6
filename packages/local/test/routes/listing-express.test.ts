import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadApp } from '../../src/routes/load-app.js'
import type { ListedApp } from '../../src/routes/route.js'
import { appFolder, addApp } from './app-folder.js'
import { env, inWords } from './listed.js'

describe.each([
  ['Express 5', 'express', '*rest'],
  ['Express 4', 'express4', '*'],
])('%s', (_name, installed, wildcard) => {
  const folder = appFolder({}, ['@clerk-auth/express', ['express', installed]])
  let app: ListedApp
  beforeAll(async () => {
    app = await loadApp(addApp(folder, 'express'), { env })
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
  })

  it('tells public routes from routes without a guard', () => {
    expect(listed('/health')).toEqual(['GET /health: public'])
    expect(listed('/open')).toEqual(['GET /open:'])
  })

  it('does not count a guard behind a handler', async () => {
    expect(listed('/behind')).toEqual(['GET /behind: | behind: session_token'])
    expect(await statusOf('/behind')).toBe(204)
  })

  it('cannot tell which function is the handler if the last one is a guard', () => {
    expect(listed('/last')).toEqual([
      'GET /last: session_token | uncertain: its last function is a guard, so its handler is not known',
    ])
  })

  it('reads lists of functions and lists of paths', () => {
    expect(listed('/lists')).toEqual(['GET /lists: session_token'])
    expect(listed('/first')).toEqual(['GET /first: session_token'])
    expect(listed('/second')).toEqual(['GET /second: session_token'])
  })

  it('cannot tell which requests a regular expression matches', () => {
    const found = app.listing.routes.filter(({ path }) => path.includes('pattern')).map(inWords)
    expect(found).toEqual([
      String.raw`GET /^\/pattern-\d+$/: session_token | uncertain: its path is a regular expression`,
    ])
  })

  it('lists each method with its own guards', () => {
    expect(listed('/one-method')).toEqual(['GET /one-method: session_token', 'POST /one-method:'])
    expect(listed('/things')).toEqual([
      'GET /things: session_token',
      'POST /things: session_token, session_token role=org:admin',
    ])
  })

  it('lists app.all() as one line', async () => {
    expect(listed('/every-method')).toEqual(['ALL /every-method: session_token'])
    expect(await statusOf('/every-method', 'PUT')).toBe(401)
  })

  it('counts a guard with a path for the routes below that path only', () => {
    expect(listed('/admin/users/:id')).toEqual(['GET /admin/users/:id: session_token role=org:admin'])
    expect(listed('/administrators')).toEqual(['GET /administrators:'])
  })

  it('counts a route that has only a guard as middleware', () => {
    expect(listed('/wild/:id')).toEqual(['GET /wild/:id: session_token'])
    expect(listed(`/wild/${wildcard}`)).toEqual([])
  })

  it('does not count a guard that runs for a part of the requests', () => {
    expect(listed('/users/:id')).toEqual(['GET /users/:id:'])
    expect(listed('/reports/:id')).toEqual(['GET /reports/:id:'])
  })

  it('does not count guards of the usual methods for a route of all methods', () => {
    expect(listed('/usual')).toEqual(['ALL /usual:'])
  })

  it('cannot tell for which values of a parameter a guard runs if a regular expression decides', () => {
    expect(listed('/pages/:name')).toEqual([
      'GET /pages/:name: session_token | uncertain: a regular expression decides for which of its paths a guard runs',
    ])
    expect(listed('/pages/private/one')).toEqual(['GET /pages/private/one: session_token'])
  })

  it('does not count a guard that was added after the route', () => {
    expect(listed('/later')).toEqual(['GET /later:'])
  })

  it("does not count a guard that next('route') may skip", () => {
    expect(listed('/skip')).toEqual(['GET /skip: session_token', 'GET /skip:'])
    expect(listed('/skip-to')).toEqual(['GET /skip-to:', 'GET /skip-to: session_token role=org:admin'])
  })

  it('reports a guard behind an earlier route that answers the same requests', async () => {
    expect(listed('/shadow/secret')).toEqual(['GET /shadow/secret: | behind: session_token'])
    expect(await statusOf('/shadow/secret')).toBe(204)
  })

  it('lists a router once for each path where it is mounted, with the guards of that path', async () => {
    expect(listed('/v1/items/:id')).toEqual(['GET /v1/items/:id: session_token'])
    expect(listed('/v2/items/:id')).toEqual(['GET /v2/items/:id:'])
    expect(listed('/v3/items/:id')).toEqual(['GET /v3/items/:id:'])
    expect(listed('/v1')).toEqual(['GET /v1: session_token'])
    expect([await statusOf('/v1/items/1'), await statusOf('/v2/items/1'), await statusOf('/v3')]).toEqual([
      401, 204, 204,
    ])
  })

  it('leaves a function for a parameter where it runs before a guard', async () => {
    expect([await statusOf('/v2/guarded/1'), await statusOf('/v2/items/1')]).toEqual([404, 204])
  })

  it('lists the routes of a mounted application', async () => {
    expect(listed('/sub/inner/:id')).toEqual(['GET /sub/inner/:id: session_token role=org:admin'])
    expect(await statusOf('/sub/inner/1')).toBe(401)
  })

  it('counts the guards of a router that a request leaves again', () => {
    expect(listed('/left/:id')).toEqual(['GET /left/:id: m2m_token'])
  })

  it('cannot tell what a function added by use() does, unless a guard is before it', async () => {
    const why =
      'uncertain: it was added by use(), so it may be middleware or answer itself, and has no guard or isPublic() beside it'
    expect(listed('/graphql/*')).toEqual([`ALL /graphql/*: | ${why}`])
    expect(listed('/other/*')).toEqual([`ALL /other/*: | ${why}`])
    expect(listed('/trpc/*')).toEqual(['ALL /trpc/*: session_token'])
    expect(await statusOf('/trpc/x')).toBe(401)
  })

  it('counts a mark that was added by use() for the functions added with it', async () => {
    expect(listed('/docs/*')).toEqual(['ALL /docs/*: public'])
    expect(listed('/after-docs')).toEqual(['GET /after-docs:'])
    expect(listed('/*')).toEqual(['ALL /*: public'])
    expect(await statusOf('/docs/x')).toBe(204)
  })

  it('runs no handler', async () => {
    const separate = app.listing.routes.filter(
      ({ hasOwnHandler, path }) => hasOwnHandler && !path.includes('/guarded/'),
    )
    for (const { method, path } of separate) {
      const url = app.url + path.replaceAll(/:\w+/g, 'x').replace('*', 'x')
      const answer = await fetch(url, { method: method === 'ALL' ? 'PATCH' : method })
      expect([method, path, await answer.text()]).not.toContain('{"handled":true}')
    }
  })
})
