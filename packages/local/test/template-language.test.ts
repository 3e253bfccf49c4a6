import { describe, expect, test } from 'vitest'
import { fillTemplate } from '../src/tokens/template-language.js'

const SHORTCODES = {
  user: {
    id: 'user_1',
    first_name: 'John',
    last_name: null,
    created_at: 1_227_618_844,
    email_verified: false,
    phone_number_verified: true,
    public_metadata: {
      interests: ['hiking', 'knitting'],
      addresses: { Home: '2355 Pointe Lane' },
      zero: 0,
      empty: '',
    },
    unsafe_metadata: {},
  },
}

describe('fillTemplate', () => {
  test.each<[string, unknown, unknown]>([
    [
      'keeps values without shortcodes',
      { a: 'text', b: [1, true, null], c: { d: {} } },
      { a: 'text', b: [1, true, null], c: { d: {} } },
    ],
    ['inserts a string', '{{user.first_name}}', 'John'],
    ['keeps the type of a number', '{{user.created_at}}', 1_227_618_844],
    ['keeps the type of a boolean', '{{user.email_verified}}', false],
    ['keeps the type of an object', '{{user.unsafe_metadata}}', {}],
    ['keeps the type of an array', '{{user.public_metadata.interests}}', ['hiking', 'knitting']],
    ['follows a path', '{{user.public_metadata.addresses.Home}}', '2355 Pointe Lane'],
    ['allows white space inside the braces', '{{  user.first_name  }}', 'John'],
    ['returns null for a missing value', '{{user.i_dont_exist}}', null],
    ['returns null for a path through a missing value', '{{org.public_metadata.a.b}}', null],
    ['returns null for inherited properties', '{{user.constructor}}', null],
    ['returns null for an empty shortcode', '{{}}', null],
    ['fills nested values', { a: [{ b: '{{user.id}}' }] }, { a: [{ b: 'user_1' }] }],
    ['does not fill keys', { '{{user.id}}': 1 }, { '{{user.id}}': 1 }],
    ['joins several shortcodes to a string', '{{user.last_name}} {{user.first_name}}', 'null John'],
    ['inserts a number into a string', 'since {{user.created_at}}', 'since 1227618844'],
    [
      'inserts an array into a string as JSON',
      'likes {{user.public_metadata.interests}}',
      'likes ["hiking","knitting"]',
    ],
    ['inserts values without interpreting $', 'a{{user.id}}$&b', 'auser_1$&b'],
    ['uses the first value that is not null', '{{user.last_name || user.first_name}}', 'John'],
    ['skips false', '{{user.email_verified || user.phone_number_verified}}', true],
    ['returns the last value if all are null or false', '{{user.last_name || user.email_verified}}', false],
    ['returns the last value even if null', '{{user.email_verified || user.last_name}}', null],
    ['accepts zero as a value', '{{user.public_metadata.zero || 30}}', 0],
    ['accepts an empty string as a value', "{{user.public_metadata.empty || 'x'}}", ''],
    ['falls back to a string', "{{user.last_name || 'Awesome User'}}", 'Awesome User'],
    ['falls back to a number', '{{user.public_metadata.age || user.unsafe_metadata.age || 30 }}', 30],
    ['falls back to a negative number with a fraction', '{{user.last_name || -1.5}}', -1.5],
    ['falls back to a boolean', '{{user.last_name || true}}', true],
    ['allows delimiters in a string', "{{user.last_name || 'a || b }} c'}}", 'a || b }} c'],
    ['falls back inside a string', "Dear {{user.last_name || 'friend'}}!", 'Dear friend!'],
    ['keeps unclosed braces', '{{user.first_name', '{{user.first_name'],
    ['keeps single braces', '{user.first_name}', '{user.first_name}'],
  ])('%s', (_, template, filled) => {
    expect(fillTemplate(template, SHORTCODES)).toEqual(filled)
  })
})
