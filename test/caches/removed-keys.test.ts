import { generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { issuerKey, MINUTE, NOW, publicJwkOf, SECOND, sessionClaims, turn } from '../../packages/core/test/fixtures.js'
import { JWTS } from './callers.js'
import { KEY, OTHER_KEY, startInstance } from './instance.js'

const LIVES_AN_HOUR = { exp: NOW / SECOND + 3600 }
const PAST_FRESHNESS = 5 * MINUTE

describe.each(JWTS)('%s that is cached', (_name, { token, tokenType }) => {
  const changes: [what: string, keys: readonly unknown[], code: string][] = [
    ['is removed', [OTHER_KEY.jwk], 'jwk-kid-mismatch'],
    ['is replaced under the same kid', [issuerKey(KEY.kid).jwk], 'token-invalid-signature'],
    ['is renamed', [{ ...KEY.jwk, kid: 'key_9' }], 'jwk-kid-mismatch'],
    ['shares its kid with another one', [KEY.jwk, issuerKey(KEY.kid).jwk, OTHER_KEY.jwk], 'jwk-unsuitable'],
    ['is now for encryption', [{ ...KEY.jwk, use: 'enc' }, OTHER_KEY.jwk], 'jwk-unsuitable'],
  ]

  test.each(changes)('is refused once its key %s', async (_what, keys, code) => {
    const { clerk, issuer, advance, outcomeOf } = startInstance()
    expect(await outcomeOf(token)).toBe('passed')
    issuer.publish(keys)
    advance(PAST_FRESHNESS)
    expect(await outcomeOf(token)).toBe(code)
    const auth = await clerk.authenticate(
      { headers: { authorization: `Bearer ${token}` } },
      { acceptsToken: tokenType },
    )
    expect(auth).toMatchObject({ isAuthenticated: false, error: { code, tokenType } })
  })

  test('is accepted again once the same key is back under its kid', async () => {
    const { clerk, issuer, advance, outcomeOf } = startInstance()
    const verify = () => clerk.verifyToken(token, { acceptsToken: tokenType })
    const auth = await verify()
    issuer.publish([OTHER_KEY.jwk])
    advance(PAST_FRESHNESS)
    expect(await outcomeOf(token)).toBe('jwk-kid-mismatch')
    issuer.publish([KEY.jwk])
    advance(PAST_FRESHNESS)
    expect(JSON.stringify(await verify())).toBe(JSON.stringify(auth))
  })
})

describe('a token that is being verified', () => {
  // It is verified off the event loop, so the key set can change meanwhile.
  const slow = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  const slowJwk = { ...publicJwkOf(slow.privateKey), kid: 'slow' }
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const input = `${part({ alg: 'ES384', kid: 'slow' })}.${part({ ...sessionClaims(), ...LIVES_AN_HOUR })}`
  const signature = sign('sha384', Buffer.from(input), { key: slow.privateKey, dsaEncoding: 'ieee-p1363' })
  const token = `${input}.${signature.toString('base64url')}`

  test('while its key is removed is refused, although its signature is valid', async () => {
    const { clerk, issuer, advance, outcomeOf } = startInstance()
    issuer.publish([slowJwk])
    await clerk.warmUp()
    const underWay = outcomeOf(token)
    issuer.publish([OTHER_KEY.jwk])
    advance(PAST_FRESHNESS)
    expect(await outcomeOf(OTHER_KEY.token(LIVES_AN_HOUR))).toBe('passed')
    await underWay
    for (let i = 0; i < 3; i++) expect(await outcomeOf(token)).toBe('jwk-kid-mismatch')
  })

  test('while everything is forgotten is cached, and its key is still checked', async () => {
    const { clerk, issuer, advance, outcomeOf } = startInstance()
    issuer.publish([slowJwk])
    await clerk.warmUp()
    const underWay = outcomeOf(token)
    clerk.forget('all')
    expect(await underWay).toBe('passed')
    issuer.publish([OTHER_KEY.jwk])
    advance(PAST_FRESHNESS)
    expect(await outcomeOf(token)).toBe('jwk-kid-mismatch')
  })
})

describe('a cached token whose key has to be fetched again', () => {
  const shortLived = KEY.token({ exp: (NOW + PAST_FRESHNESS) / SECOND })

  test('is refused if it expires while it waits for the fetch', async () => {
    const { issuer, advance, outcomeOf } = startInstance()
    expect(await outcomeOf(shortLived)).toBe('passed')
    advance(PAST_FRESHNESS)
    const release = issuer.hold()
    const waiting = outcomeOf(shortLived)
    await turn()
    advance(5 * SECOND)
    release()
    expect(await waiting).toBe('token-expired')
  })

  test('is refused for all waiting callers if the fetch returns a set without its key', async () => {
    const { issuer, advance, outcomeOf } = startInstance()
    const tokens = JWTS.map(([, { token }]) => token)
    for (const token of tokens) expect(await outcomeOf(token)).toBe('passed')
    advance(PAST_FRESHNESS)
    issuer.publish([OTHER_KEY.jwk])
    const release = issuer.hold()
    const waiting = Promise.all(Array.from({ length: 100 }, (_, i) => outcomeOf(tokens[i % tokens.length]!)))
    await turn()
    release()
    expect(new Set(await waiting)).toEqual(new Set(['jwk-kid-mismatch']))
    expect(issuer.calls).toBeLessThanOrEqual(3)
  })
})

describe('keys of the configuration', () => {
  test.each([
    ['jwks', { jwks: { keys: [{ ...KEY.jwk }] } }],
    ['jwtKey', { jwtKey: JSON.stringify(KEY.jwk) }],
  ] as const)('from %s are those at startup, even if the option object is changed', async (_name, options) => {
    const given: { jwks?: { keys: object[] }; jwtKey?: string } = structuredClone(options) as never
    const { outcomeOf, issuer } = startInstance(given)
    expect(await outcomeOf(KEY.token(LIVES_AN_HOUR))).toBe('passed')
    Object.assign(given.jwks?.keys[0] ?? given, OTHER_KEY.jwk, { jwtKey: JSON.stringify(OTHER_KEY.jwk) })
    given.jwks?.keys.push(OTHER_KEY.jwk)
    expect(await outcomeOf(KEY.token({ ...LIVES_AN_HOUR, sub: 'user_bob' }))).toBe('passed')
    expect(await outcomeOf(OTHER_KEY.token(LIVES_AN_HOUR))).toMatch(/^(jwk-kid-mismatch|token-invalid-signature)$/)
    expect(issuer.calls).toBe(0)
  })
})
