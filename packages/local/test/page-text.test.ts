import { describe, expect, test } from 'vitest'
import { shown, escapeInvisible } from '../page/text.js'
import { between, moment, timeNear, timestamp } from '../page/time.js'
import { escapeInvisible as escapeForTerminal } from '../src/support/escape-invisible.js'
import * as cli from '../src/support/durations.js'

const NOW = Date.UTC(2030, 0, 1, 12)
const DISTANCES = [
  1000,
  43_000,
  60_000,
  61_000,
  3_599_000,
  3_600_000,
  86_400_000,
  90_061_000,
  40 * 86_400_000,
  4e10,
  5e11,
]

describe('text on the page', () => {
  test.each(DISTANCES)('describes a time %i ms away like the command line', (distance) => {
    for (const time of [NOW + distance, NOW - distance]) {
      expect(between(NOW, time)).toBe(cli.between(NOW, time))
      expect(moment(time, NOW)).toBe(cli.moment(time, NOW))
      expect(timestamp(time)).toBe(cli.timestamp(time))
    }
  })

  test('omits the date of today', () => {
    expect(timeNear(NOW + 5000, NOW)).toBe('12:00:05Z')
    expect(timeNear(NOW + 86_400_000, NOW)).toBe('2030-01-02 12:00:00Z')
  })

  test.each(['plain', 'a\u202Eb', 'a\u0000\u001b[31m', '\u{e0041}', 'zero\u200bwidth', 'two\nlines', 'שלום', '\u2028'])(
    'escapes invisible characters like the command line: %j',
    (input) => expect(escapeInvisible(input)).toBe(escapeForTerminal(input)),
  )

  test('is truncated if long', () => {
    expect(shown('x'.repeat(120))).toBe('x'.repeat(120))
    expect(shown('x'.repeat(121))).toBe(`${'x'.repeat(120)}… (121 characters)`)
  })
})
