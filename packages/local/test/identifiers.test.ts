import { expect, test } from 'vitest'
import { isCommonDomain } from '../src/people/common-domains.js'
import { isDomain, isEmailAddress, isPhoneNumber, isWalletAddress, usernameProblem } from '../src/people/identifiers.js'
import { isTestEmail, isTestPhone } from '../src/people/test-identifiers.js'

const LABEL = 'a'.repeat(63)

/** Each rule with values that it accepts, and values that it refuses. */
const RULES = [
  [
    'isEmailAddress',
    isEmailAddress,
    ['a@b.co', 'jane.doe+clerk_test@example.com', "o'neil@mail.example.com", 'jürgen@bücher.example'],
    [
      '',
      'a',
      '@b.co',
      'a@',
      'a@b',
      'a@@b.co',
      'a b@c.co',
      '.a@b.co',
      'a..b@c.co',
      'a@b.co\n',
      `${'a'.repeat(65)}@b.co`,
      `${LABEL}@${LABEL}.${LABEL}.${LABEL}.co`,
    ],
  ],
  [
    'isDomain',
    isDomain,
    ['example.com', 'a.b.c.example', 'xn--bcher-kva.example', `${LABEL}.com`],
    [
      '',
      'localhost',
      '.com',
      'a..com',
      '-a.com',
      'a-.com',
      `${LABEL}a.com`,
      '127.0.0.1',
      'a.com:80',
      'a/b.com',
      'a.com.',
      `${LABEL}.${LABEL}.${LABEL}.${LABEL}`,
    ],
  ],
  [
    'isPhoneNumber',
    isPhoneNumber,
    ['+12025550100', '+4915112345678', '+491234567890123'],
    [
      '',
      '12025550100',
      '+0202555010',
      '+1202555010',
      '+492025',
      '+1 202 555 0100',
      '+4912345678901234',
      '+1202555010a',
    ],
  ],
  [
    'isWalletAddress',
    isWalletAddress,
    [`0x${'aB'.repeat(20)}`, '9WzDXwBbmkg8ZTbNMqUxvQRAyrZzDsGYdLVL9zYtAWWM'],
    ['', `0x${'a'.repeat(39)}`, `0x${'a'.repeat(41)}`, `0x${'g'.repeat(40)}`, 'a'.repeat(40) + '0', 'a'.repeat(45)],
  ],
  [
    'isTestEmail',
    isTestEmail,
    ['jane+clerk_test@example.com', 'JANE+CLERK_TEST@example.com', 'jane+x+clerk_test@example.com'],
    ['jane@example.com', 'jane+clerk_tests@example.com', 'clerk_test@example.com', 'jane@x+clerk_test@example.com'],
  ],
  [
    'isTestPhone',
    isTestPhone,
    ['+12025550100', '+14155550199'],
    ['+12025550099', '+12025550200', '+442025550100', '+120255501000'],
  ],
  ['isCommonDomain', isCommonDomain, ['gmail.com', 'GMail.com', 'outlook.com'], ['example.com', 'mail.gmail.com', '']],
] as const

test.each(RULES)('%s accepts only what it should', (_name, rule, accepted, refused) => {
  expect([...accepted, ...refused].filter((value) => rule(value))).toEqual(accepted)
})

test.each([
  ['jane', undefined],
  ['Jane_Doe-2', undefined],
  ['a'.repeat(64), undefined],
  ['abc', 'form_username_invalid_length'],
  ['a'.repeat(65), 'form_username_invalid_length'],
  ['jane doe', 'form_username_invalid_character'],
  ['jané', 'form_username_invalid_character'],
  ['jane@example.com', 'form_username_invalid_character'],
  ['jane\n', 'form_username_invalid_character'],
])('the username %j has the problem %s', (username, problem) => {
  expect(usernameProblem(username)).toBe(problem)
})
