import { createPrivateKey } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { codeOf } from '../../packages/core/test/fixtures-tokens.js'
import { both, onBoth, type Core } from './implementations.js'
import * as rfc7517 from './rfc7517.js'
import { A2, A3, A4 } from './rfc7515.js'
import { BILBO_EC, BILBO_RSA } from './rfc7520.js'
import { ED25519, ED25519_THUMBPRINT } from './rfc8037.js'
import { KID, tokenOf } from './tokens.js'
import { FORGED, UNSUITABLE, VALID, verdictsOn } from './verdicts.js'

const { PUBLIC_EC, PUBLIC_RSA, PRIVATE_EC, PRIVATE_RSA } = rfc7517

/** By `kid`: the algorithms that a key of a set verifies, or the code with which its tokens are refused. */
async function contentsOf({ importKeySet, keyOf }: Core, jwks: object) {
  const set = await importKeySet(jwks)
  if (typeof set === 'string') return set
  return [...set.keys()].map((kid) => {
    const code = codeOf(() => keyOf(set, kid))
    return [kid, code ?? [...(keyOf(set, kid)?.verifiers.keys() ?? [])]]
  })
}

describe('RFC 7517 appendix A.1 › public keys', () => {
  test('the key for encryption is not used, and the other only with its own algorithm', async () => {
    expect(await onBoth((core) => contentsOf(core, rfc7517.PUBLIC_KEYS))).toEqual(
      both([
        ['1', 'jwk-unsuitable'],
        ['2011-04-29', ['RS256']],
      ]),
    )
  })

  test('the key for encryption is a valid key apart from its use', async () => {
    const { use: _use, ...key } = PUBLIC_EC
    expect(await onBoth((core) => contentsOf(core, { keys: [key] }))).toEqual(both([['1', ['ES256']]]))
  })
})

describe('RFC 7517 appendix A.2 › private keys', () => {
  const ecKey = createPrivateKey({ key: PRIVATE_EC, format: 'jwk' })
  const rsaKey = createPrivateKey({ key: PRIVATE_RSA, format: 'jwk' })

  test('are treated like their public members', async () => {
    expect(await onBoth((core) => contentsOf(core, rfc7517.PRIVATE_KEYS))).toEqual(
      await onBoth((core) => contentsOf(core, rfc7517.PUBLIC_KEYS)),
    )
    const thumbprints = await onBoth(async ({ importJwk }) => [
      (await importJwk(PRIVATE_RSA))?.thumbprint,
      (await importJwk(PUBLIC_RSA))?.thumbprint,
    ])
    for (const [ofPrivate, ofPublic] of Object.values(thumbprints)) expect(ofPrivate).toBe(ofPublic)
  })

  test.each([
    ['private', PRIVATE_RSA],
    ['public', PUBLIC_RSA],
  ])('the %s key of the set verifies what its private key signs', async (_name, jwk) => {
    expect(await verdictsOn(jwk, tokenOf('RS256', rsaKey))).toEqual(VALID)
    expect(await verdictsOn(jwk, tokenOf('RS384', rsaKey))).toEqual(UNSUITABLE)
  })

  test('what the key for encryption signs is not verified', async () => {
    const { use: _use, ...key } = PRIVATE_EC
    const token = tokenOf('ES256', ecKey)
    expect(await verdictsOn(PRIVATE_EC, token)).toEqual(UNSUITABLE)
    expect(await verdictsOn(key, token)).toEqual(VALID)
  })

  test('a private member that is malformed, or of another key, changes nothing', async () => {
    const token = tokenOf('RS256', rsaKey)
    for (const d of ['', '!', 'AQAB', PRIVATE_EC.d])
      expect(await verdictsOn({ ...PRIVATE_RSA, d }, token), `d = ${d}`).toEqual(VALID)
    expect(await verdictsOn({ ...PRIVATE_RSA, n: A2.jwk['n'] }, token)).toEqual(FORGED)
  })
})

describe('RFC 7517 appendix A.3 › symmetric keys', () => {
  test('the key without a kid is ignored, and tokens that name the other are refused', async () => {
    const [wrapping, hmac] = rfc7517.SYMMETRIC_KEYS.keys
    expect(await onBoth((core) => contentsOf(core, rfc7517.SYMMETRIC_KEYS))).toEqual(
      both([[hmac.kid, 'jwk-unsuitable']]),
    )
    expect(await onBoth((core) => contentsOf(core, { keys: [wrapping] }))).toEqual(both('empty'))
  })

  test('are never used, whatever they declare', async () => {
    const [, hmac] = rfc7517.SYMMETRIC_KEYS.keys
    const rsaKey = createPrivateKey({ key: PRIVATE_RSA, format: 'jwk' })
    for (const more of [{}, { alg: 'RS256' }, { use: 'sig' }, { key_ops: ['verify'] }, { n: PUBLIC_RSA.n, e: 'AQAB' }])
      expect(await verdictsOn({ ...hmac, ...more }, tokenOf('RS256', rsaKey))).toEqual(UNSUITABLE)
  })

  test('do not affect the other keys of the set', async () => {
    const keys = [...rfc7517.SYMMETRIC_KEYS.keys, ...rfc7517.PUBLIC_KEYS.keys, { ...A3.jwk, kid: KID }]
    expect(await onBoth((core) => contentsOf(core, { keys }))).toEqual(
      both([
        [rfc7517.SYMMETRIC_KEYS.keys[1].kid, 'jwk-unsuitable'],
        ['1', 'jwk-unsuitable'],
        ['2011-04-29', ['RS256']],
        [KID, ['ES256']],
      ]),
    )
  })
})

describe('thumbprints (RFC 7638)', () => {
  const thumbprintOf = (jwk: object) => onBoth(async ({ importJwk }) => (await importJwk(jwk))?.thumbprint)
  const hex = (base64url: string) => Buffer.from(base64url, 'base64url').toString('hex')

  test('RFC 7638 section 3.1: an RSA key', async () => {
    expect(await thumbprintOf(PUBLIC_RSA)).toEqual(both(hex(rfc7517.RSA_THUMBPRINT)))
  })

  test('RFC 8037 appendix A.3: an Ed25519 key', async () => {
    expect(await thumbprintOf(ED25519.jwk)).toEqual(both(hex(ED25519_THUMBPRINT)))
  })

  test('all published keys have different thumbprints', async () => {
    const keys = [PUBLIC_RSA, A2.jwk, A3.jwk, A4.jwk, BILBO_RSA, BILBO_EC, ED25519.jwk]
    const prints = await Promise.all(keys.map(thumbprintOf))
    expect(new Set(prints.map(({ node }) => node)).size).toBe(keys.length)
    expect(new Set(prints.map(({ web }) => web)).size).toBe(keys.length)
  })
})
