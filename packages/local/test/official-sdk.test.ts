import { verifyToken } from '@clerk/backend'
import { describe, expect, test } from 'vitest'
import { start } from './start.js'

describe('verifyToken of @clerk/backend', () => {
  test('accepts a token with the PEM', async () => {
    const local = await start({ algorithm: 'RS256' })
    const claims = await verifyToken(await local.sessionToken(), { jwtKey: local.jwtKey })
    expect(claims.sub).toBe(local.people.alice.id)
  })

  test('accepts a token with the key set of the Backend API', async () => {
    const local = await start({ algorithm: 'RS256' })
    const claims = await verifyToken(await local.sessionToken({ version: 1 }), {
      secretKey: local.env.CLERK_SECRET_KEY,
      apiUrl: local.env.CLERK_API_URL,
      authorizedParties: ['http://localhost:3000'],
    })
    expect(claims.sub).toBe(local.people.alice.id)
    expect(local.calls('GetJWKS')).toBe(1)
  })

  test('recognises a wrong secret key from the response', async () => {
    const local = await start({ algorithm: 'RS256' })
    const options = { secretKey: 'sk_test_wrong', apiUrl: local.env.CLERK_API_URL }
    await expect(verifyToken(await local.sessionToken(), options)).rejects.toMatchObject({
      reason: 'secret-key-invalid',
    })
  })

  test('refuses an expired token', async () => {
    const local = await start({ algorithm: 'RS256' })
    local.clock.advance(-120_000)
    await expect(verifyToken(await local.sessionToken(), { jwtKey: local.jwtKey })).rejects.toMatchObject({
      reason: 'token-expired',
    })
  })
})
