import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { callsPerMinute, dollarsPerMonth, FLEETS } from './formula.js'

const page = readFileSync(new URL('../../docs/fleet.md', import.meta.url), 'utf8')

test('docs/fleet.md has the store that the tests use', () => {
  expect(page).toContain(`\`\`\`ts\n${readFileSync(new URL('memory-store.ts', import.meta.url), 'utf8')}\`\`\``)
})

test('docs/fleet.md has the figures that follow from its formula', () => {
  const whole = (value: number) => Math.round(value).toLocaleString('en-US')
  const dollars = (value: number) => (value < 100 ? `$${value.toFixed(2)}` : `$${whole(value)}`)
  const cells = [...page.matchAll(/^\|.*\|$/gm)].map(([row]) => row.replace(/\s+/g, ' '))
  for (const fleet of FLEETS) {
    const { none, ownMemory, shared } = callsPerMinute({ ...fleet, rememberInSeconds: 30 })
    const { processes, tokens, requestsPerSecond } = fleet
    const counts = [processes, tokens, requestsPerSecond, none, ownMemory, shared].map(whole)
    const costs = [none, ownMemory, shared].map((calls) => dollars(dollarsPerMonth(calls)))
    expect(cells).toContain(`| ${[...counts, ...costs].join(' | ')} |`)
  }
})
