import { describe, expect, test } from 'vitest'
import { checkOpaqueToken, opaqueTypeOf } from '../src/opaque-token.js'
import { codeOf } from './fixtures-tokens.js'

describe('opaqueTypeOf', () => {
  test.each([
    ['mt_0123456789abcdef', 'm2m_token'],
    ['oat_0123456789abcdef', 'oauth_token'],
    ['ak_0123456789abcdef', 'api_key'],
    ['mt_', 'm2m_token'],
    ['ak_live_x', 'api_key'],
  ])('tells the kind of %s by its prefix', (token, tokenType) => {
    expect(opaqueTypeOf(token)).toBe(tokenType)
  })

  test.each([
    '',
    'mt',
    'MT_0123456789abcdef',
    'Ak_x',
    ' mt_x',
    'xmt_x',
    'at_x',
    'oat-x',
    'eyJhbGciOiJub25lIn0.e30.',
    '_',
  ])('takes %j for none', (token) => {
    expect(opaqueTypeOf(token)).toBeUndefined()
  })
})

describe('checkOpaqueToken', () => {
  test.each([
    ['16 characters', `mt_${'x'.repeat(13)}`],
    ['512 characters', `ak_${'x'.repeat(509)}`],
    ['every character that it may have', 'oat_AZaz09-_AZaz09-_'],
  ])('lets %s pass', (_name, token) => {
    expect(codeOf(() => checkOpaqueToken(token))).toBeUndefined()
  })

  test.each([
    ['the prefix alone', 'mt_'],
    ['15 characters', `mt_${'x'.repeat(12)}`],
    ['513 characters', `mt_${'x'.repeat(510)}`],
    ['a dot, as a JWT has', `mt_${'x'.repeat(20)}.y.z`],
    ['a space', `mt_${'x'.repeat(20)} y`],
    ['a line end behind', `mt_${'x'.repeat(20)}\n`],
    ['a line end within', `mt_${'x'.repeat(20)}\nx`],
    ['a NUL', `mt_${'x'.repeat(20)}\0`],
    ['what is not ASCII', `mt_${'x'.repeat(20)}é`],
    ['a quote', `mt_${'x'.repeat(20)}"`],
    ['a slash', `mt_${'x'.repeat(20)}/..`],
    ['a percent sign', `mt_${'x'.repeat(20)}%00`],
    ['padding', `mt_${'x'.repeat(20)}==`],
  ])('refuses %s as token-malformed', (_name, token) => {
    expect(codeOf(() => checkOpaqueToken(token))).toBe('token-malformed')
  })
})
