import { describe, expect, it } from 'vitest'
import { guardDescription, PUBLIC, type Description } from '../src/guard/description.js'
import { guardInWords } from '../src/guard/in-words.js'
import type { Requirements } from '../src/guard/requirement.js'
import { documentOperations, documentRoutes, type DocumentOptions } from '../src/openapi/index.js'
import { typeErrorOf } from './fixtures-tokens.js'

const refusal = { description: 'Sign in first' }
const document = {
  openapi: '3.0.3',
  paths: { '/money': { summary: 'Money', get: { responses: { 200: {}, 401: refusal } } } },
  components: { schemas: { Money: {}, Problem: {} }, securitySchemes: { basic: { type: 'http', scheme: 'basic' } } },
}
type Completed = typeof document & { paths: { '/money': { get: { security?: unknown; responses: object } } } }

const documented = (requirements: readonly Requirements<any>[], options?: DocumentOptions) =>
  documentOperations(document, () => requirements.map((one) => guardDescription(one)), options) as Completed

describe('documentOperations', () => {
  it('documents OAuth tokens as oauth2 with the scopes of all operations, where the issuer has its endpoints', () => {
    const document = {
      openapi: '3.1.0',
      paths: { '/write': { get: {} }, '/read': { get: {} }, '/any': { get: {} } },
      components: { securitySchemes: {} as Record<string, unknown> },
    }
    const scopeOf = (path: string) => (path === '/any' ? {} : { scope: path.slice(1) })
    const { paths, components } = documentOperations(
      document,
      ({ path }) => [guardDescription({ acceptsToken: ['oauth_token', 'api_key'], ...scopeOf(path) })],
      { issuer: 'https://clerk.example.com' },
    )
    const securityOf = (path: keyof typeof paths) => (paths[path].get as { security?: unknown }).security
    expect(securityOf('/any')).toEqual([{ oauthToken: [] }, { apiKey: [] }])
    expect(securityOf('/read')).toEqual([{ oauthToken: ['read'] }, { apiKey: [] }])
    const { securitySchemes } = components
    expect(Object.keys(securitySchemes)).toEqual(['oauthToken', 'apiKey'])
    expect(securitySchemes['oauthToken']).toMatchObject({
      type: 'oauth2',
      flows: {
        authorizationCode: {
          authorizationUrl: 'https://clerk.example.com/oauth/authorize',
          tokenUrl: 'https://clerk.example.com/oauth/token',
          refreshUrl: 'https://clerk.example.com/oauth/token',
          scopes: { read: 'The scope read', write: 'The scope write' },
        },
      },
    })
  })

  it('documents no oauth2 for an API without OAuth tokens, although the issuer is given', () => {
    const { securitySchemes } = documented([{}], { issuer: 'https://clerk.example.com' }).components
    expect(Object.keys(securitySchemes)).toEqual(['basic', 'sessionToken'])
  })

  it('documents what a refusal has: the challenge, or when to retry, and problem details', () => {
    const { responses } = documented([{ role: 'org:admin' }]).paths['/money'].get
    const body = { 'application/problem+json': { schema: { $ref: '#/components/schemas/AuthProblem' } } }
    expect(responses).toMatchObject({
      403: { headers: { 'WWW-Authenticate': { required: true } }, content: body },
      503: { headers: { 'Retry-After': { required: true, schema: { type: 'integer' } } }, content: body },
    })
  })

  it('documents no 403 for what only Clerk confirms, but one for a check', () => {
    const codes = (requirement: Requirements) => Object.keys(documented([requirement]).paths['/money'].get.responses)
    expect(codes({ fresh: true })).toEqual(['200', '401', '503'])
    expect(codes({ check: () => true })).toEqual(['200', '401', '403', '503'])
    expect(Object.keys(documented([{}, { role: 'org:admin' }]).paths['/money'].get.responses)).toContain('403')
  })

  it.each(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'])('documents %s', (method) => {
    const { paths } = documentOperations({ openapi: '3.1.0', paths: { '/a': { [method]: {} } } }, (operation) =>
      operation.method === method.toUpperCase() ? [PUBLIC] : undefined,
    )
    expect(paths['/a'][method]).toEqual({ security: [] })
  })

  it('keeps what the document has: other fields, components and the responses of an operation', () => {
    const { paths, components } = documented([{}])
    expect(paths['/money'].summary).toBe('Money')
    expect(paths['/money'].get.responses).toMatchObject({ 200: {}, 401: refusal })
    expect(Object.keys(components.schemas)).toEqual(['Money', 'Problem', 'AuthProblem'])
    expect(Object.keys(components.securitySchemes)).toEqual(['basic', 'sessionToken'])
  })

  it.each([
    { paths: null },
    { paths: { '/money': null } },
    { paths: { '/money': { get: null } } },
    { paths: { '/money': { $ref: '#/components/pathItems/money' } } },
  ])('leaves alone what is not an operation: %j', (parts) => {
    const given = { openapi: '3.1.0', ...parts }
    expect(documentOperations(given, () => [guardDescription({})])).toEqual({ ...given, paths: parts.paths ?? {} })
  })

  it('adds components where their key has no value', () => {
    const given = { openapi: '3.1.0', paths: { '/money': { get: {} } }, components: null }
    const { components } = documentOperations<object>(given, () => [guardDescription({})]) as Completed
    expect(Object.keys(components.securitySchemes)).toEqual(['sessionToken'])
  })

  it('does not change the given document', () => {
    const before = structuredClone(document)
    documented([{}])
    expect(document).toEqual(before)
  })

  it('documents only the kinds of token that can meet all guards', () => {
    const { get } = documented([{ acceptsToken: 'any' }, { acceptsToken: ['api_key', 'session_token'] }]).paths[
      '/money'
    ]
    expect(get.security).toEqual([{ apiKey: [] }, { sessionToken: [] }])
  })

  it('leaves out a kind of token that can never meet the requirement', () => {
    const { get } = documented([{ acceptsToken: ['session_token', 'api_key'], scope: 'read' }]).paths['/money']
    expect(get.security).toEqual([{ apiKey: [] }])
  })

  it('asks for the scopes of all guards', () => {
    const guards = [
      { acceptsToken: 'oauth_token', scope: 'write' },
      [{ acceptsToken: 'any', scope: ['read', 'write'] }],
    ]
    const { get } = documented(guards as Requirements[], { issuer: 'https://clerk.example.com' }).paths['/money']
    expect(get.security).toEqual([{ oauthToken: ['read', 'write'] }])
  })

  it('documents OAuth tokens as bearer tokens, without scopes, if the issuer is not given', () => {
    const { paths, components } = documented([{ acceptsToken: 'oauth_token', scope: 'read' }])
    expect(paths['/money'].get.security).toEqual([{ oauthToken: [] }])
    expect(components.securitySchemes).toMatchObject({ oauthToken: { type: 'http', scheme: 'bearer' } })
  })

  it('documents a 403 if only one of several requirements can cause it', () => {
    const { get } = documented([[{ acceptsToken: 'api_key' }, { role: 'org:admin' }]]).paths['/money']
    expect(Object.keys(get.responses)).toContain('403')
  })

  it('refuses guards that no caller can meet: an empty list would say that the operation is public', () => {
    expect(typeErrorOf(() => documented([{}, { acceptsToken: 'm2m_token' }]))).toBe(
      'no caller can meet all guards of GET /money',
    )
  })

  it.each([{ swagger: '2.0', paths: {} }, { openapi: '2.0', paths: {} }, { paths: {} }])('refuses %j', (other) => {
    expect(typeErrorOf(() => documentOperations(other, () => [PUBLIC]))).toMatch(/only in OpenAPI 3/)
  })

  it('refuses an issuer that is not a URL', () => {
    expect(typeErrorOf(() => documented([{}], { issuer: 'clerk.example.com' }))).toMatch(/option "issuer" must be/)
  })
})

describe('documentRoutes', () => {
  const paths = { '/money/{id}': { get: {} } }
  const securityIf = (guardsAt: (method: string, path: string) => readonly Description[] | undefined) =>
    (documentRoutes({ openapi: '3.1.0', paths }, guardsAt).paths['/money/{id}'].get as { security?: unknown }).security

  it('asks what requests with different values meet, and documents the most guards', () => {
    const guard = guardDescription({})
    expect(securityIf((_, path) => (path === '/money/4217' ? [guard] : [PUBLIC]))).toEqual([{ sessionToken: [] }])
    expect(securityIf((_, path) => (path === '/money/4217' ? [PUBLIC] : undefined))).toEqual([])
    expect(securityIf(() => undefined)).toBeUndefined()
  })

  it('asks with a word, a number and a UUID', () => {
    const asked: string[] = []
    securityIf((_, path) => void asked.push(path))
    expect(asked).toEqual(['/money/zq7kx', '/money/4217', '/money/6f9619ff-8b86-4d01-b42d-00cf4fc964ff'])
  })

  it('asks for the method of the operation', () => {
    expect(securityIf((method) => (method === 'GET' ? [PUBLIC] : undefined))).toEqual([])
  })
})

describe('guardInWords', () => {
  it.each<[Requirements<any>, string]>([
    [{}, 'signed in'],
    [
      { role: ['org:admin', 'org:owner'], org: true },
      'signed in, an active organization, role org:admin or org:owner in the active organization',
    ],
    [{ permission: ['a:b', 'c:d'], fresh: true }, 'signed in, permission a:b and c:d, confirmed by Clerk'],
    [
      { org: () => 'org_2a', check: () => true },
      'signed in, the organization of the request, a check of the application',
    ],
    [
      { reverification: { level: 'first_factor', afterMinutes: 10 }, impersonation: 'deny' },
      'signed in, not impersonated, verified recently (first_factor in the last 10 minutes)',
    ],
    [
      { reverification: 'strict', feature: 'export', plan: 'org:pro' },
      'signed in, feature export, plan org:pro, verified recently (strict)',
    ],
    [
      [
        { acceptsToken: ['oauth_token', 'api_key'], scope: ['read', 'write'] },
        { acceptsToken: 'm2m_token', machine: 'mch_2a' },
        { acceptsToken: 'oauth_token', client: ['a', 'b'] },
      ],
      'OAuth token or API key, scope read and write, or M2M token, machine mch_2a, or OAuth token, client a or b',
    ],
  ])('%j', (requirement, words) => {
    expect(guardInWords(guardDescription(requirement))).toBe(words)
  })
})
