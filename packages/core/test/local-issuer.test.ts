import { describe, expect, it, vi } from 'vitest'
import { checkLocalIssuer, isLocalIssuer, isLocalKid, isLoopback } from '../src/token/local-issuer.js'
import { codeOf, warningsOf } from './fixtures-tokens.js'

const REAL = 'https://clerk.example.com'
const LOCAL = 'http://127.0.0.1:4010'

it.each([
  ['localhost', true],
  ['127.0.0.1', true],
  ['127.255.255.254', true],
  ['[::1]', true],
  ['127.0.0.1.example', false],
  ['localhost.example', false],
  ['x127.0.0.1', false],
  ['128.0.0.1', false],
  ['0.0.0.0', false],
  ['clerk.example.com', false],
  ['', false],
])('isLoopback of %j is %j', (hostname, expected) => {
  expect(isLoopback(hostname)).toBe(expected)
})

it.each([
  [LOCAL, true],
  ['https://LOCALHOST/x', true],
  ['https://127.1', true], // 127.0.0.1, as URLs normalize it
  ['https://0x7f000001', true],
  ['https://127.0.0.1@clerk.example.com', false],
  ['https://clerk.example.com/127.0.0.1', false],
  [REAL, false],
  ['127.0.0.1', false],
  ['not a URL', false],
])('isLocalIssuer of %j is %j', (issuer, expected) => {
  expect(isLocalIssuer(issuer)).toBe(expected)
})

it.each([
  ['ins_local', true],
  ['ins_local_2a', true],
  ['ins_2a', false],
  ['x_ins_local', false],
  [undefined, false],
])('isLocalKid of %j is %j', (kid, expected) => {
  expect(isLocalKid(kid)).toBe(expected)
})

describe('checkLocalIssuer', () => {
  it.each([
    ['by its issuer', 'ins_2a', LOCAL],
    ['by its kid', 'ins_local_2a', REAL],
    ['without a kid', undefined, LOCAL],
  ])('refuses a token that is local %s as token-invalid-issuer', (_, kid, issuer) => {
    expect(codeOf(() => checkLocalIssuer('refuse', kid, issuer))).toBe('token-invalid-issuer')
    expect(codeOf(() => checkLocalIssuer('warn', kid, issuer))).toBeUndefined()
    expect(codeOf(() => checkLocalIssuer('allow', kid, issuer))).toBeUndefined()
  })

  it.each(['ins_2a', undefined])('accepts the token of a real instance: kid %j', (kid) => {
    expect(codeOf(() => checkLocalIssuer('refuse', kid, REAL))).toBeUndefined()
  })

  it('warns once per process, and only of local tokens', async () => {
    vi.resetModules()
    const fresh = await import('../src/token/local-issuer.js')
    const before = await warningsOf(() => {
      fresh.checkLocalIssuer('warn', 'ins_2a', REAL)
      fresh.checkLocalIssuer('allow', 'ins_local_2a', LOCAL)
    })
    const codes: unknown[] = []
    process.once('warning', (warning) => codes.push('code' in warning && warning.code))
    const after = await warningsOf(() => {
      fresh.checkLocalIssuer('warn', 'ins_local_2a', REAL)
      fresh.checkLocalIssuer('warn', 'ins_2a', LOCAL)
    })
    expect(before).toEqual([])
    expect(after).toEqual([expect.stringMatching(/^Tokens of a local Clerk instance are accepted/)])
    expect(codes).toEqual(['CLERK_AUTH_LOCAL_ISSUER'])
  })
})
