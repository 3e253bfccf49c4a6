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
      'leaves what has no shortcode',
      { a: 'text', b: [1, true, null], c: { d: {} } },
      { a: 'text', b: [1, true, null], c: { d: {} } },
    ],
    ['puts in a text', '{{user.first_name}}', 'John'],
    ['keeps a number one', '{{user.created_at}}', 1_227_618_844],
    ['keeps a truth value one', '{{user.email_verified}}', false],
    ['keeps an object one', '{{user.unsafe_metadata}}', {}],
    ['keeps a list one', '{{user.public_metadata.interests}}', ['hiking', 'knitting']],
    ['follows a path', '{{user.public_metadata.addresses.Home}}', '2355 Pointe Lane'],
    ['has white space inside the braces', '{{  user.first_name  }}', 'John'],
    ['gives null for what is not there', '{{user.i_dont_exist}}', null],
    ['gives null for a path through what is not there', '{{org.public_metadata.a.b}}', null],
    ['gives null for what every object inherits', '{{user.constructor}}', null],
    ['gives null for an empty shortcode', '{{}}', null],
    ['works at every depth', { a: [{ b: '{{user.id}}' }] }, { a: [{ b: 'user_1' }] }],
    ['leaves keys as they are', { '{{user.id}}': 1 }, { '{{user.id}}': 1 }],
    ['makes text of a longer one', '{{user.last_name}} {{user.first_name}}', 'null John'],
    ['makes text of a number', 'since {{user.created_at}}', 'since 1227618844'],
    ['makes JSON of a list in a text', 'likes {{user.public_metadata.interests}}', 'likes ["hiking","knitting"]'],
    ['puts values in as they are', 'a{{user.id}}$&b', 'auser_1$&b'],
    ['takes the first that is there', '{{user.last_name || user.first_name}}', 'John'],
    ['passes over false', '{{user.email_verified || user.phone_number_verified}}', true],
    ['gives the last when all are null or false', '{{user.last_name || user.email_verified}}', false],
    ['gives the last, were it null', '{{user.email_verified || user.last_name}}', null],
    ['takes zero for a value', '{{user.public_metadata.zero || 30}}', 0],
    ['takes an empty text for a value', "{{user.public_metadata.empty || 'x'}}", ''],
    ['falls back to a text', "{{user.last_name || 'Awesome User'}}", 'Awesome User'],
    ['falls back to a number', '{{user.public_metadata.age || user.unsafe_metadata.age || 30 }}', 30],
    ['falls back to a negative number with a fraction', '{{user.last_name || -1.5}}', -1.5],
    ['falls back to a truth value', '{{user.last_name || true}}', true],
    ['lets a text hold what separates', "{{user.last_name || 'a || b }} c'}}", 'a || b }} c'],
    ['falls back inside a text', "Dear {{user.last_name || 'friend'}}!", 'Dear friend!'],
    ['leaves braces that are not closed', '{{user.first_name', '{{user.first_name'],
    ['leaves single braces', '{user.first_name}', '{user.first_name}'],
  ])('%s', (_, template, filled) => {
    expect(fillTemplate(template, SHORTCODES)).toEqual(filled)
  })
})
