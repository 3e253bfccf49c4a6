import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { onBoth } from './implementations.js'
import { tokenOf } from './tokens.js'
import { FORGED, UNSUITABLE, VALID, verdictsOn } from './verdicts.js'

// What the rest of these tests rests on: that two implementations answer, and that they can say yes and no.
describe('two implementations of signatures', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = publicKey.export({ format: 'jwk' })
  const token = tokenOf('ES256', privateKey)

  test('are not one: WebCrypto alone makes a caller wait for a key', async () => {
    expect(await onBoth(({ importJwk }) => ({ waits: importJwk(jwk) instanceof Promise }))).toEqual({
      node: { waits: false },
      web: { waits: true },
    })
  })

  test('say yes to a token of the key, no to one of another key, and nothing by an algorithm that is not its own', async () => {
    const { privateKey: other } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    expect(await verdictsOn(jwk, token)).toEqual(VALID)
    expect(await verdictsOn(jwk, tokenOf('ES256', other))).toEqual(FORGED)
    expect(await verdictsOn({ ...jwk, use: 'enc' }, token)).toEqual(UNSUITABLE)
  })
})
