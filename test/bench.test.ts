import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { drawChart } from '../bench/src/chart.js'
import { skipRedisTests } from './fleet/redis-server.js'

const checkout = fileURLToPath(new URL('..', import.meta.url))
const main = fileURLToPath(new URL('../bench/src/main.js', import.meta.url))
const ab = fileURLToPath(new URL('../bench/src/ab.js', import.meta.url))

// The figures mean nothing here, because the machine is busy with other tests.
test.each([
  'lines',
  'size',
  'verify',
  'repeated',
  'mint',
  'start',
  'growth',
  'delay',
  'frameworks',
  ...(skipRedisTests ? [] : ['fleet']),
])(
  'the benchmark "%s" runs',
  async (table) => {
    const { stdout } = await promisify(execFile)(process.execPath, [main, '--quick', table])
    expect(stdout).toMatch(/\n\| .* \|\n\| -/)
  },
  240_000,
)

test('the A/B runner compares two checkouts', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [ab, checkout, checkout, '--quick'])
  expect(stdout).toMatch(/\| work +\| +A \| +B \| +A again \| +B \/ A \| +A again \/ A \|/)
  expect(stdout).toContain('| cached token, RS256 ')
}, 240_000)

test('the chart is well-formed, and its description contains every figure', () => {
  const svg = drawChart({
    title: 'Fast & <small>',
    notes: ['Measured today.'],
    groups: [
      { name: 'Express', bars: [{ label: 'no guard', value: '8,000 (100 %)', share: 1, style: 'bare' }] },
      { name: 'Hono', bars: [{ label: 'clerk-auth', value: '26,000 (65 %)', share: 0.65, style: 'ours' }] },
    ],
  })
  expect(svg).toContain('<title id="title">Fast &amp; &lt;small&gt;</title>')
  expect(svg).toContain('Express: no guard 8,000 (100 %). Hono: clerk-auth 26,000 (65 %). Measured today.</desc>')
  const opened = svg.match(/<\w[^>]*[^/]>/g) ?? []
  expect(opened).toHaveLength(svg.match(/<\/\w+>/g)?.length ?? 0)
})
