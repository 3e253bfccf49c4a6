import { generateKeyPairSync } from 'node:crypto'
import { afterAll, describe, expect, it } from 'vitest'
import { BAD, badKeys, goodByHand, hmacToken, signedBy } from './bad-keys.js'
import { CANARY, json, startIssuer, stopIssuers } from './issuer.js'
import { good, key, startApiOf } from './key-set-outage.js'
import { p256, signer, signingInput } from './signer.js'
import { watchTheProcess } from './watch.js'

watchTheProcess()
afterAll(stopIssuers)

async function startApiWith(...keys: readonly unknown[]) {
  const issuer = await startIssuer({ good: () => JSON.stringify({ keys, note: CANARY }) })
  return startApiOf(issuer, 60_000)
}

const UNSUITABLE = [401, 'jwk-unsuitable']
const UNKNOWN = [401, 'jwk-kid-mismatch']
const INVALID_ALGORITHM = [401, 'token-invalid-algorithm']

describe('a key of an issuer that', () => {
  it.each(badKeys)('%s accepts no token, and does not affect other keys', async (_name, jwk, token) => {
    const api = await startApiWith({ ...jwk, kid: BAD }, key.jwk)
    expect(await api.ask(token)).toEqual(UNSUITABLE)
    expect(await api.ask(good)).toEqual([200])
    expect(await api.ask(signer('made_up').token())).toEqual(UNKNOWN)
    expect(api.events).toContainEqual(expect.objectContaining({ type: 'keys-fetched', keys: 1, unsuitable: 1 }))
  })

  it.each(badKeys)('%s accepts no token if there is no other key', async (_name, jwk, token) => {
    expect(await (await startApiWith({ ...jwk, kid: BAD })).ask(token)).toEqual(UNSUITABLE)
  })
})

describe('a key of an issuer', () => {
  it('may be RSA with an exponent of 3: the bad keys are not refused for how they were made', async () => {
    const input = signingInput({ alg: 'RS256', kid: BAD })
    const api = await startApiWith({ ...goodByHand.jwk, kid: BAD })
    expect(await api.ask(`${input}.${goodByHand.sign(input).toString('base64url')}`)).toEqual([200])
  })

  it('that is published with its private half is used as its public half', async () => {
    for (const [pair, alg] of [
      [p256(), 'ES256'],
      [generateKeyPairSync('ed25519'), 'EdDSA'],
      [generateKeyPairSync('rsa', { modulusLength: 2048 }), 'RS256'],
    ] as const) {
      const api = await startApiWith({ ...pair.privateKey.export({ format: 'jwk' }), kid: BAD })
      expect(await api.ask(signedBy(pair, alg))).toEqual([200])
    }
  })

  it('that is symmetric verifies no HMAC', async () => {
    const secret = Buffer.alloc(32, 1)
    const jwk = { kty: 'oct', k: secret.toString('base64url'), kid: BAD }
    for (const members of [{}, { alg: 'HS256' }, { alg: 'ES256' }])
      expect(await (await startApiWith({ ...jwk, ...members })).ask(hmacToken(secret))).toEqual(INVALID_ALGORITHM)
  })

  it('that is public is not used as an HMAC secret', async () => {
    const pair = p256()
    const { x, y } = pair.publicKey.export({ format: 'jwk' })
    const secrets = [
      pair.publicKey.export({ format: 'pem', type: 'spki' }),
      pair.publicKey.export({ format: 'der', type: 'spki' }),
      Buffer.concat([Buffer.from(x!, 'base64url'), Buffer.from(y!, 'base64url')]),
      JSON.stringify({ ...pair.publicKey.export({ format: 'jwk' }), kid: BAD }),
    ]
    const api = await startApiWith({ ...pair.publicKey.export({ format: 'jwk' }), kid: BAD })
    for (const secret of secrets) expect(await api.ask(hmacToken(Buffer.from(secret)))).toEqual(INVALID_ALGORITHM)
  })
})

const one = p256()
const other = p256()
const jwkOf = (pair: typeof one, members: object = {}) => ({ ...signer(BAD, pair).jwk, ...members })

describe('the kid of a key', () => {
  it.each([
    ['the same key', [jwkOf(one), jwkOf(one)], [200]],
    ['the same key with other members', [jwkOf(one), jwkOf(one, { alg: 'ES256', x5c: ['MIIB'] })], [200]],
    ['another key', [jwkOf(one), jwkOf(other)], UNSUITABLE],
    ['another key before it', [jwkOf(other), jwkOf(one)], UNSUITABLE],
    ['the same key twice, with another key between', [jwkOf(one), jwkOf(other), jwkOf(one)], UNSUITABLE],
    ['the same key, then another', [jwkOf(one), jwkOf(one), jwkOf(other)], UNSUITABLE],
    ['a key that is not for verification', [jwkOf(one), jwkOf(other, { use: 'enc' })], UNSUITABLE],
    ['the same key with another use', [jwkOf(one), jwkOf(one, { use: 'enc' })], UNSUITABLE],
    ['a symmetric key', [{ kty: 'oct', k: 'AAAA', kid: BAD }, jwkOf(one)], UNSUITABLE],
  ])('may also be that of %s', async (_name, keys, answer) => {
    const api = await startApiWith(...keys, key.jwk)
    expect(await api.ask(signedBy(one))).toEqual(answer)
    expect(await api.ask(good)).toEqual([200])
    if (answer !== UNSUITABLE) return
    expect(await api.ask(signedBy(other))).toEqual(UNSUITABLE)
  })

  it.each([undefined, '', 1, null, ['bad'], { bad: 1 }, true, 'x'.repeat(129)])(
    'is invalid if it is %j: the key is ignored',
    async (kid) => {
      const api = await startApiWith(jwkOf(one, { kid }), key.jwk)
      expect(await api.ask(good)).toEqual([200])
      expect(await api.ask(signedBy(one))).toEqual(UNKNOWN)
      expect(await api.ask(key.token({}, { kid: undefined }))).toEqual([200])
      expect(await api.ask(signer(BAD, one).token({}, { kid: undefined }))).toEqual([401, 'token-invalid-signature'])
    },
  )

  it.each([
    '__proto__',
    'constructor',
    'toString',
    'keys',
    ' ',
    '../../etc/passwd',
    "' OR 1=1",
    'ключ',
    'x'.repeat(128),
  ])('may be %j', async (kid) => {
    const named = signer(kid, one)
    expect(await (await startApiWith(key.jwk)).ask(named.token())).toEqual(UNKNOWN)
    expect(await (await startApiWith(key.jwk, named.jwk)).ask(named.token())).toEqual([200])
  })
})

describe('a key set', () => {
  it('may contain entries that are not keys: they are ignored', async () => {
    const api = await startApiWith(null, 1, 'x', {}, [], true, [key.jwk], { kid: {} }, key.jwk, null)
    expect(await api.ask(good)).toEqual([200])
    expect(api.events).toContainEqual(expect.objectContaining({ type: 'keys-fetched', keys: 1, unsuitable: 0 }))
  })

  it('may contain one valid key among 63 bad ones', async () => {
    const bad = Array.from({ length: 63 }, (_, i) => ({ ...badKeys[i % badKeys.length]![1], kid: `bad_${i}` }))
    const api = await startApiWith(...bad, key.jwk)
    expect(await api.ask(good)).toEqual([200])
    expect(api.events).toContainEqual(expect.objectContaining({ type: 'keys-fetched', keys: 1, unsuitable: 63 }))
  })

  it('of only bad keys does not replace a valid one', async () => {
    const issuer = await startIssuer({ good: () => JSON.stringify({ keys: [key.jwk] }) })
    const api = startApiOf(issuer, 60_000)
    expect(await api.ask(good)).toEqual([200])
    issuer.answer(({ response }) =>
      json(response, 200, {
        keys: [
          { ...key.jwk, use: 'enc' },
          { kty: 'oct', kid: BAD },
        ],
      }),
    )
    api.advance(6 * 60_000)
    expect(await api.ask(good)).toEqual([200])
    expect(issuer.asked).toHaveLength(2)
    expect(await api.ask(signedBy(one))).toEqual([503, 'keys-unavailable', expect.any(Number)])
  })
})
