import { createClerkAuth, type SessionAuth } from '@clerk-auth/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeBase64url as portable } from '../../packages/core/src/support/base64url.js'
import { decodeBase64url as ofNode } from '../../packages/core/src/crypto/signature.node.js'
import { base64url, hostileString } from './hostile-string.js'
import { CLAIMS, issuer, NOW } from './issuer.js'
import { runs } from './runs.js'
import { isIJson } from './i-json.js'

const decoders = [
  ['base64url.ts', portable],
  ['signature.node.ts', ofNode],
] as const

const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex')

describe('decodeBase64url', () => {
  /** Mostly base64url, with occasional invalid characters. */
  const nearly = fc
    .tuple(
      base64url,
      fc.constantFrom('', '=', '==', '+', '/', '\n', ' ', '\0', 'é', 'А', '🔑', '\ud800', '%3d'),
      base64url,
    )
    .map((parts) => parts.join(''))

  test('gives the same result in both implementations: for any string', () => {
    const property = fc.property(fc.oneof(nearly, hostileString), (text) => {
      expect(hex(portable(text))).toBe(hex(ofNode(text)))
    })
    fc.assert(property, runs(3000))
  })

  test('gives the same result in both implementations: for all strings of two characters, alone and after four others', () => {
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

  test.each(decoders)('decodes what was encoded: %s', (_, decode) => {
    const property = fc.property(fc.uint8Array({ size: '+1' }), (bytes) => {
      expect(hex(decode(Buffer.from(bytes).toString('base64url')))).toBe(hex(bytes))
    })
    fc.assert(property, runs(500))
  })

  test.each(decoders)('accepts one encoding of each value: %s', (_, decode) => {
    const property = fc.property(fc.oneof(base64url, nearly), (text) => {
      const bytes = decode(text)
      expect(bytes && Buffer.from(bytes).toString('base64url')).toBeOneOf([undefined, text])
    })
    fc.assert(property, runs(1000))
  })
})

/** Bytes of JSON: 1024 characters in base64url. */
const LONGEST_HEADER = 768

describe('an accepted token', () => {
  const { jwk, sign } = issuer()
  const clerk = createClerkAuth({ jwks: { keys: [jwk] }, now: () => NOW, cache: { maxEntries: 0 } }, {})
  const own = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' }).filter(isIJson), {
    maxKeys: 6,
  })

  test('equals its parts, parsed and serialized again', async () => {
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
          const bytes = decode(segment)
          expect(bytes && Buffer.from(bytes).toString('base64url')).toBe(segment)
        }
      }
    })
    await fc.assert(property, runs(500))
  })
})
