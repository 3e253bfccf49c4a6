import { createPublicKey, verify } from 'node:crypto'
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, importJWK, jwtVerify, type JWK } from 'jose'
import { describe, expect, test } from 'vitest'
import { defaultSeed, type BadToken, type LocalClerk } from '../src/index.js'
import { start } from './start.js'

const KINDS = ['session_token', 'm2m_token', 'oauth_token', 'api_key', 'jwt_template'] as const

function named(badTokens: readonly BadToken[], name: string): string {
  const found = badTokens.find((bad) => bad.name === name)
  if (!found) throw new Error(`no bad token is named "${name}"`)
  return found.token
}

describe('badTokens', () => {
  test.each(KINDS)('gives each token for %s a unique, short name', async (acceptsToken) => {
    const badTokens = await (await start()).badTokens({ acceptsToken })
    const names = badTokens.map(({ name }) => name)
    expect(badTokens.length).toBeGreaterThanOrEqual(acceptsToken === 'api_key' ? 20 : 40)
    expect([new Set(names).size, new Set(badTokens.map(({ token }) => token)).size]).toEqual([
      names.length,
      names.length,
    ])
    expect(names.filter((name) => name.length > 45)).toEqual([])
  })

  test('returns the same names, statuses and codes for every instance', async () => {
    const [one, other] = [await start(), await start({ algorithm: 'EdDSA' })]
    const listed = async (local: LocalClerk) =>
      (await local.badTokens()).map(({ name, status, code }) => [name, status, code])
    expect(await listed(other)).toEqual(await listed(one))
  })

  test('returns tokens that fit into a header', async () => {
    const local = await start()
    const all = await Promise.all(KINDS.map((acceptsToken) => local.badTokens({ acceptsToken })))
    const tooLong = all.flat().filter(({ token }) => !/^[\x20-\x7e]{1,12000}$/.test(token))
    expect(tooLong.map(({ name }) => name)).toEqual([])
  })

  test('uses a person and a machine of the seed', async () => {
    const people = { zoe: { firstName: 'Zoë', email: 'zoe@example.com', memberships: {} } }
    const seed = { ...defaultSeed, people, machines: { lonely: {} }, clients: { app: { name: 'App' } } }
    const local = await start({ seed })
    const badTokens = await local.badTokens()
    expect(decodeJwt(named(badTokens, 'of another issuer')).sub).toBe(local.people.zoe.id)
    expect(decodeJwt(named(badTokens, 'an M2M JWT')).sub).toBe(local.machines.lonely.id)
  })

  test('uses the clock of the instance', async () => {
    const local = await start()
    local.clock.set(Date.UTC(2040, 0))
    const claims = decodeJwt(named(await local.badTokens(), 'expired'))
    expect(claims.exp).toBe(Date.UTC(2040, 0) / 1000 - 3600)
  })

  test('uses the current signing key', async () => {
    const local = await start()
    const { kid } = await local.rotateKeys()
    expect(decodeProtectedHeader(named(await local.badTokens(), 'expired')).kid).toBe(kid)
  })

  test.each([[{ acceptsToken: 'session' }], [{ kind: 'm2m_token' }]])(
    'refuses %j with a TypeError',
    async (options) => {
      const badTokens = (await start()).badTokens(options as object)
      await expect(badTokens).rejects.toBeInstanceOf(TypeError)
      await expect(badTokens).rejects.toThrow(/must be one of "session_token", "m2m_token"|has no "kind"/)
    },
  )

  test('refuses a seed without people', async () => {
    const local = await start({ seed: { ...defaultSeed, people: {} } })
    await expect(local.badTokens()).rejects.toThrow(
      new TypeError('badTokens() requires at least one person in the seed'),
    )
  })
})

describe('a bad token', () => {
  test('has a valid signature, unless its signature or format is the defect', async () => {
    const local = await start({ algorithm: 'RS256' })
    const key = createPublicKey(local.jwtKey)
    const isSigned = ({ token }: BadToken) => {
      const [header = '', payload = '', signature = ''] = token.split('.')
      const signingInput = Buffer.from(`${header}.${payload}`)
      return verify('sha256', signingInput, key, Buffer.from(signature, 'base64url'))
    }
    const notSigned = (await local.badTokens()).filter((bad) => !isSigned(bad)).map(({ name }) => name)
    expect(notSigned.filter((name) => !/^(an?|garbage|nonsense)\b/.test(name))).toEqual([
      'signed by another instance',
      'signed by another instance under our kid',
      'signed by a key that it embeds',
      'signed by a key that it links to',
      'unsigned, of algorithm none',
      'unsigned, of algorithm nOnE',
      'with an HMAC by our public key as PEM',
      'with an HMAC by our public key as JWK',
      'without its signature',
      'with a signature cut short',
      'with a signature too long',
      'with zeros as its signature',
      'with the signature of another token',
      'with a changed payload',
      'with a changed header',
      'with header and payload swapped',
      'cut off',
      'of two parts',
      'with a space in it',
      'in the alphabet of base64',
      'as JSON',
    ])
  })

  test('passes a verifier that trusts the embedded key', async () => {
    const token = named(await (await start()).badTokens(), 'signed by a key that it embeds')
    await expect(jwtVerify(token, await importJWK(decodeProtectedHeader(token).jwk as JWK))).resolves.toBeDefined()
  })

  test('passes a verifier that fetches keys from jku', async () => {
    const badTokens = await (await start()).badTokens()
    const token = named(badTokens, 'signed by a key that it links to')
    const keys = createRemoteJWKSet(new URL(decodeProtectedHeader(token).jku ?? ''))
    await expect(jwtVerify(token, keys)).resolves.toBeDefined()
    await expect(jwtVerify(named(badTokens, 'signed by another instance under our kid'), keys)).resolves.toBeDefined()
  })

  test('passes a verifier that uses the public key as an HMAC secret', async () => {
    const local = await start()
    const badTokens = await local.badTokens()
    const secret = new TextEncoder().encode(local.jwtKey)
    await expect(jwtVerify(named(badTokens, 'with an HMAC by our public key as PEM'), secret)).resolves.toBeDefined()
    await expect(jwtVerify(named(badTokens, 'with an HMAC by our public key as JWK'), secret)).rejects.toMatchObject({
      code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
    })
  })

  test('in base64 becomes valid when converted to base64url', async () => {
    const local = await start()
    const token = named(await local.badTokens(), 'in the alphabet of base64')
    expect(token).toMatch(/[+/]/)
    const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', local.url))
    await expect(jwtVerify(token.replaceAll('+', '-').replaceAll('/', '_'), keys)).resolves.toBeDefined()
  })
})

describe('as', () => {
  test('returns the request headers for a person', async () => {
    const local = await start()
    const { authorization } = await local.as('bob', { org: null })
    expect(decodeJwt(authorization.replace(/^Bearer /, ''))).toMatchObject({ sub: local.people.bob.id, pla: 'u:free' })
  })

  test('refuses a name that is not in the seed', async () => {
    await expect((await start()).as('bert')).rejects.toThrow('there is no user "bert"')
  })
})
