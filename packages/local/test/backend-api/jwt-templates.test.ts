import { createClerkClient } from '@clerk/backend'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { compactVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { start } from '../start.js'

const PAIRS = {
  'RSA of 2048 bits': generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'RSA of 1024 bits': generateKeyPairSync('rsa', { modulusLength: 1024 }),
  'P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'P-384': generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  'P-521': generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  secp256k1: generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
  Ed25519: generateKeyPairSync('ed25519'),
  X25519: generateKeyPairSync('x25519'),
} as const

type KeyName = keyof typeof PAIRS

/** The keys that work with each algorithm. */
const KEYS: Readonly<Record<string, KeyName>> = {
  RS256: 'RSA of 2048 bits',
  RS512: 'RSA of 2048 bits',
  PS384: 'RSA of 2048 bits',
  ES256: 'P-256',
  ES384: 'P-384',
  ES512: 'P-521',
  EdDSA: 'Ed25519',
}

describe('a JWT template with a key of its own', () => {
  test.each(Object.entries(KEYS))('signs with %s and %s, and with no other kind of key', async (algorithm, name) => {
    const { local, create } = await startWithTemplates()
    await create(algorithm, pem(PAIRS[name].privateKey))
    const token = await local.templateToken({ template: 'own' })
    const { protectedHeader } = await compactVerify(token, PAIRS[name].publicKey)
    expect(protectedHeader).toMatchObject({ alg: algorithm })

    for (const other of (Object.keys(PAIRS) as KeyName[]).filter((it) => it !== name))
      await expect(create(algorithm, pem(PAIRS[other].privateKey))).rejects.toMatchObject(INVALID_KEY)
  })

  test('has a private key', async () => {
    const { create } = await startWithTemplates()
    const publicKey = PAIRS['P-256'].publicKey.export({ type: 'spki', format: 'pem' }).toString()
    await expect(create('ES256', publicKey)).rejects.toMatchObject(INVALID_KEY)
  })

  test('has a secret that is not empty', async () => {
    const { create } = await startWithTemplates()
    await expect(create('HS256', '')).rejects.toMatchObject(INVALID_KEY)
  })
})

const INVALID_KEY = { status: 422, errors: [{ code: 'form_param_value_invalid', meta: { paramName: 'signing_key' } }] }

async function startWithTemplates() {
  const local = await start()
  const clerk = createClerkClient({ secretKey: local.env.CLERK_SECRET_KEY, apiUrl: local.env.CLERK_API_URL })
  const create = (signingAlgorithm: string, signingKey: string) =>
    clerk.jwtTemplates.create({ name: 'own', claims: {}, customSigningKey: true, signingAlgorithm, signingKey })
  return { local, create }
}

function pem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}
