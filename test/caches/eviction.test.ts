import { describe, expect, test } from 'vitest'
import { NOW, SECOND, tampered } from '../../packages/core/test/fixtures.js'
import { good, HERE, MACHINE, opaque, unknownToken, USER } from '../../packages/core/test/fixtures-machines.js'
import { JWTS } from './callers.js'
import { EVERY_KIND, KEY, OTHER_KEY, startInstance } from './instance.js'

const SECONDS = NOW / SECOND
const LIVES_AN_HOUR = { exp: SECONDS + 3600 }
const MIB = 1024 * 1024
/**
 * Characters: a token with a claim of the first length is nearly of the maximum size, and one with the second is too
 * large.
 */
const FILLER = 5700
const TOO_LARGE = 8193

const session = (claims: object) => KEY.token({ ...LIVES_AN_HOUR, ...claims })
const machine = (claims: object) => session({ sub: MACHINE, sid: undefined, scopes: HERE, ...claims })

/** Different tokens that are refused, most of them signed by the issuer. */
const INVALID: Record<string, (i: number) => string> = {
  'a forged signature': (i) => tampered(session({ i }), { sub: 'user_mallory' }),
  'an unknown key': (i) => OTHER_KEY.token({ ...LIVES_AN_HOUR, i }),
  'a made-up kid': (i) => KEY.token({ ...LIVES_AN_HOUR }, { kid: `made_up_${i}` }),
  'another issuer': (i) => session({ i, iss: 'https://evil.example' }),
  'another audience': (i) => session({ i, aud: 'other' }),
  'another party': (i) => session({ i, azp: 'https://evil.example' }),
  'an expired time': (i) => session({ i, iat: SECONDS - 90, nbf: SECONDS - 90, exp: SECONDS - 30 }),
  'a time in the future': (i) => session({ i, nbf: SECONDS + 60 }),
  'a pending session': (i) => session({ i, sts: 'pending' }),
  'another machine': (i) => machine({ i, scopes: 'mch_other' }),
  'no client': (i) => KEY.token({ ...LIVES_AN_HOUR, i, sub: USER, sid: undefined }, { typ: 'at+jwt' }),
  'a duplicate claim': (i) => withPayload(session({}), `{"sub":"user_1","sub":"user_${i}"}`),
  'an invalid form': (i) => `${i}.made.up`,
  'too many characters': (i) => session({}).padEnd(TOO_LARGE + i, 'x'),
  'an opaque form that Clerk does not know': (i) => opaque('api_key', `bad${i}`),
  'an opaque form that is too short': (i) => `mt_${i}`,
}

function withPayload(token: string, payload: string): string {
  const [header, , signature] = token.split('.')
  return `${header}.${Buffer.from(payload).toString('base64url')}.${signature}`
}

test.each(Object.entries(INVALID))('refused tokens with %s evict nothing', async (_what, token) => {
  const rules = { audience: 'api', authorizedParties: ['https://app.example.com'] }
  const { clerk, network, outcomeOf } = startInstance({ ...rules, cache: { maxEntries: 3 } })
  network.answer(({ token, tokenType }) => (token.includes('_bad') ? unknownToken() : good(tokenType, { aud: 'api' })))
  const victims = [session({ aud: 'api' }), machine({ jti: 'mt_1' }), opaque('oauth_token')]
  for (const victim of victims) expect(await outcomeOf(victim)).toBe('passed')
  const before = clerk.stats()
  for (let i = 0; i < 50; i++) expect(await outcomeOf(token(i))).not.toBe('passed')

  const calls = network.calls
  for (const victim of victims) expect(await outcomeOf(victim)).toBe('passed')
  const { verified, remote } = clerk.stats()
  expect(network.calls).toBe(calls)
  expect(verified).toMatchObject({ entries: 2, bytes: before.verified.bytes, hits: before.verified.hits + 2 })
  expect(remote.remembered).toMatchObject({ entries: 1, known: 1 })
})

describe('valid tokens of one user, in any number', () => {
  const VICTIMS = JWTS.map(([, { token }]) => token)

  test('evict others, which are verified again with the same result', async () => {
    const { clerk, outcomeOf } = startInstance({ cache: { maxEntries: 100 } })
    const ask = (token: string) => clerk.verifyToken(token, { acceptsToken: EVERY_KIND })
    const before = await Promise.all(VICTIMS.map(ask))
    for (let i = 0; i < 500; i++) expect(await outcomeOf(session({ i }))).toBe('passed')
    expect(clerk.stats().verified.entries).toBe(100)
    const { misses } = clerk.stats().verified
    const after = await Promise.all(VICTIMS.map(ask))
    expect(JSON.stringify(after)).toBe(JSON.stringify(before))
    expect(clerk.stats().verified).toMatchObject({ entries: 100, misses: misses + VICTIMS.length })
  })

  test('do not evict callers that keep calling', async () => {
    const { clerk, outcomeOf } = startInstance({ cache: { maxEntries: 100 } })
    for (const token of VICTIMS) expect(await outcomeOf(token)).toBe('passed')
    for (let round = 0; round < 10; round++) {
      for (let i = 0; i < 100 - VICTIMS.length; i++) await outcomeOf(session({ round, i }))
      const { misses } = clerk.stats().verified
      for (const token of VICTIMS) expect(await outcomeOf(token)).toBe('passed')
      expect(clerk.stats().verified.misses).toBe(misses)
    }
  })

  test('of maximum size take up no more bytes than all others', async () => {
    const { clerk, outcomeOf } = startInstance({ cache: { maxBytes: MIB } })
    expect(await outcomeOf(VICTIMS[0]!)).toBe('passed')
    for (let i = 0; i < 150; i++) {
      expect(await outcomeOf(session({ i, filler: 'x'.repeat(FILLER) }))).toBe('passed')
      expect(clerk.stats().verified.bytes).toBeLessThanOrEqual(MIB)
    }
    const { entries } = clerk.stats().verified
    expect(entries * FILLER).toBeGreaterThan(MIB / 4)
    expect(entries * FILLER).toBeLessThan(MIB)
    expect(await outcomeOf(VICTIMS[0]!)).toBe('passed')
  })

  test('that are larger than the whole cache evict nothing, and are accepted', async () => {
    const large = (i: number) => session({ i, filler: 'x'.repeat(FILLER) })
    const roomy = startInstance()
    await roomy.outcomeOf(large(10))
    const { bytes } = roomy.clerk.stats().verified

    const { clerk, outcomeOf } = startInstance({ cache: { maxBytes: bytes - 1 } })
    expect(await outcomeOf(VICTIMS[0]!)).toBe('passed')
    const before = clerk.stats().verified
    for (let i = 10; i < 30; i++) expect(await outcomeOf(large(i))).toBe('passed')
    expect(clerk.stats().verified).toMatchObject({ entries: 1, bytes: before.bytes })
    expect(await outcomeOf(VICTIMS[0]!)).toBe('passed')
    expect(clerk.stats().verified.hits).toBe(1)
  })
})

describe('valid opaque tokens of one machine, in any number', () => {
  test('with the largest claims that Clerk allows evict others, which are verified again with their own share of the calls', async () => {
    const { clerk, network, advance, outcomeOf } = startInstance({ cache: { maxBytes: MIB } })
    const victim = opaque('m2m_token', 'victim')
    expect(await outcomeOf(victim)).toBe('passed')
    network.answer(({ tokenType }) => good(tokenType, { claims: { filler: 'x'.repeat(60_000) } }))
    let passed = 0
    for (let i = 0; i < 200; i++) if ((await outcomeOf(opaque('m2m_token', `large${i}`))) === 'passed') passed++
    // The rest exceeds the share of unknown tokens.
    expect(passed).toBe(119)
    expect(clerk.stats().remote.remembered.entries).toBeLessThan(20)

    network.answer(({ tokenType }) => good(tokenType))
    const { calls } = network
    expect(await outcomeOf(victim)).toBe('passed')
    expect(network.calls).toBe(calls + 1)
    advance(SECOND)
    expect(await outcomeOf(victim)).toBe('passed')
  })

  test('leave known tokens their share of the calls, for as long as they are known', async () => {
    const { clerk, network, outcomeOf } = startInstance({ cache: { maxEntries: 10 }, remote: { rememberInMs: 0 } })
    const victim = opaque('api_key', 'victim')
    expect(await outcomeOf(victim)).toBe('passed')
    let refused = 0
    for (let i = 0; i < 9; i++) await outcomeOf(opaque('api_key', `other${i}`))
    network.answer(unknownToken)
    for (let i = 0; i < 500; i++)
      if ((await outcomeOf(opaque('api_key', `bad${i}`))) === 'verification-rate-limited') refused++
    expect(refused).toBe(500 - (120 - 10))
    network.answer(({ tokenType }) => good(tokenType))
    expect(await outcomeOf(victim)).toBe('passed')
    expect(clerk.stats().remote.remembered).toMatchObject({ entries: 0, known: 10 })
  })
})
