import type { AcceptsToken, ClerkAuthOptions } from '@clerk-auth/core'
import { describe, expect, test } from 'vitest'
import { ALGORITHMS, type Algorithm } from '../../packages/core/src/crypto/algorithms.js'
import { ISSUER, keyPair } from '../../packages/core/test/fixtures.js'
import { both } from './implementations.js'
import { KID, tokenOf } from './tokens.js'
import { apiWith, outcomesOf } from './verdicts.js'

const NAMES = Object.keys(ALGORITHMS) as Algorithm[]
const PAIRS = {
  RSA: keyPair(2048),
  'P-256': keyPair('P-256'),
  'P-384': keyPair('P-384'),
  'P-521': keyPair('P-521'),
  Ed25519: keyPair('Ed25519'),
}

function apiFor(pair: { readonly publicJwk: object }, options: ClerkAuthOptions = {}, kid = KID) {
  return apiWith({ jwks: { keys: [{ ...pair.publicJwk, kid }] }, ...options })
}

// Valid tokens, each used in the wrong place.
describe('two instances in one process', () => {
  const [one, other] = [keyPair('P-256'), keyPair('P-256')]
  const OTHER_ISSUER = 'https://clerk.other.example.com'
  const ofOne = tokenOf('ES256', one.privateKey)
  const ofOther = tokenOf('ES256', other.privateKey, { iss: OTHER_ISSUER })

  test("accept their own tokens, and refuse each other's, although the keys have the same kid", async () => {
    const api = apiFor(one, { issuer: ISSUER })
    const otherApi = apiFor(other, { issuer: OTHER_ISSUER })
    // Twice, because the cache of one must not affect the other.
    for (const time of ['first', 'second']) {
      expect(await outcomesOf(ofOne, api), `the ${time} time`).toEqual(both('passed'))
      expect(await outcomesOf(ofOther, otherApi), `the ${time} time`).toEqual(both('passed'))
      expect(await outcomesOf(ofOther, api), `the ${time} time`).toEqual(both('token-invalid-signature'))
      expect(await outcomesOf(ofOne, otherApi), `the ${time} time`).toEqual(both('token-invalid-signature'))
    }
  })

  test("refuse each other's tokens if the keys have different kids", async () => {
    expect(await outcomesOf(ofOne, apiFor(other, {}, 'key_2'))).toEqual(both('jwk-kid-mismatch'))
  })

  test('that share a key are distinguished by their issuers', async () => {
    const api = apiFor(one, { issuer: ISSUER })
    expect(await outcomesOf(tokenOf('ES256', one.privateKey, { iss: OTHER_ISSUER }), api)).toEqual(
      both('token-invalid-issuer'),
    )
    expect(await outcomesOf(ofOne, apiFor(one, { issuer: OTHER_ISSUER }))).toEqual(both('token-invalid-issuer'))
  })
})

describe('a token of another kind than expected', () => {
  const { privateKey, publicJwk } = PAIRS['P-256']
  const machineId = `mch_${'2'.repeat(27)}`
  const NO_SESSION = { sid: undefined, azp: undefined }
  const kinds = {
    session_token: tokenOf('ES256', privateKey),
    m2m_token: tokenOf('ES256', privateKey, { ...NO_SESSION, sub: `mch_${'1'.repeat(27)}`, scopes: [machineId] }),
    oauth_token: tokenOf('ES256', privateKey, { ...NO_SESSION, client_id: 'client_1' }, { typ: 'at+jwt' }),
    jwt_template: tokenOf('ES256', privateKey, { ...NO_SESSION }),
  } as const
  type Kind = keyof typeof kinds
  const names = Object.keys(kinds) as Kind[]
  const apiThat = (acceptsToken: AcceptsToken) => apiFor({ publicJwk }, { acceptsToken, machineId })

  test.each(names)('%s is accepted where it is expected, and no other kind is', async (kind) => {
    const api = apiThat(kind)
    for (const sent of names)
      expect(await outcomesOf(kinds[sent], api), `${sent} was sent`).toEqual(
        both(sent === kind ? 'passed' : 'token-type-mismatch'),
      )
  })

  test.each(names)('%s is refused where every other kind is expected', async (kind) => {
    const api = apiThat(names.filter((name) => name !== kind))
    for (const sent of names)
      expect(await outcomesOf(kinds[sent], api), `${sent} was sent`).toEqual(
        both(sent === kind ? 'token-type-mismatch' : 'passed'),
      )
  })

  // The categories that Clerk writes into the header.
  const CATEGORIES = { session_token: '111', jwt_template: '222', m2m_token: '333' } as const
  test.each(Object.keys(CATEGORIES) as (keyof typeof CATEGORIES)[])(
    'the category of a %s cannot be changed',
    async (kind) => {
      const cat = `cl_B7d4PD${CATEGORIES[kind]}AAA`
      const own = kinds[kind]
      const claims = JSON.parse(Buffer.from(own.split('.')[1]!, 'base64url').toString()) as object
      expect(await outcomesOf(tokenOf('ES256', privateKey, claims, { cat }), apiThat(kind))).toEqual(both('passed'))
      for (const other of names.filter((name) => name !== kind))
        expect(await outcomesOf(tokenOf('ES256', privateKey, claims, { cat }), apiThat(other)), `as ${other}`).toEqual(
          both('token-type-mismatch'),
        )
    },
  )
})

describe.each(NAMES)('two valid tokens for %s, split and recombined', (alg) => {
  const rule = ALGORITHMS[alg]
  const pair = PAIRS[rule.kty === 'RSA' ? 'RSA' : rule.crv]
  const options = { jwks: { keys: [{ ...pair.publicJwk, alg, kid: KID }] } }
  const tokens = [
    tokenOf(alg, pair.privateKey, { sub: 'user_alice' }),
    tokenOf(alg, pair.privateKey, { sub: 'user_bob' }, { typ: 'application/jwt' }),
  ]
  const parts = tokens.map((token) => token.split('.'))
  const mixtures = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) =>
    [0, 1, 2].map((place) => parts[(bits >> place) & 1]![place]).join('.'),
  )

  test('are valid if all three parts are of one token, and invalid otherwise', async () => {
    const api = apiWith(options)
    expect(new Set(mixtures).size).toBe(8)
    // Before the two are cached, and again while they are.
    for (const time of ['first', 'second']) {
      for (const mixture of mixtures) {
        const outcome = tokens.includes(mixture) ? 'passed' : 'token-invalid-signature'
        expect(await outcomesOf(mixture, api), `the ${time} time`).toEqual(both(outcome))
      }
    }
  })
})
