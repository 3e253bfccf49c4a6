// Measures how long a process takes to load an adapter.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { median, ratio, rotated } from './measure.js'
import { percent, printTable, progress } from './report.js'

const run = promisify(execFile)

/** The framework's modules that an adapter needs are loaded before the measurement. */
const FRAMEWORKS = {
  express: ['express'],
  fastify: ['fastify'],
  hono: ['hono', 'hono/adapter', 'hono/http-exception'],
}

/** @param {{ quick: boolean }} options */
export async function importTimes({ quick }) {
  const rounds = quick ? 3 : 15
  const rows = []
  for (const [name, framework] of Object.entries(FRAMEWORKS)) {
    progress(`importing the adapter for ${name} in ${2 * rounds} processes`)
    const [adapter = [], jose = []] = await measureImports(framework, [`@clerk-auth/${name}`, 'jose'], rounds)
    rows.push([`@clerk-auth/${name}`, ms(median(adapter)), ms(median(jose)), percent(ratio(adapter, jose))])
  }
  printTable(
    'Import in a new process, with the framework already loaded (target: half of jose)',
    ['', 'ms', 'jose, ms', '/ jose'],
    rows,
  )
}

/**
 * @param {readonly string[]} before
 * @param {readonly string[]} specifiers
 * @param {number} rounds
 * @returns {Promise<number[][]>} by specifier, the milliseconds of each round
 */
async function measureImports(before, specifiers, rounds) {
  const entries = specifiers.map((specifier) => ({ specifier, times: /** @type {number[]} */ ([]) }))
  for (let round = 0; round <= rounds; round++) {
    for (const { specifier, times } of rotated(entries, round)) {
      const time = await timeImport(before, specifier)
      if (round > 0) times.push(time)
    }
  }
  return entries.map(({ times }) => times)
}

/**
 * @param {readonly string[]} before
 * @param {string} specifier
 */
async function timeImport(before, specifier) {
  const script = `
    for (const one of ${JSON.stringify(before)}) await import(one)
    const start = performance.now()
    const exported = await import(${JSON.stringify(specifier)})
    const time = performance.now() - start
    if (Object.keys(exported).length === 0) throw new Error('nothing was imported')
    console.log(time)`
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: import.meta.dirname,
  })
  return Number(stdout)
}

/** @param {number} value */
const ms = (value) => value.toFixed(1)
