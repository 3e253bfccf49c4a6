import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { onBoth } from './implementations.js'
import { tokenOf } from './tokens.js'
import { FORGED, UNSUITABLE, VALID, verdictsOn } from './verdicts.js'

// The premise of these tests: two implementations answer, and both can accept and refuse.
describe('the two implementations of signatures', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = publicKey.export({ format: 'jwk' })
  const token = tokenOf('ES256', privateKey)

  test('are distinct: only WebCrypto is asynchronous', async () => {
    expect(await onBoth(({ importJwk }) => ({ waits: importJwk(jwk) instanceof Promise }))).toEqual({
      node: { waits: false },
      web: { waits: true },
    })
  })

  test('accept a token of the key, refuse a token of another key, and do not verify with another algorithm', async () => {
    const { privateKey: other } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    expect(await verdictsOn(jwk, token)).toEqual(VALID)
    expect(await verdictsOn(jwk, tokenOf('ES256', other))).toEqual(FORGED)
    expect(await verdictsOn({ ...jwk, use: 'enc' }, token)).toEqual(UNSUITABLE)
  })
})
