import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { readJwtKey } from '../src/keys/jwt-key.js'
import type { VerificationKey } from '../src/keys/jwk.js'
import { exported, typeErrorOf } from './fixtures-tokens.js'

const { pem, privatePem, jwk, privateJwk } = await exported('RS256')
const lines = pem.split('\n')
const base64 = lines.slice(1, -1).join('')
const expected = (readJwtKey(JSON.stringify(jwk)) as VerificationKey).thumbprint

describe('readJwtKey', () => {
  it.each([
    ['PEM', pem],
    ['PEM surrounded by whitespace', `\n  ${pem}\n\n`],
    ['PEM with CRLF', lines.join('\r\n')],
    ['PEM with escaped line breaks', lines.join('\\n')],
    ['PEM with escaped CRLF', lines.join('\\r\\n')],
    ['PEM in one line, with spaces', lines.join(' ')],
    ['PEM in one line, without spaces', lines.join('')],
    ['PEM in double quotes', `"${lines.join('\\n')}"`],
    ['PEM in single quotes', `'${pem}'`],
    ['bare base64', base64],
    ['bare base64 with line breaks', lines.slice(1, -1).join('\n')],
    ['bare base64 in quotes', `"${base64}"`],
    ['a JWK', JSON.stringify(jwk)],
    ['a JWK with whitespace and other members', ` ${JSON.stringify({ ...jwk, kid: 'a', use: 'sig' }, null, 2)}\n`],
  ])('reads %s', (_, text) => {
    expect(readJwtKey(text)).toMatchObject({ thumbprint: expected })
  })

  it.each(['RS256', 'ES256', 'ES384', 'ES512', 'EdDSA'])('reads a key for %s, in either form', async (algorithm) => {
    const { pem, jwk } = await exported(algorithm)
    for (const text of [pem, JSON.stringify(jwk)])
      expect([...(readJwtKey(text) as VerificationKey).verifiers.keys()]).toContain(algorithm)
  })

  const privateKey = 'option "jwtKey" is a private key: use the public one'
  const noKey = 'option "jwtKey" is not a public key: use PEM (BEGIN PUBLIC KEY), the base64 in it, or a JWK'
  const unsuitable = 'option "jwtKey" is not a usable key: it must be RSA of 2048 to 8192 bits, EC or Ed25519'
  const ofType = (type: string) => pem.replaceAll('PUBLIC KEY', type)
  it.each([
    ['a private key', privatePem, privateKey],
    ['a private key with escaped line breaks', privatePem.replaceAll('\n', '\\n'), privateKey],
    ['a private key in PKCS #1', ofType('RSA PRIVATE KEY'), privateKey],
    ['an encrypted private key', ofType('ENCRYPTED PRIVATE KEY'), privateKey],
    ['a private JWK', JSON.stringify(privateJwk), privateKey],
    ['the base64 of a private key', privatePem.split('\n').slice(1, -2).join(''), noKey],
    ['a public key in PKCS #1', ofType('RSA PUBLIC KEY'), noKey],
    ['a certificate', ofType('CERTIFICATE'), noKey],
    ['truncated PEM', pem.slice(0, -60), noKey],
    ['base64url', base64.replaceAll('+', '-').replaceAll('/', '_').replace(/^/, '_'), noKey],
    ['some text', 'secret!', noKey],
    ['some base64', 'c2VjcmV0', noKey],
    ['broken JSON', '{"kty":"secret!"', noKey],
    ['an empty object', '{}', unsuitable],
    ['a secret', JSON.stringify({ kty: 'oct', k: 'c2VjcmV0' }), unsuitable],
    ['a JWK that is not for signatures', JSON.stringify({ ...jwk, use: 'enc' }), unsuitable],
    ['a set', JSON.stringify({ keys: [jwk] }), unsuitable],
  ])('refuses %s', (_, text, message) => {
    expect(typeErrorOf(() => readJwtKey(text))).toBe(message)
  })

  it.each(['secret!', '{"kty": secret!}', '{"kty":"secret!"', `{"a":"${base64}"`, `${base64}!`])(
    'does not include the key in the error',
    (text) => {
      const shown = thrownBy(() => readJwtKey(text))
      expect(shown).toContain('option "jwtKey"')
      expect(shown).not.toContain('secret!')
      expect(shown).not.toContain(base64.slice(0, 20))
    },
  )
})

function thrownBy(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    return inspect(error)
  }
  return ''
}
