// Measures throughput and memory with an increasing number of signed-in users.
import { fork } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mintLiveTokens } from './growth-mint.js'
import { median, ratio, rotated } from './measure.js'
import { printTable, progress, times } from './report.js'
import { answerOf } from './servers.js'

/** Names of `CONTESTANTS` in growth-verify.js. */
const NAMES = ['clerk-auth', 'clerk-auth, cache off', 'jose', 'fast-jwt, cache on']

/**
 * @typedef {object} Measured
 * @property {string} name
 * @property {number[]} rates tokens per second of each round
 * @property {number} heap bytes, more than before its package was loaded
 * @property {number} rss bytes, more than before its package was loaded
 */

/** @param {{ quick: boolean }} options */
export async function growthOfTokens({ quick }) {
  const counts = quick ? [10, 1000] : [10, 100, 1000, 10_000, 100_000, 1_000_000]
  const size = quick ? { rounds: 2, durationInMs: 50 } : { rounds: 9, durationInMs: 500 }
  const folder = await mkdtemp(join(tmpdir(), 'clerk-auth-bench-'))
  try {
    const { template, jwtKey, signatures } = await mintLiveTokens(counts.at(-1) ?? 0)
    const signaturesFile = join(folder, 'signatures')
    await writeFile(signaturesFile, signatures)

    const rows = []
    for (const count of counts)
      rows.push({ count, measured: await measureCount({ template, jwtKey, signaturesFile, count }, size) })
    printThroughput(rows)
    printMemory(rows)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/**
 * @param {Omit<import('./growth-verify.js').Settings, 'name'>} settings
 * @param {{ rounds: number, durationInMs: number }} size
 * @returns {Promise<Measured[]>} by contestant
 */
async function measureCount(settings, { rounds, durationInMs }) {
  const processes = await Promise.all(NAMES.map((name) => startProcess({ ...settings, name })))
  for (const { name, ask } of processes) {
    progress(`presenting ${settings.count} tokens to ${name}`)
    await ask('present all')
  }
  const entries = processes.map((one) => ({ ...one, rates: /** @type {number[]} */ ([]) }))
  for (let round = 0; round <= rounds; round++) {
    for (const { ask, rates } of rotated(entries, round)) {
      const rate = await ask(durationInMs)
      if (round > 0) rates.push(rate)
    }
  }

  const measured = []
  for (const { name, ask, stop, rates } of entries) {
    measured.push({ name, rates, ...(await ask('memory')) })
    stop()
  }
  return measured
}

/** @param {import('./growth-verify.js').Settings} settings */
async function startProcess(settings) {
  const child = fork(new URL('growth-verify.js', import.meta.url), [JSON.stringify(settings)], {
    execArgv: ['--expose-gc'],
  })
  await answerOf(child)
  return {
    name: settings.name,
    /** @param {string | number} command */
    ask: (command) => {
      child.send(command)
      return answerOf(child)
    },
    stop: () => child.disconnect(),
  }
}

/** @param {readonly { count: number, measured: Measured[] }[]} rows */
function printThroughput(rows) {
  printTable(
    'Verifications per second by live tokens (EdDSA), presented in random order, 100 at a time',
    ['live tokens', ...NAMES, 'clerk-auth / jose', 'clerk-auth / fast-jwt'],
    rows.map(({ count, measured }) => {
      const [ours = [], , jose = [], fastJwt = []] = measured.map(({ rates }) => rates)
      return [
        String(count),
        ...measured.map(({ rates }) => median(rates).toFixed(0)),
        times(ratio(ours, jose)),
        times(ratio(ours, fastJwt)),
      ]
    }),
  )
}

/** @param {readonly { count: number, measured: Measured[] }[]} rows */
function printMemory(rows) {
  const megabytes = (/** @type {number} */ bytes) => (bytes / 1e6).toFixed(1)
  printTable(
    'Memory by live tokens (EdDSA), after garbage collection, MB more than before: heap, RSS',
    ['live tokens', ...NAMES],
    rows.map(({ count, measured }) => [
      String(count),
      ...measured.map(({ heap, rss }) => `${megabytes(heap)}, ${megabytes(rss)}`),
    ]),
  )
}
