import { describe, expect, it, vi } from 'vitest'
import type { Environment } from '../src/config/environment.js'
import { checkOptions, type ClerkAuthOptions } from '../src/config/options.js'
import { SDK_OPTIONS } from '../src/config/sdk-options.js'
import { readOptions } from '../src/config/settings.js'
import { exported, typeErrorOf, warningsOf } from './fixtures-tokens.js'

const publishable = (host: string, kind = 'test') => `pk_${kind}_${Buffer.from(`${host}$`).toString('base64')}`
const PUBLISHABLE_KEY = publishable('clerk.example.com')
const SECRET_KEY = 'sk_test_secret0123456789'
const { jwk, pem, privateJwk, privatePem } = await exported('ES256')
const JWKS = { keys: [{ ...jwk, kid: 'ins_2a' }] }
const FROM_FRONTEND_API = { from: 'url', url: 'https://clerk.example.com/.well-known/jwks.json', headers: {} }

const read = (options: object, environment: Environment = {}) => readOptions(options, environment)
const mistakeOf = (options: object, environment: Environment = {}) => typeErrorOf(() => read(options, environment))

describe('checkOptions', () => {
  const invalidStrings = ['', ' ', null, 5, {}, ['secret!']]
  const HOLE = Object.assign([], { length: 1 })
  const lists = ['', null, 5, {}, [], [''], ['a', 5], /secret!/, HOLE, Object.assign(['a'], { length: 2 })]
  const counts = [-1, 0.5, Number.NaN, Infinity, 2 ** 53, '5', null]
  const functions = [null, 'secret!', {}]
  it.each<[keyof ClerkAuthOptions, unknown[]]>([
    ['publishableKey', invalidStrings],
    ['frontendApiUrl', invalidStrings],
    ['secretKey', invalidStrings],
    ['machineSecretKey', [...invalidStrings, 'secret!', 'ak_', 'ak_secret! x', 'ak_secret!\0', 'sk_test_secret!']],
    [
      'machineId',
      [
        ...invalidStrings,
        'secret!',
        'mch_',
        `mch_${'a'.repeat(26)}`,
        `mch_${'a'.repeat(28)}`,
        `mch_${'a'.repeat(26)}-`,
        'ANY',
      ],
    ],
    ['jwtKey', invalidStrings],
    ['jwks', [null, 'secret!', 5]],
    ['issuer', lists],
    ['audience', lists],
    ['authorizedParties', [...lists, 'secret!', 'https://app.example.com/']],
    ['missingAzp', ['', null, true, 'secret!']],
    [
      'acceptsToken',
      ['template', 'sessions', '', [], null, 1, ['session_token', 'template'], ['any'], [['m2m_token']], HOLE],
    ],
    ['clockSkewInMs', counts],
    ['treatPendingAsSignedOut', ['false', 0, null]],
    ['apiUrl', invalidStrings],
    ['apiVersion', ['', 'v', '1', 'v1/../x', 'v1\n', null]],
    ['keys', [null, 5, 'secret!']],
    ['cache', [null, 5, 'secret!']],
    ['remote', [null, 5, 'secret!']],
    ['refusals', ['', null, 'secret!']],
    ['refusalBody', functions],
    ['insecureAllowLocalIssuer', ['true', 1, null]],
    ['realm', ['', ' ', 'a"b', 'a\\b', 'a\r\nb', 'é', null]],
    ['onEvent', functions],
    ['now', [...functions, 5]],
    ['fetch', functions],
  ])('refuses an invalid %s by name, without its value', (name, values) => {
    for (const value of values) {
      const message = typeErrorOf(() => checkOptions({ [name]: value }))
      expect([value, message]).toEqual([value, expect.stringMatching(new RegExp(`^option "${name}" (must|can) `))])
      expect(message).not.toContain('secret!')
    }
  })

  const rangeOf: Record<string, string> = {
    'cache maxEntries': ' from 0 to 10000000',
    'keys timeoutInMs': ' from 0 to 3600000',
    'remote timeoutInMs': ' from 0 to 3600000',
    'remote staleInMs': ' from 0 to 3600000',
  }
  it.each([
    ['keys', ['freshInMs', 'staleInMs', 'unknownKidEveryMs', 'timeoutInMs']],
    ['cache', ['maxEntries', 'maxBytes']],
    ['remote', ['timeoutInMs', 'rememberInMs', 'staleInMs', 'maxInFlight', 'callsPerSecond', 'retries']],
  ])('refuses invalid numbers in %s by name', (group, names) => {
    for (const name of names) {
      for (const value of counts)
        expect(typeErrorOf(() => checkOptions({ [group]: { [name]: value } }))).toBe(
          `option in "${group}" "${name}" must be an integer${rangeOf[`${group} ${name}`] ?? ', 0 or more'}`,
        )
      expect(typeErrorOf(() => checkOptions({ [group]: { [name]: 0 } }))).toBeUndefined()
    }
    expect(typeErrorOf(() => checkOptions({ [group]: { [`${names[0]}s`]: 1 } }))).toBe(
      `unknown option in "${group}" "${names[0]}s"; did you mean "${names[0]}"?`,
    )
  })

  it('refuses a timeout beyond the range of timers, which would fire immediately', () => {
    for (const group of ['keys', 'remote']) {
      const message = typeErrorOf(() => checkOptions({ [group]: { timeoutInMs: 3_600_001 } }))
      expect(message).toContain('"timeoutInMs" must be an integer from 0 to 3600000')
      expect(typeErrorOf(() => checkOptions({ [group]: { timeoutInMs: 3_600_000 } }))).toBeUndefined()
    }
  })

  it('refuses to accept tokens for more than an hour while Clerk cannot be asked', () => {
    expect(typeErrorOf(() => checkOptions({ remote: { staleInMs: 3_600_001 } }))).toContain('"staleInMs"')
    expect(typeErrorOf(() => checkOptions({ remote: { staleInMs: 3_600_000 } }))).toBeUndefined()
  })

  it('refuses a maxEntries larger than a process can hold', () => {
    expect(mistakeOf({ jwtKey: pem, cache: { maxEntries: 10_000_001 } })).toContain('"maxEntries"')
    expect(typeErrorOf(() => checkOptions({ cache: { maxEntries: 10_000_000 } }))).toBeUndefined()
  })

  it.each([
    ['publishablekey', 'publishableKey'],
    ['publishable_key', 'publishableKey'],
    ['authorisedParties', 'authorizedParties'],
    ['secret', 'secretKey'],
    ['somethingElse', undefined],
    ['clockSkewMs', 'clockSkewInMs'],
    ['cookie', 'cookies'],
    ['frontendApi', 'frontendApiUrl'],
    ['acceptToken', 'acceptsToken'],
  ])('suggests the correct name for %s', (name, expected) => {
    const message = typeErrorOf(() => checkOptions({ [name]: 'x' }))
    expect(message).toContain(
      `unknown option "${name}"; ${expected ? `did you mean "${expected}"?` : 'known names are '}`,
    )
  })

  it.each(Object.entries(SDK_OPTIONS))("names the replacement for %s, an option of Clerk's SDK", (name, instead) => {
    const message = `option "${name}" of Clerk's SDK does not exist here: ${instead}`
    expect(typeErrorOf(() => checkOptions({ [name]: 'x' }))).toBe(message)
  })

  it.each([
    [null, 'null'],
    [SECRET_KEY, 'a string'],
    [() => {}, 'a function'],
  ])('refuses options that are not an object: %j', (options, what) => {
    expect(typeErrorOf(() => checkOptions(options as ClerkAuthOptions))).toBe(`options must be an object, not ${what}`)
  })

  it('accepts every option with a valid value', () => {
    const options: Required<ClerkAuthOptions> = {
      publishableKey: PUBLISHABLE_KEY,
      frontendApiUrl: 'https://clerk.example.com',
      secretKey: SECRET_KEY,
      machineSecretKey: 'ak_secret',
      machineId: 'any',
      jwtKey: pem,
      jwks: JWKS,
      issuer: ['https://clerk.example.com'],
      audience: 'api',
      authorizedParties: ['https://app.example.com'],
      missingAzp: 'reject',
      acceptsToken: ['session_token'],
      cookies: true,
      clockSkewInMs: 0,
      treatPendingAsSignedOut: false,
      apiUrl: 'https://api.example.com',
      apiVersion: 'v2',
      keys: { freshInMs: 0 },
      shared: { connect: () => ({}) as never },
      revocation: { keepForMs: 60_000 },
      cache: { maxEntries: 0 },
      remote: { rememberInMs: 0 },
      refusals: 'throw',
      refusalBody: () => ({}),
      insecureAllowLocalIssuer: true,
      realm: 'the API (v1)!',
      onEvent: () => {},
      now: Date.now,
      fetch,
    }
    expect(mistakeOf(options)).toBeUndefined()
  })
})

describe('the option authorizedParties', () => {
  it.each([
    'https://app.example.com',
    'https://app.example.com:8443',
    'http://localhost:3000',
    'http://127.0.0.1:3000',
    'http://[::1]:3000',
    'https://xn--bcher-kva.example',
    'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
    'moz-extension://0a1b2c3d-0000-4000-8000-000000000000',
    'capacitor://localhost',
    'tauri://localhost',
    'com.example.app://callback',
  ])('accepts the origin %s', (party) => {
    expect(mistakeOf({ jwtKey: pem, authorizedParties: ['https://a.example', party] })).toBeUndefined()
    expect(mistakeOf({ jwtKey: pem }, { CLERK_AUTHORIZED_PARTIES: party })).toBeUndefined()
  })

  it.each([
    'https://app.example.com/',
    'https://app.example.com/path',
    'https://app.example.com?x',
    'https://app.example.com#',
    'app.example.com',
    'localhost:3000',
    'https://APP.example.com',
    'HTTPS://app.example.com',
    'https://app.example.com:443',
    'http://localhost:80',
    'https://bücher.example',
    'https://user@app.example.com',
    'https://*.example.com',
    'https://',
    'https:app.example.com',
    ' https://app.example.com',
    'chrome-extension://id/',
    'capacitor://',
    '*',
  ])('refuses %j, which no browser sends as an origin', (party) => {
    const message =
      'option "authorizedParties" must be origins as a browser sends them, such as "https://app.example.com", without a trailing slash'
    expect(mistakeOf({ jwtKey: pem, authorizedParties: ['https://a.example', party] })).toBe(message)
  })

  it('refuses "null", the origin of every sandboxed page', () => {
    const message = 'option "authorizedParties" must not contain "null": it is the origin of every sandboxed page'
    expect(mistakeOf({ jwtKey: pem, cookies: true, authorizedParties: 'null' })).toBe(message)
    expect(mistakeOf({ jwtKey: pem, authorizedParties: ['https://a.example', 'null'] })).toBe(message)
  })
})

describe('the publishable key and the secret key', () => {
  it('are distinguished if one is given for the other, without showing their values', () => {
    expect(mistakeOf({ publishableKey: SECRET_KEY })).toBe(
      'option "publishableKey" must not be a secret key: publishable keys start with "pk_"',
    )
    expect(mistakeOf({ secretKey: ` ${PUBLISHABLE_KEY}` })).toBe(
      'option "secretKey" must not be a publishable key: secret keys start with "sk_"',
    )
  })

  it.each([
    ['live', 'test'],
    ['test', 'live'],
  ])('belong to one instance: %s with %s is a mistake', (publishableKind, secretKind) => {
    const publishableKey = publishable('clerk.example.com', publishableKind)
    const message = `option "publishableKey" is a ${publishableKind} key and "secretKey" is a ${secretKind} key: use keys of the same instance`
    expect(mistakeOf({ publishableKey, secretKey: `sk_${secretKind}_x` })).toBe(message)
    expect(mistakeOf({ publishableKey }, { CLERK_SECRET_KEY: `sk_${secretKind}_x` })).toBe(message)
    expect(mistakeOf({ publishableKey, secretKey: `sk_${publishableKind}_x` })).toBeUndefined()
  })
})

describe('the option cookies', () => {
  const authorizedParties = ['https://app.example.com']

  it('requires the origins that may use the cookie', () => {
    expect(mistakeOf({ jwtKey: pem, cookies: true })).toContain('option "cookies" requires "authorizedParties"')
    expect(mistakeOf({ jwtKey: pem, cookies: true, authorizedParties, missingAzp: 'allow' })).toBe(
      'option "cookies" requires "missingAzp" to be "reject"',
    )
    expect(read({ jwtKey: pem, cookies: true, authorizedParties }).cookies?.origins).toEqual(authorizedParties)
    const environment = { CLERK_AUTHORIZED_PARTIES: 'https://app.example.com' }
    expect(read({ jwtKey: pem, cookies: true }, environment).cookies?.origins).toEqual(authorizedParties)
  })

  it('is off unless it is true', () => {
    expect(read({ jwtKey: pem, authorizedParties }).cookies).toBeUndefined()
    expect(read({ jwtKey: pem, cookies: false }).cookies).toBeUndefined()
    expect(mistakeOf({ jwtKey: pem, cookies: 'true' as never })).toBe('option "cookies" must be true or false')
  })

  it('derives the cookie name of the instance from the publishable key', async () => {
    const given = { cookies: true, authorizedParties }
    expect(await read({ ...given, publishableKey: PUBLISHABLE_KEY }).cookies?.names).toHaveLength(2)
    expect(await read({ ...given, jwtKey: pem }).cookies?.names).toEqual(['__session'])
  })
})

it('readOptions checks the options of the code first', () => {
  expect(mistakeOf({ acceptToken: 'session_token' })).toContain('unknown option "acceptToken"')
  expect(mistakeOf({ jwtKey: pem, clockSkewInMs: -1 })).toContain('option "clockSkewInMs"')
})

describe('the environment, as an unusual object', () => {
  const text = 'https://app.example.com'
  const variables = { CLERK_AUTHORIZED_PARTIES: text }
  it.each<[string, Environment]>([
    ['a Proxy with only a get trap', new Proxy({}, { get: (_target, name) => (name in variables ? text : undefined) })],
    ['an object that inherits', Object.create(variables) as Environment],
    [
      'a class with getters',
      new (class {
        get CLERK_AUTHORIZED_PARTIES() {
          return text
        }
      })() as never,
    ],
  ])('is read: %s', (_name, environment) => {
    expect(read({ jwtKey: pem }, environment).claimRules.authorizedParties).toEqual([text])
  })

  it('must contain strings', () => {
    const environment = { CLERK_SECRET_KEY: { get: () => SECRET_KEY } } as never
    expect(mistakeOf({}, environment)).toBe(
      'CLERK_SECRET_KEY in the environment is not a string: set the option instead',
    )
  })
})

describe('the environment', () => {
  it.each([
    ['CLERK_PUBLISHABLE_KEY', SECRET_KEY, 'must not be a secret key: publishable keys start with "pk_"'],
    ['CLERK_SECRET_KEY', PUBLISHABLE_KEY, 'must not be a publishable key: secret keys start with "sk_"'],
  ])('a wrong value is reported with the name of its variable, %s', (name, value, problem) => {
    expect(mistakeOf({}, { [name]: value })).toBe(`${name} in the environment ${problem}`)
  })

  it('is read, without whitespace, if the code does not set the option', () => {
    const { options } = read(
      {},
      {
        CLERK_PUBLISHABLE_KEY: ` ${PUBLISHABLE_KEY}\n`,
        CLERK_FAPI: 'https://clerk.example.com',
        CLERK_SECRET_KEY: SECRET_KEY,
        CLERK_MACHINE_SECRET_KEY: 'ak_secret\n',
        CLERK_MACHINE_ID: ` mch_${'a'.repeat(27)}`,
        CLERK_JWT_KEY: pem,
        CLERK_AUDIENCE: 'api, other',
        CLERK_AUTHORIZED_PARTIES: 'https://a.example , https://b.example',
        CLERK_API_URL: 'https://api.example.com',
        CLERK_API_VERSION: 'v2',
      },
    )
    expect(options).toEqual({
      publishableKey: PUBLISHABLE_KEY,
      frontendApiUrl: 'https://clerk.example.com',
      secretKey: SECRET_KEY,
      machineSecretKey: 'ak_secret',
      machineId: `mch_${'a'.repeat(27)}`,
      jwtKey: pem,
      audience: ['api', 'other'],
      authorizedParties: ['https://a.example', 'https://b.example'],
      apiUrl: 'https://api.example.com',
      apiVersion: 'v2',
    })
  })

  it('is overridden by the code only for the same option', () => {
    const environment = {
      CLERK_AUDIENCE: 'env',
      CLERK_AUTHORIZED_PARTIES: 'https://env.example',
      CLERK_PUBLISHABLE_KEY: PUBLISHABLE_KEY,
    }
    const { claimRules, keyOrigin } = read({ audience: 'code', secretKey: undefined }, environment)
    expect(claimRules).toMatchObject({ audiences: ['code'], authorizedParties: ['https://env.example'] })
    expect(keyOrigin).toEqual(FROM_FRONTEND_API)
    expect(read({ publishableKey: publishable('code.example.com') }, environment).claimRules.issuers).toEqual([
      'https://code.example.com',
    ])
  })

  it('counts as unset if a variable is empty', () => {
    const { claimRules } = read({ publishableKey: PUBLISHABLE_KEY }, { CLERK_AUDIENCE: '', CLERK_JWT_KEY: ' ' })
    expect(claimRules).not.toHaveProperty('audiences')
  })

  it.each([
    ['CLERK_AUDIENCE', 'a,,b', 'CLERK_AUDIENCE in the environment'],
    ['CLERK_AUTHORIZED_PARTIES', ',', 'CLERK_AUTHORIZED_PARTIES in the environment'],
    ['CLERK_API_VERSION', 'secret!', 'CLERK_API_VERSION in the environment'],
    ['CLERK_FAPI', 'https://secret!.example/path', 'option "frontendApiUrl"'],
    ['CLERK_PUBLISHABLE_KEY', 'secret!', 'option "publishableKey"'],
    ['CLERK_JWT_KEY', 'secret!', 'option "jwtKey"'],
    ['CLERK_MACHINE_SECRET_KEY', 'secret!', 'CLERK_MACHINE_SECRET_KEY in the environment'],
    ['CLERK_MACHINE_ID', 'secret!', 'CLERK_MACHINE_ID in the environment'],
  ])('is checked like the options in code: %s', (name, value, named) => {
    const message = mistakeOf({}, { CLERK_SECRET_KEY: SECRET_KEY, [name]: value })
    expect(message).toContain(`${named} `)
    expect(message).not.toContain('secret!')
  })
})

describe('the key source', () => {
  it('is required: the message names the variables and options to choose from', () => {
    const message = mistakeOf({ issuer: 'https://clerk.example.com' })
    for (const name of ['CLERK_PUBLISHABLE_KEY', 'CLERK_SECRET_KEY', 'CLERK_JWT_KEY', '"frontendApiUrl"', '"jwks"'])
      expect(message).toContain(name)
  })

  it.each<[string, ClerkAuthOptions, object]>([
    ['jwtKey', { jwtKey: pem, jwks: JWKS, publishableKey: PUBLISHABLE_KEY, secretKey: SECRET_KEY }, { from: 'key' }],
    ['jwks', { jwks: JWKS, publishableKey: PUBLISHABLE_KEY, secretKey: SECRET_KEY }, { from: 'set' }],
    ['publishableKey', { publishableKey: PUBLISHABLE_KEY, secretKey: SECRET_KEY }, FROM_FRONTEND_API],
    [
      'frontendApiUrl, before the one in publishableKey',
      { publishableKey: publishable('other.example.com'), frontendApiUrl: 'https://clerk.example.com/' },
      FROM_FRONTEND_API,
    ],
    ['frontendApiUrl without a scheme', { frontendApiUrl: 'clerk.example.com' }, FROM_FRONTEND_API],
    [
      'secretKey',
      { secretKey: ` ${SECRET_KEY}\n` },
      { from: 'url', url: 'https://api.clerk.com/v1/jwks', headers: { Authorization: `Bearer ${SECRET_KEY}` } },
    ],
    [
      'secretKey with another Backend API',
      { secretKey: 'sk_live_x', apiUrl: 'https://example.com/clerk//', apiVersion: 'v2' },
      { from: 'url', url: 'https://example.com/clerk/v2/jwks', headers: { Authorization: 'Bearer sk_live_x' } },
    ],
  ])('is the first in order of precedence: %s', (_, options, expected) => {
    expect(read(options).keyOrigin).toMatchObject(expected)
  })

  it.each([
    publishable('clerk.example.com', 'live'),
    publishable('clerk.example.com', 'test').replace(/=+$/, ''),
    publishable('clerk.example.com:8443'),
    ` ${PUBLISHABLE_KEY}\n`,
  ])('may be the publishable key %j', (publishableKey) => {
    expect(read({ publishableKey }).keyOrigin).toMatchObject({ url: expect.stringContaining('//clerk.example.com') })
  })

  it.each([
    'pk_dev_Y2xlcmsuZXhhbXBsZS5jb20k',
    'clerk.example.com',
    'pk_test_',
    'pk_test_%%%%',
    'pk_test_A',
    `pk_test_${Buffer.from('clerk.example.com').toString('base64')}`, // no $
    ...['a.example/x$', 'a@b.example', 'a.example\n', 'a.example#', 'a b', 'http://a.example', ''].map((one) =>
      publishable(one),
    ),
  ])('is not the publishable key %j', (publishableKey) => {
    expect(mistakeOf({ publishableKey })).toMatch(/^option "publishableKey" (is not valid|does not name an origin)/)
  })

  it.each([
    ['a path', 'https://a.example/x'],
    ['a query', 'https://a.example/?x'],
    ['a fragment', 'https://a.example/#x'],
    ['a user', 'https://secret!@a.example'],
    ['a password', 'https://:secret!@a.example'],
    ['no host', 'https://'],
    ['whitespace', 'a b'],
    ['http: with a host that is not loopback', 'http://a.example'],
    ['another scheme', 'ftp://a.example'],
    ['another scheme on a loopback host', 'ftp://localhost'],
  ])('is not a frontendApiUrl with %s', (_, frontendApiUrl) => {
    expect(mistakeOf({ frontendApiUrl })).toMatch(/^option "frontendApiUrl" (?!.*secret!)/)
  })

  it.each([
    ['no URL', 'secret!'],
    ['http: with a host that is not loopback', 'http://a.example'],
    ['another scheme', 'file:///etc/passwd'],
    ['a user', 'https://secret!@a.example'],
    ['a password', 'https://:secret!@a.example'],
    ['a query', 'https://a.example/?secret!'],
    ['a fragment', 'https://a.example/#secret!'],
    ['an empty query', 'https://a.example?'],
    ['an empty fragment', 'https://a.example/clerk#'],
  ])('is not an apiUrl with %s', (_, apiUrl) => {
    expect(mistakeOf({ secretKey: SECRET_KEY, apiUrl })).toMatch(/^option "apiUrl" (?!.*secret!)/)
  })

  it.each(['secret!', 'sk_', 'sk_test_', 'sk_dev_x', 'sk_test_secret! x', 'sk_test_secret!\0', 'sk_test_secret!…'])(
    'is not the secret key %j, which is malformed',
    (secretKey) => {
      const message = mistakeOf({ secretKey })
      expect(message).toBe('option "secretKey" must start with "sk_test_" or "sk_live_"')
    },
  )

  it('accepts http: for loopback hosts, and for any host if that is allowed', () => {
    const local = { publishableKey: publishable('127.0.0.1:4010') }
    expect(read(local).keyOrigin).toMatchObject({ url: 'http://127.0.0.1:4010/.well-known/jwks.json' })
    for (const apiUrl of ['http://localhost:4010', 'http://[::1]:4010', 'http://127.9.9.9'])
      expect(mistakeOf({ secretKey: SECRET_KEY, apiUrl })).toBeUndefined()
    for (const apiUrl of [
      'http://clerk:4010',
      'http://127.0.0.1.example',
      'http://localhost.example',
      'http://0.0.0.0',
    ]) {
      expect(mistakeOf({ secretKey: SECRET_KEY, apiUrl })).toMatch(/^option "apiUrl" must be an https: URL/)
      expect(mistakeOf({ secretKey: SECRET_KEY, apiUrl, insecureAllowLocalIssuer: true })).toBeUndefined()
    }
  })

  const unusable = 'option "jwks" has no usable key: each needs a "kid" and RSA, EC or Ed25519 members'
  it.each([
    ['keys that are not a list', { keys: {} }],
    ['an empty list', { keys: [] }],
    ['a key without a kid', { keys: [jwk] }],
    ['a symmetric key', { keys: [{ kty: 'oct', k: 'secret!', kid: 'a' }] }],
    ['a key that is not for signatures', { keys: [{ ...jwk, kid: 'a', use: 'enc' }] }],
    ['only values that are not keys', { keys: [null, 1, 'secret!', {}] }],
  ])('is not a JWK Set with %s', (_, jwks) => {
    expect(mistakeOf({ jwks })).toBe(unusable)
  })

  it.each([{}, Object.create({ keys: [{ ...jwk, kid: 'a' }] }) as object])(
    'is not a JWK Set without own "keys"',
    (jwks) => {
      expect(mistakeOf({ jwks })).toBe('option "jwks" must be a JWK Set: { keys: [...] }')
    },
  )

  it('is a JWK Set with a valid key and invalid ones', () => {
    expect(mistakeOf({ jwks: { keys: [null, 1, 'x', {}, undefined, ...JWKS.keys] } })).toBeUndefined()
  })
})

describe('the claim rules', () => {
  it('default to the origin of the Frontend API as issuer, 5 seconds of skew, and any azp', () => {
    expect(read({ publishableKey: PUBLISHABLE_KEY }).claimRules).toEqual({
      issuers: ['https://clerk.example.com'],
      missingAzp: 'reject',
      clockSkewInMs: 5000,
    })
    expect(read({ jwtKey: pem, publishableKey: PUBLISHABLE_KEY }).claimRules.issuers).toEqual([
      'https://clerk.example.com',
    ])
    expect(read({ jwtKey: pem }).claimRules).not.toHaveProperty('issuers')
  })

  it('follow the options', () => {
    const rules = { issuer: 'https://i.example', audience: ['a', 'b'], authorizedParties: 'https://p.example' }
    expect(
      read({ publishableKey: PUBLISHABLE_KEY, ...rules, missingAzp: 'allow', clockSkewInMs: 0 }).claimRules,
    ).toEqual({
      issuers: ['https://i.example'],
      audiences: ['a', 'b'],
      authorizedParties: ['https://p.example'],
      missingAzp: 'allow',
      clockSkewInMs: 0,
    })
  })

  it.each(['reject', 'allow'])('refuse missingAzp "%s" without authorizedParties', (missingAzp) => {
    const message = 'option "missingAzp" requires "authorizedParties"'
    expect(mistakeOf({ publishableKey: PUBLISHABLE_KEY, missingAzp })).toBe(message)
    expect(
      mistakeOf({ publishableKey: PUBLISHABLE_KEY, missingAzp }, { CLERK_AUTHORIZED_PARTIES: 'https://x.example' }),
    ).toBeUndefined()
  })
})

describe('a local instance', () => {
  const production = { NODE_ENV: 'production' }
  const localSet = { keys: [null, { ...jwk, kid: 'ins_local_2a' }] }
  it.each<[string, object]>([
    ['the publishable key', { publishableKey: publishable('127.0.0.1:4010') }],
    ['the Frontend API', { frontendApiUrl: 'http://localhost:4010' }],
    ['the Frontend API, with https:', { frontendApiUrl: 'https://localhost' }],
    ['the Frontend API, as a decimal address', { frontendApiUrl: 'https://2130706433' }],
    ['the Backend API', { secretKey: SECRET_KEY, apiUrl: 'http://[::1]:4010' }],
    ['one of the issuers', { jwtKey: pem, issuer: ['https://clerk.example.com', 'http://127.0.0.1:4010'] }],
    ['a key of the set', { jwks: localSet }],
  ])('is refused in production, as %s', (_, options) => {
    expect(mistakeOf(options, production)).toMatch(/local Clerk instance.*NODE_ENV.*"insecureAllowLocalIssuer"/)
    expect(mistakeOf(options, { NODE_ENV: 'development' })).toBeUndefined()
    expect(mistakeOf({ ...options, insecureAllowLocalIssuer: true }, production)).toBeUndefined()
  })

  it('causes one warning at start', async () => {
    vi.resetModules()
    const fresh = await import('../src/config/settings.js')
    const options = { jwtKey: pem, issuer: 'http://127.0.0.1:4010' }
    const warnings = await warningsOf(() => {
      fresh.readOptions({ ...options, insecureAllowLocalIssuer: true }, {})
      fresh.readOptions(options, {})
      fresh.readOptions(options, {})
    })
    expect(warnings).toEqual([expect.stringMatching(/^Tokens of a local Clerk instance are accepted/)])
  })

  it.each<[object, Environment, string]>([
    [{}, production, 'refuse'],
    [{}, {}, 'warn'],
    [{}, { NODE_ENV: 'test' }, 'warn'],
    [{}, { NODE_ENV: 'development' }, 'warn'],
    [{}, { NODE_ENV: ' ' }, 'warn'],
    ...['Production', 'prod', 'staging', 'Development', 'dev', 'preview'].map((name): [object, Environment, string] => [
      {},
      { NODE_ENV: name },
      'refuse',
    ]),
    [{ insecureAllowLocalIssuer: false }, production, 'refuse'],
    [{ insecureAllowLocalIssuer: true }, production, 'allow'],
  ])('is allowed, warned of or refused according to %j and %j', (options, environment, policy) => {
    expect(read({ publishableKey: PUBLISHABLE_KEY, ...options }, environment).localIssuer).toBe(policy)
  })
})

it('a proxy URL that is ignored causes one warning, if no issuer is set', async () => {
  const warnings = await warningsOf(() => {
    read({ publishableKey: PUBLISHABLE_KEY }, { CLERK_DOMAIN: 'secret!.example' })
    read({ jwtKey: pem }, {})
    read({ jwtKey: pem }, { CLERK_PROXY_URL: 'https://secret!.example' })
    read({ jwtKey: pem }, { CLERK_DOMAIN: 'secret!.example' })
  })
  const [warning] = warnings
  expect(warnings).toHaveLength(1)
  expect(warning).toBe('CLERK_PROXY_URL is ignored. If your tokens have a different issuer, set the option "issuer".')
})

it.each([
  'publishableKey',
  'frontendApiUrl',
  'secretKey',
  'machineSecretKey',
  'machineId',
  'jwtKey',
  'jwks',
  'issuer',
  'apiUrl',
  'keys',
  'realm',
  'onEvent',
  'missingAzp',
  'acceptsToken',
])('no message about %s contains the value of a key', (name) => {
  for (const secret of [
    SECRET_KEY,
    privatePem,
    JSON.stringify(privateJwk),
    privateJwk.d!,
    `${pem}x`,
    PUBLISHABLE_KEY,
  ]) {
    const message = mistakeOf({ secretKey: 'x', [name]: secret }) ?? ''
    const parts = secret.split(/[\s"]/).filter((part) => part.length > 8)
    expect(parts.filter((part) => message.includes(part))).toEqual([])
  }
})
