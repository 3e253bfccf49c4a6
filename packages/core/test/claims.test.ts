import { describe, expect, it } from 'vitest'
import { checkClaims, stringClaim, type ClaimRules } from '../src/token/claims.js'
import type { JsonObject } from '../src/support/json.js'
import { codeOf, NOW, sessionClaims } from './fixtures-tokens.js'

const SECONDS = NOW / 1000
const SKEW = 5000
const RULES: ClaimRules = { missingAzp: 'reject', clockSkewInMs: SKEW }

function check(claims: object, rules: Partial<ClaimRules> = {}, now = NOW): number {
  return checkClaims(sessionClaims(claims as JsonObject) as JsonObject, { ...RULES, ...rules }, now)
}
const refusalOf = (...args: Parameters<typeof check>) => codeOf(() => check(...args))

describe('checkClaims', () => {
  it.each([
    ['an integer', SECONDS + 60, NOW + 60_000],
    ['a fraction, which is dropped', SECONDS + 60.9, NOW + 60_000],
    ['the largest Date', 8.64e12, 8.64e15],
  ])('returns exp in milliseconds: %s', (_, exp, expected) => {
    expect(check({ exp })).toBe(expected)
  })

  const noDates = [null, '9e9', `${SECONDS}`, true, [SECONDS], {}, Infinity, -Infinity, 1e300, 8.64e12 + 1, 0, 0.9, -1]
  it.each(noDates)('refuses %j as exp, iat or nbf as token-claim-invalid', (value) => {
    for (const name of ['exp', 'iat', 'nbf'])
      expect([name, refusalOf({ [name]: value })]).toEqual([name, 'token-claim-invalid'])
  })

  it('requires exp and iss, but not iat and nbf', () => {
    for (const name of ['exp', 'iss'])
      expect([name, refusalOf({ [name]: undefined })]).toEqual([name, 'token-claim-invalid'])
    for (const name of ['iat', 'nbf']) expect([name, refusalOf({ [name]: undefined })]).toEqual([name, undefined])
  })

  it.each([
    ['exp before iat', { iat: SECONDS, exp: SECONDS - 1 }, 'token-claim-invalid'],
    ['exp at iat', { iat: SECONDS, exp: SECONDS }, undefined],
    ['nbf after exp', { nbf: SECONDS + 2, exp: SECONDS + 1 }, 'token-claim-invalid'],
    ['nbf at exp', { nbf: SECONDS + 1, exp: SECONDS + 1 }, undefined],
  ])('compares the times with each other: %s', (_, claims, code) => {
    expect(refusalOf(claims)).toBe(code)
  })

  const at = (ms: number) => NOW + ms
  it.each([
    ['exp', { exp: SECONDS, iat: SECONDS - 60 }, at(SKEW - 1), undefined],
    ['exp', { exp: SECONDS, iat: SECONDS - 60 }, at(SKEW), 'token-expired'],
    ['nbf', { nbf: SECONDS, iat: SECONDS - 60 }, at(-SKEW), undefined],
    ['nbf', { nbf: SECONDS, iat: SECONDS - 60 }, at(-SKEW - 1), 'token-not-active-yet'],
    ['iat', { nbf: undefined, iat: SECONDS }, at(-SKEW), undefined],
    ['iat', { nbf: undefined, iat: SECONDS }, at(-SKEW - 1), 'token-iat-in-the-future'],
  ])('allows the clock skew, exact to the millisecond: %s %j at %i', (_, claims, now, code) => {
    expect(refusalOf(claims, {}, now)).toBe(code)
  })

  it('allows no skew if the clock skew is 0', () => {
    expect(refusalOf({ exp: SECONDS, iat: SECONDS - 60 }, { clockSkewInMs: 0 }, NOW)).toBe('token-expired')
    expect(refusalOf({ exp: SECONDS, iat: SECONDS - 60 }, { clockSkewInMs: 0 }, NOW - 1)).toBeUndefined()
  })

  it('refuses every token if the clock returns NaN', () => {
    expect(refusalOf({}, {}, Number.NaN)).toBe('token-expired')
  })

  const issuers = ['https://clerk.example.com', 'https://other.example.com']
  it.each([
    ['https://clerk.example.com', undefined],
    ['https://other.example.com', undefined],
    ['https://clerk.example.com/', 'token-invalid-issuer'],
    ['https://CLERK.example.com', 'token-invalid-issuer'],
    ['http://clerk.example.com', 'token-invalid-issuer'],
    ['https://clerk.example.com.evil.example', 'token-invalid-issuer'],
    ['clerk.example.com', 'token-invalid-issuer'],
    ['https://clerk.example.com@evil.example', 'token-invalid-issuer'],
    [' https://clerk.example.com', 'token-invalid-issuer'],
    [['https://evil.example', 'https://clerk.example.com'], 'token-claim-invalid'],
    [{}, 'token-claim-invalid'],
    ['', 'token-claim-invalid'],
  ])('compares iss exactly: %j', (iss, code) => {
    expect(refusalOf({ iss }, { issuers })).toBe(code)
    expect(refusalOf({ iss })).toBe(code === 'token-claim-invalid' ? code : undefined)
  })

  const audiences = ['api', 'other']
  it.each(['api', 'other', ['api'], ['x', 'api']])('accepts the aud %j', (aud) => {
    expect(refusalOf({ aud }, { audiences })).toBeUndefined()
  })

  it.each([
    undefined,
    null,
    '',
    [],
    {},
    [1, 'api'],
    ['api', ''],
    [['api']],
    'api,other',
    'API',
    'api ',
    'apix',
    ['x'],
    1,
  ])('refuses the aud %j if audiences are configured, and only then', (aud) => {
    expect(refusalOf({ aud }, { audiences })).toBe('token-invalid-audience')
    expect(refusalOf({ aud })).toBeUndefined()
  })

  const authorizedParties = ['https://app.example.com', 'https://b.example.com']
  it.each(authorizedParties)('accepts the azp %s', (azp) => {
    expect(refusalOf({ azp }, { authorizedParties })).toBeUndefined()
  })

  it.each([null, '', 'https://app.example.com/', 'https://evil.example', ['https://app.example.com'], 1])(
    'refuses the azp %j if authorized parties are configured, and only then',
    (azp) => {
      for (const missingAzp of ['reject', 'allow'] as const)
        expect(refusalOf({ azp }, { authorizedParties, missingAzp })).toBe('token-invalid-authorized-parties')
      expect(refusalOf({ azp })).toBeUndefined()
    },
  )

  it('refuses a token without azp, unless missingAzp allows it', () => {
    expect(refusalOf({}, { authorizedParties })).toBe('token-invalid-authorized-parties')
    expect(refusalOf({}, { authorizedParties, missingAzp: 'allow' })).toBeUndefined()
  })

  it('names the claim in the message, but not its value', () => {
    expect(() => check({ exp: 'secret!' })).toThrow('claim "exp" is missing or not a NumericDate')
    expect(() => check({ iss: ['secret!'] })).toThrow('claim "iss" is missing or not a string')
    for (const claims of [{ iss: 'secret!' }, { aud: 'secret!' }, { azp: 'secret!' }])
      expect(() => check(claims, { issuers, audiences: ['api'], authorizedParties })).toThrow(/^(?!.*secret!)/)
  })
})

describe('stringClaim', () => {
  it.each([undefined, null, '', 1, true, ['user_2a'], {}])('refuses %j as token-claim-invalid', (sub) => {
    expect(codeOf(() => stringClaim({ sub }, 'sub'))).toBe('token-claim-invalid')
  })

  it('returns a string unchanged', () => {
    expect(stringClaim({ sub: ' user_2a ' }, 'sub')).toBe(' user_2a ')
  })
})
