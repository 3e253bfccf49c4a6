import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { start } from './start.js'
import { keysOf } from './tokens.js'

describe('templateToken', () => {
  test('has only the claims of every template', async () => {
    const local = await start()
    const token = await local.templateToken({ user: 'bob' })
    const { payload, protectedHeader } = await jwtVerify(token, createRemoteJWKSet(keysOf(local)))
    expect(protectedHeader).toEqual({ alg: 'ES256', cat: 'cl_B7d4PD222AAA', kid: local.kid, typ: 'JWT' })
    const { iat = 0 } = payload
    expect(payload).toEqual({
      azp: 'http://localhost:3000',
      exp: iat + 60,
      iat,
      iss: local.url,
      jti: expect.stringMatching(/^[0-9a-f]{20}$/),
      nbf: iat - 5,
      sub: local.people.bob.id,
    })
  })

  test('accepts overrides of claims and header', async () => {
    const { templateToken } = await start()
    const token = await templateToken({ template: 'api', claims: { role: 'x', azp: undefined }, header: { cat: 'y' } })
    expect(decodeJwt(token)).toMatchObject({ role: 'x' })
    expect(decodeJwt(token)).not.toHaveProperty('azp')
    expect(decodeProtectedHeader(token).cat).toBe('y')
  })

  test('refuses another template with a TypeError', async () => {
    const { templateToken } = await start()
    await expect(templateToken({ template: 'apu' })).rejects.toThrow(
      new TypeError('there is no JWT template "apu", only api'),
    )
  })
})
