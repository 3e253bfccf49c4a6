import { describe, expect, it } from 'vitest'
import { protectedResource, type ProtectedResourceOptions } from '../src/mcp/index.js'
import { foldedPath, isPlainlyUnder } from '../src/mcp/path.js'
import { typeErrorOf } from './fixtures-tokens.js'

const valid = { resource: 'https://api.example.com/mcp', scopes: ['mcp:read'] }

describe('the options of a protected resource', () => {
  const NOT_A_URL = 'option "resource" must be an absolute URL without a query or fragment'
  const NOT_HTTPS = 'option "resource" must be an https: URL; http: is allowed only for loopback hosts'
  const NOT_SCOPES = 'option "scopes" must be a non-empty list of scopes'
  const wrong: [what: string, options: object, message: string][] = [
    ['no resource', { scopes: ['a'] }, 'protectedResource() needs the option "resource"'],
    ['no scopes', { resource: valid.resource }, 'protectedResource() needs the option "scopes"'],
    ['a path as the resource', { ...valid, resource: '/mcp' }, NOT_A_URL],
    ['a host as the resource', { ...valid, resource: 'api.example.com/mcp' }, NOT_A_URL],
    ['a resource with a fragment', { ...valid, resource: 'https://api.example.com/mcp#a' }, NOT_A_URL],
    ['a resource with an empty fragment', { ...valid, resource: 'https://api.example.com/mcp#' }, NOT_A_URL],
    ['a resource with a query', { ...valid, resource: 'https://api.example.com/mcp?a' }, NOT_A_URL],
    ['a resource with a password', { ...valid, resource: 'https://a:b@api.example.com/mcp' }, NOT_A_URL],
    ['a resource that would end the challenge', { ...valid, resource: 'https://api.example.com/"x' }, NOT_A_URL],
    ['a resource without TLS', { ...valid, resource: 'http://api.example.com/mcp' }, NOT_HTTPS],
    ['a resource of another scheme', { ...valid, resource: 'ftp://api.example.com/mcp' }, NOT_HTTPS],
    ['scopes in one string', { ...valid, scopes: 'a b' }, NOT_SCOPES],
    ['an empty list of scopes', { ...valid, scopes: [] }, NOT_SCOPES],
    ['a scope with a space', { ...valid, scopes: ['a b'] }, NOT_SCOPES],
    ['a scope with a quote', { ...valid, scopes: ['a"'] }, NOT_SCOPES],
    ['a hole in the scopes', { ...valid, scopes: Array(1) }, NOT_SCOPES],
    ['offline_access', { ...valid, scopes: ['a', 'offline_access'] }, 'must not contain "offline_access"'],
    ['an empty name', { ...valid, name: ' ' }, 'option "name" must be a non-empty string'],
    ['one client without a list', { ...valid, clients: 'client_a' }, 'option "clients" must be "any" or a list'],
    ['a client that is not a string', { ...valid, clients: [1] }, 'option "clients" must be "any" or a list'],
    ['an origin with a path', { ...valid, origins: ['https://a.example/'] }, 'option "origins" must be origins as a'],
    ['an opaque origin', { ...valid, origins: ['null'] }, 'option "origins" must not contain "null"'],
    ['a wildcard', { ...valid, origins: ['https://*.a.example'] }, 'option "origins" must be origins as a browser'],
    ['one origin without a list', { ...valid, origins: 'https://a.example' }, 'option "origins" must be "any" or a'],
    ['a relative path', { ...valid, path: 'mcp' }, 'option "path" must be a path that starts with "/"'],
    [
      'a misspelt option',
      { ...valid, scope: ['a'] },
      'unknown protectedResource() option "scope"; did you mean "scopes"?',
    ],
    ['an inherited option', Object.create(valid), 'option "resource" is inherited'],
  ]

  it.each(wrong)('%s is a TypeError at start', (_, options, message) => {
    expect(typeErrorOf(() => protectedResource(options as ProtectedResourceOptions))).toContain(message)
  })

  it.each(['http://localhost:3000/mcp', 'http://127.0.0.1:3000/mcp', 'http://[::1]/mcp', 'https://api.example.com'])(
    'a resource may be %s',
    (resource) => expect(() => protectedResource({ ...valid, resource })).not.toThrow(),
  )

  it('may name the origin of a browser extension', () => {
    expect(() => protectedResource({ ...valid, origins: ['chrome-extension://abcdefgh'] })).not.toThrow()
  })

  it('of any other type are a TypeError', () => {
    for (const options of [undefined, null, 'https://api.example.com'])
      expect(typeErrorOf(() => protectedResource(options as never))).toContain('options of protectedResource() must be')
  })
})

describe('a path, for comparison', () => {
  it.each([
    ['/mcp', '/mcp'],
    ['/', ''],
    ['/mcp/', '/mcp'],
    ['/MCP/Admin', '/mcp/admin'],
    ['//mcp///admin', '/mcp/admin'],
    ['/mcp\\admin', '/mcp/admin'],
    ['/%6dcp%2Fadmin', '/mcp/admin'],
    ['/mcp;a=b/c', '/mcp'],
    ['/mcp%3Fa', '/mcp'],
    ['/mcp/%zz%61', '/mcp/%zza'],
    ['/%c3%a9', '/é'],
    ['/%ff', '/%ff'],
    ['/mcp/\u00a0', '/mcp'],
    ['\ufeff/mcp\t#', '/mcp'],
  ])('%s becomes %s', (path, folded) => {
    expect(foldedPath(path)).toBe(folded)
  })
})

it.each([
  ['/mcp', '/mcp', true],
  ['/mcp/x', '/mcp/', true],
  ['/a/b/x', '/a/b/', true],
  ['/mcp//x', '/mcp', true],
  ['/x', '/', true],
  ['/mcpx', '/mcp', false],
  ['//mcp', '/mcp', false],
  ['/MCP', '/mcp', false],
  ['/caf%C3%A9/x', '/caf%C3%A9', true],
  ['/café/x', '/caf%C3%A9', true],
  ['/CAF%C3%A9/x', '/caf%C3%A9', false],
])('%s is written like a path under %s: %s', (path, parent, isPlain) => {
  expect(isPlainlyUnder(path, parent)).toBe(isPlain)
})
