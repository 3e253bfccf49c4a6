/**
 * Sends mutated inputs to every function that receives untrusted input, for the given time:
 *
 *     npm run build && node test/fuzz/fuzz.js --seconds 60 [--seed 1] [--target token]
 *     node test/fuzz/fuzz.js --target token --input <base64url>
 *
 * Exits with 1 at the first unexpected result, and prints how to reproduce it.
 */
import { setImmediate } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { mutate } from './mutate.js'
import { randomOf } from './random.js'
import { shrink } from './shrink.js'
import { TARGETS } from './targets.js'

/** @typedef {import('./targets.js').Target} Target */

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: `${Date.now() % 2 ** 31}` },
    target: { type: 'string' },
    input: { type: 'string' },
  },
})

const SECOND = 1000
const TURNS_BETWEEN_LOOKS_AT_THE_CLOCK = 64

/** @type {unknown} */
let unhandled
process.on('unhandledRejection', (reason) => (unhandled = reason ?? new Error('an unhandled rejection')))

/**
 * @param {Target} target
 * @param {string} input
 * @returns {Promise<{ readonly answer: string } | { readonly fault: unknown }>}
 */
async function run(target, input) {
  unhandled = undefined
  try {
    const answer = await target.run(input)
    await setImmediate() // unhandled rejections are reported first
    return unhandled === undefined ? { answer } : { fault: unhandled }
  } catch (fault) {
    return { fault }
  }
}

/**
 * Prints how to reproduce a finding with the smallest input found, and exits.
 *
 * @param {Target} target
 * @param {string} input
 * @returns {Promise<never>}
 */
async function report(target, input) {
  const smallest = await shrink(input, async (smaller) => 'fault' in (await run(target, smaller)))
  console.error('\nfinding:', await run(target, smallest))
  console.error(`input: ${JSON.stringify(smallest)}`)
  const encoded = Buffer.from(smallest, 'latin1').toString('base64url')
  console.error(`reproduce: node test/fuzz/fuzz.js --target '${target.name}' --input ${encoded}`)
  process.exit(1)
}

/** @param {readonly Target[]} targets */
async function fuzz(targets) {
  const seconds = Number(options.seconds)
  const random = randomOf(Number(options.seed))
  const tallies = targets.map((target) => ({ target, answers: /** @type {Map<string, number>} */ (new Map()) }))
  let executions = 0
  let slowest = { name: 'none', ms: 0 }
  const start = performance.now()
  const elapsed = () => (performance.now() - start) / SECOND
  const logProgress = () => {
    const reached = tallies.map(({ target, answers }) => `${target.name} ${answers.size}`).join(', ')
    console.error(`${elapsed().toFixed(0)} s: ${executions} executions; answers reached: ${reached}`)
  }

  /** @param {(typeof tallies)[number]} tally @param {string} input */
  async function attempt({ target, answers }, input) {
    const begun = performance.now()
    const outcome = await run(target, input)
    const ms = performance.now() - begun
    if (ms > slowest.ms) slowest = { name: target.name, ms }
    executions++
    if ('fault' in outcome) return report(target, input)
    answers.set(outcome.answer, (answers.get(outcome.answer) ?? 0) + 1)
  }

  console.error(`seed ${options.seed}, ${seconds} s`)
  for (const tally of tallies) for (const seed of tally.target.seeds) await attempt(tally, seed)
  for (let next = 10; elapsed() < seconds;) {
    for (let turn = 0; turn < TURNS_BETWEEN_LOOKS_AT_THE_CLOCK; turn++) {
      for (const tally of tallies) {
        const { seeds } = tally.target
        await attempt(tally, mutate(random.one(seeds), random, seeds))
      }
    }
    if (elapsed() < next) continue
    logProgress()
    next = elapsed() + 10
  }
  logProgress()
  for (const { target, answers } of tallies) {
    const often = [...answers].sort(([, one], [, other]) => other - one)
    console.error(`${target.name}: ${often.map(([answer, count]) => `${answer} ${count}`).join(', ')}`)
  }
  console.error(`no finding; the slowest input took ${slowest.ms.toFixed(0)} ms (${slowest.name})`)
}

const targets = TARGETS.filter(({ name }) => options.target === undefined || name === options.target)
if (targets.length === 0)
  throw new TypeError(`unknown target; the targets are: ${TARGETS.map(({ name }) => name).join(', ')}`)
if (options.input === undefined) await fuzz(targets)
for (const target of targets) {
  if (options.input === undefined) break
  const input = Buffer.from(options.input, 'base64url').toString('latin1')
  const outcome = await run(target, input)
  if ('fault' in outcome) await report(target, input)
  console.error(target.name, outcome)
}
