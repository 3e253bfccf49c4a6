import { describe, expect, test } from 'vitest'
import { NO_VALUES, parameterValues, readParamsFile } from '../../src/routes/params-file.js'
import { fillPath } from '../../src/routes/path-parameters.js'
import type { Listing } from '../../src/routes/route.js'

const ids = { userId: 'user_1', orgId: 'org_1', orgSlug: 'acme', machineId: 'mch_1' }

function filled(pattern: string, framework: Listing['framework'] = 'express', values = NO_VALUES): string {
  const result = fillPath(pattern, framework, { route: `GET ${pattern}`, values, ids })
  return 'path' in result ? result.path : `missing ${result.missing}`
}

describe('a parameter', () => {
  test.each([
    ['/orgs/:orgId/invoices', '/orgs/org_1/invoices'],
    ['/orgs/:org_id', '/orgs/org_1'],
    ['/organizations/:id', '/organizations/org_1'],
    ['/organizations/:organizationId/members/:userId', '/organizations/org_1/members/user_1'],
    ['/orgs/:slug', '/orgs/acme'],
    ['/t/:orgSlug', '/t/acme'],
    ['/users/:id', '/users/user_1'],
    ['/machines/:machineId', '/machines/mch_1'],
    ['/invoices/:id', '/invoices/zq7kx'],
    ['/:constructor', '/zq7kx'],
  ])('of %s is the id of the caller if it names one', (pattern, path) => {
    expect(filled(pattern)).toBe(path)
  })

  test.each<[Listing['framework'], string, string]>([
    ['express', String.raw`/items/:id(\d+)`, '/items/1'],
    ['express', '/items/:key([a-z]{2})', '/items/en'],
    ['express', '/:kind(users|groups)/x', '/users/x'],
    ['express', '/items/:id?', '/items/zq7kx'],
    ['express', '/invoices/:number(INV-[0-9]{4})', 'missing number'],
    ['express', '/files/*', '/files/zq7kx'],
    ['express', '*', '/zq7kx'],
    ['express', '/files/*rest', '/files/zq7kx'],
    ['express', '/items{/:id}', '/items/zq7kx'],
    ['express', '/:from-:to.:format', '/zq7kx-zq7kx.zq7kx'],
    ['fastify', String.raw`/items/:id(^\d+$)`, '/items/1'],
    ['fastify', '/items::verb', '/items:verb'],
    ['fastify', '/files/*', '/files/zq7kx'],
    ['fastify', String.raw`/at/:hour(^\d{2})h:minute(^\d{2})m`, '/at/12h12m'],
    ['hono', '/items/:id{[0-9]+}', '/items/1'],
    ['hono', '/items/:id{[a-z]+}/x', '/items/a/x'],
    ['hono', '/items/:id?', '/items/zq7kx'],
    ['hono', '/files/*', '/files/zq7kx'],
    ['nestjs', '/files/*path', '/files/zq7kx'],
  ])('of %s in %s matches what the pattern asks for', (framework, pattern, path) => {
    expect(filled(pattern, framework)).toBe(path)
  })

  test('has the value that is given for it, of the route before that of all', () => {
    const values = readParamsFile('id: 7\nGET /invoices/:id:\n  id: inv 1\n', 'params.yaml')
    expect(filled('/orders/:id', 'express', values)).toBe('/orders/7')
    expect(filled('/invoices/:id', 'express', values)).toBe('/invoices/inv%201')
    expect(filled('/files/*', 'hono', parameterValues({ '*': 'a/b' }, 'params'))).toBe('/files/a/b')
  })
})

test.each([
  ['- 1', 'p.yaml: must have values by the names of path parameters'],
  ['id: true', 'p.yaml: the value of "id" must be a string or a number'],
  ['invoices: { id: 1 }', 'p.yaml: "invoices" must be a value, or a route such as "GET /invoices/:id"'],
  ['id: [', /^p\.yaml: .+/],
])('a file of values with %j is refused in one line', (text, message) => {
  expect(() => readParamsFile(text, 'p.yaml')).toThrow(message)
})
