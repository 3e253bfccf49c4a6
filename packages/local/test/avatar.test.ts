import { expect, test } from 'vitest'
import { avatar } from '../src/images/avatar.js'

const initials = (name: string) => />([^<]*)<\/text>/.exec(avatar('user_1', name))?.[1]

test.each([
  ['Alice Liddell', 'AL'],
  ['acme', 'A'],
  ['Ada King of Lovelace', 'AL'],
  ['  ', ''],
  ['', ''],
  ['(école) 42', 'É4'],
  ['李 小龙', '李小'],
  ['<script> "&"', 'S'],
  ['\ud800 \u0000', ''],
])('the avatar of %j shows %j', (name, shown) => {
  expect(initials(name)).toBe(shown)
})

test('the avatar of an id is the same in every run, and has another colour than that of another id', () => {
  const colour = (id: string) => /hsl\((\d+),/.exec(avatar(id, 'A'))?.[1]
  expect(colour('user_1')).toBe('192')
  expect(colour('org_2')).not.toBe('192')
})

test('the avatar contains nothing of the id or the name but the initials', () => {
  expect(avatar('"><script>', '<script>alert(1)</script>')).not.toContain('script')
})
