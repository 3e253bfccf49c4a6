import { describe, expect, it } from 'vitest'
import { guardDescription, PUBLIC } from '../src/guard/description.js'
import { guardInWords } from '../src/guard/in-words.js'
import type { Requirements } from '../src/guard/requirement.js'
import { documentOperations, type DocumentOptions } from '../src/openapi/index.js'
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
