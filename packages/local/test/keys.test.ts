import { createLocalJWKSet, createRemoteJWKSet, importSPKI, jwtVerify, type JSONWebKeySet } from 'jose'
import { describe, expect, test } from 'vitest'
import type { Algorithm, LocalClerk } from '../src/index.js'
import { getPublicJwks, publishedKids, start } from './start.js'

async function verifies(local: LocalClerk, token: string): Promise<boolean> {
  const jwks = (await (await getPublicJwks(local)).json()) as JSONWebKeySet
  return jwtVerify(token, createLocalJWKSet(jwks)).then(
    () => true,
    () => false,
  )
}

const ALGORITHMS: readonly Algorithm[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
]

describe.each(ALGORITHMS)('a token signed by %s', (algorithm) => {
  test('verifies in jose with the published key set and with the PEM', async () => {
    const local = await start({ algorithm })
    const token = await local.sessionToken()
    const options = { algorithms: [algorithm], issuer: local.url, subject: local.people.alice.id, typ: 'JWT' }

    const withSet = await jwtVerify(token, createRemoteJWKSet(new URL('/.well-known/jwks.json', local.url)), options)
    const withPem = await jwtVerify(token, await importSPKI(local.jwtKey, algorithm), options)
    expect(withSet.protectedHeader).toMatchObject({ alg: algorithm, kid: local.kid })
    expect(withPem.payload).toEqual(withSet.payload)
  })
})

describe('keys', () => {
  test('are RS256 by default, like those of Clerk', async () => {
    const local = await start({ algorithm: undefined as never })
    const { keys } = (await (await getPublicJwks(local)).json()) as JSONWebKeySet
    expect(keys).toEqual([
      { use: 'sig', kty: 'RSA', kid: local.kid, alg: 'RS256', n: expect.stringMatching(/^[\w-]{342}$/), e: 'AQAB' },
    ])
  })

  test('have an id that distinguishes them from keys of a real instance', async () => {
    const local = await start()
    expect(local.kid).toMatch(/^ins_local\w{22}$/)
  })

  test('of two instances differ', async () => {
    const [one, other] = [await start(), await start()]
    expect(one.kid).not.toBe(other.kid)
    expect(one.jwtKey).not.toBe(other.jwtKey)
    expect(await verifies(other, await one.sessionToken())).toBe(false)
    expect(await verifies(other, await one.sessionToken({ header: { kid: other.kid } }))).toBe(false)
    expect(await verifies(one, await one.sessionToken())).toBe(true)
  })
})

describe('rotateKeys', () => {
  test('signs with a new key and keeps publishing the old one', async () => {
    const local = await start()
    const { kid: first, jwtKey } = local
    const before = await local.sessionToken()
    const { kid } = await local.rotateKeys()

    expect(kid).not.toBe(first)
    expect(local.kid).toBe(kid)
    expect(local.jwtKey).not.toBe(jwtKey)
    expect(await publishedKids(local)).toEqual([first, kid])
    expect(await verifies(local, before)).toBe(true)
    expect(await verifies(local, await local.sessionToken())).toBe(true)
  })

  test('publishes only the new key without an overlap', async () => {
    const local = await start()
    const before = await local.sessionToken()
    await local.rotateKeys({ overlap: true })
    const { kid } = await local.rotateKeys({ overlap: false })

    expect(await publishedKids(local)).toEqual([kid])
    expect(await verifies(local, before)).toBe(false)
    expect(await verifies(local, await local.sessionToken())).toBe(true)
  })
})

describe('removeKey', () => {
  test('removes a key from the set', async () => {
    const local = await start()
    const first = local.kid
    const before = await local.sessionToken()
    const { kid } = await local.rotateKeys()
    local.removeKey(first)

    expect(await publishedKids(local)).toEqual([kid])
    expect(await verifies(local, before)).toBe(false)
  })

  test('keeps signing with a removed current key', async () => {
    const local = await start()
    local.removeKey(local.kid)
    expect(await publishedKids(local)).toEqual([])
    expect(await verifies(local, await local.sessionToken())).toBe(false)
  })

  test('refuses a key that is not published, and names those that are', async () => {
    const local = await start()
    expect(() => local.removeKey('ins_x')).toThrow(
      new TypeError(`key "ins_x" is not published. Published keys: ${local.kid}`),
    )
  })
})
