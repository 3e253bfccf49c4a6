import { describe, expect, test } from 'vitest'
import { digestProblem, isHasher, type Hasher } from '../src/credentials/hashers.js'
import { hashPassword, verifyPassword } from '../src/credentials/password.js'

// Computed with Python's hashlib and crypt.
const CORRECT_HORSE: readonly (readonly [Hasher, string])[] = [
  ['bcrypt', '$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e'],
  ['bcrypt_peppered', '$2b$04$abcdefghijklmnopqrstuugEH5s5r3zGAd2.thRclysskVPVf1JhW$pepper'],
  ['bcrypt_sha256_django', 'bcrypt_sha256$$2b$04$abcdefghijklmnopqrstuuIvyWZlBcE3WoQXKqRnwrLYJ6nenE0Bq'],
  ['ldap_ssha', '{SSHA}LhKrkM9Fy+zlstjdD7Kv2s6QvhBzYWx0'],
  ['md5', '3cb4e732631f47e6eb961f34554b7cde'],
  ['md5_phpass', '$P$6saltsaltkvzKRh/t6g3XxQdpzcMGv.'],
  ['pbkdf2_sha1', 'pbkdf2_sha1$1000$salt$ba6e4f2c7f22bc472b44955ab1365787cfafc57d06831bd3b221aa802f19130f'],
  ['pbkdf2_sha1', 'pbkdf2_sha1$1000$73616c74$ba6e4f2c7f22bc472b44955ab1365787cfafc57d$20'],
  ['pbkdf2_sha256', 'pbkdf2_sha256$1000$c2FsdA==$boRToEKoQr22LeDTyHDsEkHpDsDOTyWJq16HknEiweU='],
  ['pbkdf2_sha256_django', 'pbkdf2_sha256$1000$salt$boRToEKoQr22LeDTyHDsEkHpDsDOTyWJq16HknEiweU='],
  [
    'pbkdf2_sha512',
    'pbkdf2_sha512$1000$salt$38b54862cf5def6e5f58038925e7d345c7aabcb331948c89ed1759f359bbf674' +
      '3f5ac2c454db86067a643fe17b65c0533683a45cedd240087528c4068b21236f',
  ],
  [
    'pbkdf2_sha512_hex',
    'pbkdf2_sha512_hex$1000$73616c74$38b54862cf5def6e5f58038925e7d345c7aabcb331948c89ed1759f359bbf674' +
      '3f5ac2c454db86067a643fe17b65c0533683a45cedd240087528c4068b21236f',
  ],
  ['phpass', '$P$6saltsaltm5kzegSSYLpteeiemmHd3/'],
  [
    'scrypt_werkzeug',
    'scrypt:1024:8:1$salt$fa344bb561aac1b53346f30de3ed6e5cf12efb948f6e430fc80ec4e82c0e8cab' +
      'bdb4d9f922912a02c075378863e4d989dba63456f4dcff1cc5ac8c76e70a62c9',
  ],
  [
    'scrypt_werkzeug',
    '$scrypt:1024:8:1$salt$+jRLtWGqwbUzRvMN4+1uXPEu+5SPbkMPyA7E6CwOjKu9tNn5IpEqAsB1N4hj5NmJ26Y0VvTc/xzFrIx25wpiyQ==',
  ],
  ['sha256', '4104d36f8da2c254349f85836793ebe029e0c957063a34c91c2e9203187b5631'],
  [
    'sha512_symfony',
    'sha512_symfony$10$salt$B025LLjsSfyeLvWkgJ5rxVSS7Ood6IjlE938dWrIpHFVElHD79+bifRO5XUvlTIwA8B97LLK6dyxW2AcNiYKmw==',
  ],
]

// From the test suites of argon2, phpass and Firebase's scrypt.
const PUBLISHED: readonly (readonly [Hasher, string, string])[] = [
  ['argon2i', 'password', '$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA'],
  ['argon2id', 'password', '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'],
  ['phpass', 'test12345', '$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0'],
  [
    'scrypt_firebase',
    'user1password',
    'lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==$42xEC+ixf3L2lw==$' +
      'jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==$Bw==$8$14',
  ],
]

const MALFORMED: readonly (readonly [Hasher, string])[] = [
  ['argon2i', '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'],
  ['argon2id', '$argon2id$v=19$m=256,t=2,p=1$c29tZQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'],
  ['argon2id', '$argon2id$v=19$m=7,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'],
  ['awscognito', 'awscognito#pool#client'],
  ['bcrypt', '$2b$03$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e'],
  ['bcrypt', '$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6'],
  ['bcrypt_peppered', '$2b$04$abcdefghijklmnopqrstuugEH5s5r3zGAd2.thRclysskVPVf1JhW'],
  ['bcrypt_sha256_django', '$2b$04$abcdefghijklmnopqrstuuIvyWZlBcE3WoQXKqRnwrLYJ6nenE0Bq'],
  ['ldap_ssha', '{SSHA}LhKrkM9Fy+zlstjdD7Kv2s6Qvh=='],
  ['md5', '3cb4e732631f47e6eb961f34554b7cd'],
  ['md5_phpass', '3cb4e732631f47e6eb961f34554b7cde'],
  ['pbkdf2_sha1', 'pbkdf2_sha1$1000$73616c74$ba6e4f2c7f22bc472b44955ab1365787cfafc57d$32'],
  ['pbkdf2_sha256', 'pbkdf2_sha256$1000$not base64$boRToEKoQr22LeDTyHDsEkHpDsDOTyWJq16HknEiweU='],
  ['pbkdf2_sha256_django', 'pbkdf2_sha256$0$salt$boRToEKoQr22LeDTyHDsEkHpDsDOTyWJq16HknEiweU='],
  ['pbkdf2_sha512', 'pbkdf2_sha512$1000$salt$'],
  ['pbkdf2_sha512_hex', 'pbkdf2_sha512_hex$1000$salt$38b54862cf5def6e5f58038925e7d345'],
  ['phpass', '$H$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0'],
  ['scrypt_firebase', 'lSrf$42xE$jxsp$Bw==$8'],
  ['scrypt_werkzeug', 'scrypt:1000:8:1$salt$' + 'fa'.repeat(64)],
  ['scrypt_werkzeug', 'scrypt:65536:1:1$salt$' + 'fa'.repeat(64)],
  ['sha256', '4104'],
  ['sha512_symfony', 'sha512_symfony$0$salt$' + Buffer.alloc(64).toString('base64')],
]

const COSTLY: readonly (readonly [Hasher, string])[] = [
  ['argon2id', '$argon2id$v=19$m=524288,t=1,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'],
  ['argon2id', '$argon2id$v=19$m=65536,t=9999,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'],
  ['bcrypt', '$2b$31$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e'],
  ['pbkdf2_sha256', 'pbkdf2_sha256$999999999$c2FsdA==$boRToEKoQr22LeDTyHDsEkHpDsDOTyWJq16HknEiweU='],
  ['phpass', '$P$SIQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0'],
  ['scrypt_werkzeug', 'scrypt:1048576:8:1$salt$' + 'fa'.repeat(64)],
  ['sha512_symfony', 'sha512_symfony$999999999$salt$' + Buffer.alloc(64).toString('base64')],
  ['awscognito', `awscognito#pool#client#${'a'.repeat(1024)}`],
]

describe('a password', () => {
  test('is verified against its hash, whose salt is random', async () => {
    const stored = hashPassword('correct horse')
    expect(await verifyPassword(stored, 'correct horse')).toBe(true)
    expect(await verifyPassword(stored, 'wrong horse')).toBe(false)
    expect(hashPassword('correct horse').digest).not.toBe(stored.digest)
    expect(JSON.stringify(stored)).not.toContain('correct')
  })

  test('matches no damaged hash', async () => {
    for (const digest of ['', '$', 'c2FsdA$', 'c2FsdA$c2FsdA'])
      expect(await verifyPassword({ hasher: 'scrypt', digest }, 'correct horse')).toBe(false)
  })
})

describe('an imported digest', () => {
  test.each(CORRECT_HORSE)('of %s is verified', async (hasher, digest) => {
    expect(digestProblem(hasher, digest)).toBeUndefined()
    expect(await verifyPassword({ hasher, digest }, 'correct horse')).toBe(true)
    expect(await verifyPassword({ hasher, digest }, 'wrong horse')).toBe(false)
    expect(await verifyPassword({ hasher, digest }, '')).toBe(false)
  })

  test.each(PUBLISHED)('of %s from its own test suite is verified', async (hasher, password, digest) => {
    expect(await verifyPassword({ hasher, digest }, password)).toBe(true)
    expect(await verifyPassword({ hasher, digest }, `${password}!`)).toBe(false)
  })

  test('of awscognito is accepted and matches no password', async () => {
    const digest = 'awscognito#us-east-1_abc#client#alice'
    expect(digestProblem('awscognito', digest)).toBeUndefined()
    expect(await verifyPassword({ hasher: 'awscognito', digest }, 'alice')).toBe(false)
  })

  test('of bcrypt uses the first 72 bytes of a longer password', async () => {
    const digest = '$2b$04$abcdefghijklmnopqrstuuBzzIgyKkz7xMWYSzkIjUSnxEQFQ0WNe'
    expect(await verifyPassword({ hasher: 'bcrypt', digest }, 'a'.repeat(80))).toBe(true)
  })

  test.each(MALFORMED)('of %s is refused if malformed: %j', async (hasher, digest) => {
    expect(digestProblem(hasher, digest)).toBe(`must be a valid ${hasher} digest whose cost is not excessive`)
    expect(await verifyPassword({ hasher, digest }, 'correct horse')).toBe(false)
  })

  test('is verified or refused without an error if any character is missing', async () => {
    const cheap = [...CORRECT_HORSE, ...PUBLISHED.map(([hasher, , digest]) => [hasher, digest] as const)].filter(
      ([hasher]) => !['argon2i', 'bcrypt', 'bcrypt_sha256_django', 'phpass'].includes(hasher),
    )
    for (const [hasher, digest] of cheap)
      for (let index = 0; index < digest.length; index++) {
        const damaged = digest.slice(0, index) + digest.slice(index + 1)
        expect(typeof (await verifyPassword({ hasher, digest: damaged }, 'correct horse'))).toBe('boolean')
      }
  })

  test.each(COSTLY)('of %s is refused if it takes too long to verify', async (hasher, digest) => {
    expect(digestProblem(hasher, digest)).toBe(`must be a valid ${hasher} digest whose cost is not excessive`)
    expect(await verifyPassword({ hasher, digest }, 'correct horse')).toBe(false)
  })
})

test('an unknown name is not a hasher', () => {
  expect(['bcrypt', 'md4', '', 'toString', '__proto__'].filter(isHasher)).toEqual(['bcrypt'])
})
