import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { issuerKey, NOW } from '../../packages/core/test/fixtures.js'
import { typeErrorOf } from '../../packages/core/test/fixtures-tokens.js'
import { node, onBoth, web } from './implementations.js'

const KEY = issuerKey()
const TOKEN = KEY.token()
const { x, ...WITHOUT_X } = KEY.jwk
/** Its coordinates are well formed, but the point is not on the curve. */
const OFF_THE_CURVE = { ...KEY.jwk, y: x }
const jwks = (...keys: object[]) => ({ jwks: { keys } })
const jwtKey = (jwk: object) => ({ jwtKey: JSON.stringify(jwk) })
const ENVIRONMENT = {}
const now = () => NOW

describe('a configured key that is malformed', () => {
  it.each([
    ['a set without keys', jwks(), 'jwks'],
    ['a set with only a symmetric key', jwks({ kty: 'oct', kid: 'a', k: 'c2VjcmV0' }), 'jwks'],
    ['a set with a key that lacks a member', jwks(WITHOUT_X), 'jwks'],
    ['a JWK that lacks a member', jwtKey(WITHOUT_X), 'jwtKey'],
    ['PEM of another algorithm', { jwtKey: pemOf(generateKeyPairSync('x25519')) }, 'jwtKey'],
    ['PEM of another curve', { jwtKey: pemOf(generateKeyPairSync('ec', { namedCurve: 'secp256k1' })) }, 'jwtKey'],
    ['base64 of something else', { jwtKey: 'c2VjcmV0' }, 'jwtKey'],
  ])('is a startup error with both implementations: %s', async (_name, options, option) => {
    const messages = await onBoth(({ createClerkAuth }) => typeErrorOf(() => createClerkAuth(options, ENVIRONMENT)))
    for (const message of Object.values(messages)) expect(message).toContain(`option "${option}"`)
  })

  const broken = [
    ['jwks', jwks(OFF_THE_CURVE)],
    ['jwtKey', jwtKey(OFF_THE_CURVE)],
    [
      'jwtKey',
      {
        jwtKey: pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' })).replace(
          /[^\n]{12}\n-----END/,
          'AAAAAAAAAA==\n-----END',
        ),
      },
    ],
  ] as const

  it.each(broken)(
    'that only the cryptography can detect is a startup error with node:crypto: %s',
    (option, options) => {
      expect(typeErrorOf(() => node.createClerkAuth(options, ENVIRONMENT))).toContain(`option "${option}"`)
    },
  )

  it.each(broken)(
    'rejects warmUp() with WebCrypto, and answers requests with 503, not 500: %s',
    async (option, options) => {
      const clerk = web.createClerkAuth({ ...options, now }, ENVIRONMENT)
      const cause = await clerk.warmUp().catch((error: unknown) => error)
      expect(cause).toBeInstanceOf(TypeError)
      expect(cause).toMatchObject({ message: expect.stringContaining(`option "${option}"`) })
      expect(clerk.ready).toBe(false)

      // Its header does not show the kind of the token.
      const error = { code: 'verification-misconfigured', status: 503, tokenType: null, cause }
      await expect(clerk.verifyToken(TOKEN)).rejects.toMatchObject(error)
      const source = { headers: { authorization: `Bearer ${TOKEN}` } }
      expect(await clerk.authenticate(source)).toMatchObject({ isAuthenticated: false, error })
    },
  )
})

describe('a configured key in PEM', () => {
  it.each<[string, object, () => { publicKey: KeyObject }]>([
    ['RSA', { name: 'RSASSA-PKCS1-v1_5' }, () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['P-256', { name: 'ECDSA', namedCurve: 'P-256' }, () => generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['P-384', { name: 'ECDSA', namedCurve: 'P-384' }, () => generateKeyPairSync('ec', { namedCurve: 'P-384' })],
    ['P-521', { name: 'ECDSA', namedCurve: 'P-521' }, () => generateKeyPairSync('ec', { namedCurve: 'P-521' })],
    ['Ed25519', { name: 'Ed25519' }, () => generateKeyPairSync('ed25519')],
  ])(
    'of type %s is read by both implementations, and imported only as that type',
    async (_type, algorithm, generate) => {
      const importKey = vi.spyOn(crypto.subtle, 'importKey')
      onTestFinished(() => importKey.mockRestore())
      const options = { jwtKey: pemOf(generate()) }
      await onBoth(async ({ createClerkAuth }) => {
        const clerk = createClerkAuth(options, ENVIRONMENT)
        await clerk.warmUp()
        expect(clerk.stats().keys.size).toBe(1)
      })
      const spki = importKey.mock.calls.filter(([format]) => format === 'spki')
      expect(spki.map(([, , parameters]) => parameters)).toEqual([expect.objectContaining(algorithm)])
    },
  )
})

function pemOf({ publicKey }: { publicKey: KeyObject }): string {
  return publicKey.export({ type: 'spki', format: 'pem' }).toString()
}
