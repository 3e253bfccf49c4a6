import { describe, expect, test } from 'vitest'
import type { Environment } from '../src/config/environment.js'
import type { ClerkAuthOptions } from '../src/config/options.js'
import { readOptions } from '../src/config/settings.js'
import { HERE } from './fixtures-machines.js'
import { exported, typeErrorOf } from './fixtures-tokens.js'

// The options and the environment in general are tested in options.test.ts.

const PUBLISHABLE_KEY = `pk_live_${Buffer.from('clerk.example.com$').toString('base64')}`
const SECRET_KEY = 'sk_live_secret'
const MACHINE_SECRET_KEY = 'ak_machine'
const { pem } = await exported('ES256')

const read = (options: ClerkAuthOptions, environment: Environment = {}) => readOptions(options, environment)
const mistakeOf = (options: ClerkAuthOptions, environment: Environment = {}) =>
  typeErrorOf(() => read(options, environment))

describe('a machine secret', () => {
  test('is sufficient, from code or environment', () => {
    for (const settings of [
      read({ machineSecretKey: MACHINE_SECRET_KEY }),
      read({}, { CLERK_MACHINE_SECRET_KEY: MACHINE_SECRET_KEY }),
    ]) {
      expect(settings.keyOrigin).toEqual({ from: 'none' })
      expect(settings.secrets).toEqual({ m2m_token: MACHINE_SECRET_KEY })
      expect(settings.apiUrl).toBe('https://api.clerk.com')
    }
  })

  test('alone does not allow sessions, so that a session token is refused by its kind if machines are accepted', () => {
    expect([...read({ machineSecretKey: MACHINE_SECRET_KEY }).accepted]).toEqual([])
    expect([...read({ machineSecretKey: MACHINE_SECRET_KEY, acceptsToken: 'm2m_token' }).accepted]).toEqual([
      'm2m_token',
    ])
    expect([...read({ machineSecretKey: MACHINE_SECRET_KEY, publishableKey: PUBLISHABLE_KEY }).accepted]).toEqual([
      'session_token',
    ])
  })

  test('is mentioned if there is nothing to verify with', () => {
    expect(mistakeOf({})).toContain('CLERK_MACHINE_SECRET_KEY')
    expect(mistakeOf({ machineId: HERE })).toMatch(/^no key source/)
  })

  test('does not affect the key source', () => {
    const { keyOrigin } = read({ machineSecretKey: MACHINE_SECRET_KEY, secretKey: SECRET_KEY })
    expect(keyOrigin).toMatchObject({ from: 'url', headers: { Authorization: `Bearer ${SECRET_KEY}` } })
  })
})

describe('the secrets', () => {
  test.each<[string, ClerkAuthOptions, object]>([
    ['no secret', { publishableKey: PUBLISHABLE_KEY }, {}],
    [
      'a secret key',
      { secretKey: ` ${SECRET_KEY}\n` },
      { m2m_token: SECRET_KEY, oauth_token: SECRET_KEY, api_key: SECRET_KEY },
    ],
    [
      'both, the machine secret only for M2M tokens',
      { secretKey: SECRET_KEY, machineSecretKey: ` ${MACHINE_SECRET_KEY}\n` },
      { m2m_token: MACHINE_SECRET_KEY, oauth_token: SECRET_KEY, api_key: SECRET_KEY },
    ],
  ])('are chosen by kind, from %s', (_name, options, secrets) => {
    expect(read(options).secrets).toEqual(secrets)
  })
})

describe('acceptsToken', () => {
  test.each<[string, ClerkAuthOptions, string]>([
    ['session_token', { machineSecretKey: MACHINE_SECRET_KEY }, 'CLERK_PUBLISHABLE_KEY'],
    ['m2m_token', { publishableKey: PUBLISHABLE_KEY }, 'CLERK_MACHINE_SECRET_KEY'],
    ['m2m_token', { jwtKey: pem }, 'CLERK_MACHINE_ID'],
    ['oauth_token', { machineSecretKey: MACHINE_SECRET_KEY }, 'CLERK_PUBLISHABLE_KEY'],
    ['api_key', { publishableKey: PUBLISHABLE_KEY }, 'CLERK_SECRET_KEY'],
    ['api_key', { machineSecretKey: MACHINE_SECRET_KEY }, 'CLERK_SECRET_KEY'],
  ])('must not name %s if it cannot be verified: %j', (kind, options, variable) => {
    for (const acceptsToken of [kind, [kind]] as never[]) {
      const message = mistakeOf({ ...options, acceptsToken })
      expect(message).toMatch(new RegExp(`^option "acceptsToken" names "${kind}", which needs .*${variable}`))
      expect(message).not.toMatch(/ak_|pk_|BEGIN/)
    }
  })

  test.each<[string, ClerkAuthOptions]>([
    ['session_token', { publishableKey: PUBLISHABLE_KEY }],
    ['session_token', { jwtKey: pem }],
    ['m2m_token', { machineSecretKey: MACHINE_SECRET_KEY }],
    ['m2m_token', { secretKey: SECRET_KEY }],
    ['m2m_token', { publishableKey: PUBLISHABLE_KEY, machineId: HERE }],
    ['m2m_token', { publishableKey: PUBLISHABLE_KEY, machineId: 'any' }],
    ['oauth_token', { publishableKey: PUBLISHABLE_KEY }],
    ['oauth_token', { secretKey: SECRET_KEY }],
    ['api_key', { secretKey: SECRET_KEY }],
    ['any', { secretKey: SECRET_KEY }],
  ])('may name %s if it can be verified: %j', (kind, options) => {
    expect(mistakeOf({ ...options, acceptsToken: kind as never })).toBeUndefined()
  })

  test('must not contain a kind, alone or in a list, that cannot be verified', () => {
    for (const acceptsToken of ['any', ['session_token', 'api_key']] as const)
      expect(mistakeOf({ publishableKey: PUBLISHABLE_KEY, machineId: HERE, acceptsToken })).toContain('"api_key"')
  })

  test('may be satisfied by the environment', () => {
    const options = { publishableKey: PUBLISHABLE_KEY, acceptsToken: 'm2m_token' } as const
    expect(mistakeOf(options)).toBeDefined()
    expect(mistakeOf(options, { CLERK_MACHINE_ID: HERE })).toBeUndefined()
    expect(mistakeOf(options, { CLERK_MACHINE_SECRET_KEY: MACHINE_SECRET_KEY })).toBeUndefined()
  })

  test('defaults to sessions', () => {
    expect([...read({ publishableKey: PUBLISHABLE_KEY }).accepted]).toEqual(['session_token'])
    expect(read({ secretKey: SECRET_KEY, acceptsToken: 'any' }).accepted).toEqual(
      new Set(['session_token', 'm2m_token', 'oauth_token', 'api_key']),
    )
  })
})

describe('a local Backend API', () => {
  const production = { NODE_ENV: 'production' }
  const apiUrl = 'http://127.0.0.1:4010'

  test.each<[string, ClerkAuthOptions]>([
    ['the machine secret', { machineSecretKey: MACHINE_SECRET_KEY }],
    ['the secret key, with a real publishable key', { secretKey: SECRET_KEY, publishableKey: PUBLISHABLE_KEY }],
    ['the machine secret, with a real key', { machineSecretKey: MACHINE_SECRET_KEY, jwtKey: pem }],
  ])('is not used in production, with %s: it accepts its own tokens', (_name, options) => {
    expect(mistakeOf({ ...options, apiUrl }, production)).toMatch(/local Clerk instance.*NODE_ENV/)
    expect(mistakeOf(options, { ...production, CLERK_API_URL: apiUrl })).toMatch(/local Clerk instance/)
    expect(mistakeOf({ ...options, apiUrl })).toBeUndefined()
    expect(mistakeOf({ ...options, apiUrl, insecureAllowLocalIssuer: true }, production)).toBeUndefined()
  })

  test('is ignored if there is no secret to call it with', () => {
    expect(mistakeOf({ publishableKey: PUBLISHABLE_KEY, apiUrl }, production)).toBeUndefined()
  })
})
