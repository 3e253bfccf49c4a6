import { createClerkAuth, type SessionAuth } from '@clerk-auth/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeBase64url as portable } from '../../packages/core/src/support/base64url.js'
import { decodeBase64url as ofNode } from '../../packages/core/src/crypto/signature.node.js'
import { base64url, hostileText } from './hostile-text.js'
import { CLAIMS, issuer, NOW } from './issuer.js'
import { runs } from './runs.js'
import { isIJson } from './i-json.js'

const decoders = [
  ['base64url.ts', portable],
  ['signature.node.ts', ofNode],
] as const

const hex = (octets: Uint8Array | undefined) => octets && Buffer.from(octets).toString('hex')

describe('decodeBase64url', () => {
  /** Mostly base64url, with a wrong character here and there. */
  const nearly = fc
    .tuple(
      base64url,
      fc.constantFrom('', '=', '==', '+', '/', '\n', ' ', '\0', 'é', 'А', '🔑', '\ud800', '%3d'),
      base64url,
    )
    .map((parts) => parts.join(''))

  test('is the same function in both implementations: for any text', () => {
    const property = fc.property(fc.oneof(nearly, hostileText), (text) => {
      expect(hex(portable(text))).toBe(hex(ofNode(text)))
    })
    fc.assert(property, runs(3000))
  })

  test('is the same function in both implementations: for all texts of two characters, and what follows four', () => {
    const differ: string[] = []
    const units = [...Array(0x180).keys(), 0x2028, 0x0410, 0xd83d, 0xdd11, 0xfeff, 0xff0d, 0xffff].map((unit) =>
      String.fromCharCode(unit),
    )
    for (const one of ['', ...units])
      for (const other of ['', ...units])
        for (const text of [one + other, `abcd${one}${other}`])
          if (hex(portable(text)) !== hex(ofNode(text))) differ.push(text)
    expect(differ).toEqual([])
  })

  test.each(decoders)('turns back what was encoded: %s', (_, decode) => {
    const property = fc.property(fc.uint8Array({ size: '+1' }), (octets) => {
      expect(hex(decode(Buffer.from(octets).toString('base64url')))).toBe(hex(octets))
    })
    fc.assert(property, runs(500))
  })

  test.each(decoders)('knows one spelling of each value: %s', (_, decode) => {
    const property = fc.property(fc.oneof(base64url, nearly), (text) => {
      const octets = decode(text)
      expect(octets && Buffer.from(octets).toString('base64url')).toBeOneOf([undefined, text])
    })
    fc.assert(property, runs(1000))
  })
})

/** Octets of JSON: 1024 characters in base64url. */
const LONGEST_HEADER = 768

describe('an accepted token', () => {
  const { jwk, sign } = issuer()
  const clerk = createClerkAuth({ jwks: { keys: [jwk] }, now: () => NOW, cache: { maxEntries: 0 } }, {})
  const own = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' }).filter(isIJson), {
    maxKeys: 6,
  })

  test('is what it was made of, parsed and written again', async () => {
    const header = own
      .map((parameters) => JSON.stringify({ ...parameters, alg: 'ES256', typ: 'JWT', kid: 'ES256', cat: undefined }))
      .filter((json) => Buffer.byteLength(json) <= LONGEST_HEADER)
    const property = fc.asyncProperty(header, own, async (header, claims) => {
      const payload = JSON.stringify({ ...claims, ...CLAIMS.session_token })
      const token = sign(header, payload)
      const auth: SessionAuth = await clerk.verifyToken(token)

      expect(JSON.stringify(auth.sessionClaims)).toBe(payload)
      for (const segment of token.split('.')) {
        for (const [, decode] of decoders) {
          const octets = decode(segment)
          expect(octets && Buffer.from(octets).toString('base64url')).toBe(segment)
        }
      }
    })
    await fc.assert(property, runs(500))
  })
})
