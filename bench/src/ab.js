// Compares two checkouts, both built: node bench/src/ab.js <checkout A> <checkout B> [--quick]
//
// A, B and A again take turns, each time in a new process. B is not slower if B / A is within the difference between
// A and A.
import { fork } from 'node:child_process'
import { resolve } from 'node:path'
import { rotated } from './measure.js'
import { machineNow, micros, printTable, progress } from './report.js'
import { answerOf } from './servers.js'
import { tamper } from './token-parts.js'
import { mintTokens } from './tokens.js'

const quick = process.argv.includes('--quick')
const checkouts = process.argv.slice(2).filter((argument) => argument !== '--quick')
const [a, b] = checkouts
if (a === undefined || b === undefined || checkouts.length > 2)
  throw new TypeError('ab.js takes the paths of two checkouts, both built')

const rounds = quick ? 1 : 15
const PARTS = ['core', 'express', 'fastify', 'hono']
const callers = {
  RS256: await mintCaller('RS256'),
  EdDSA: await mintCaller('EdDSA'),
}
const entries = [a, b, a].map((checkout) => ({
  checkout: resolve(checkout),
  results: /** @type {Record<string, number>[]} */ ([]),
}))

console.log(machineNow())
for (let round = 1; round <= rounds; round++) {
  progress(`round ${round} of ${rounds}`)
  for (const { checkout, results } of rotated(entries, round)) results.push(await runOnce(checkout))
}

const [ofA = [], ofB = [], ofSecondA = []] = entries.map(({ results }) => results)
printTable(
  `µs of CPU time, the minimum of ${rounds} rounds. A: ${a}, B: ${b}`,
  ['work', 'A', 'B', 'A again', 'B / A', 'A again / A'],
  Object.keys(ofA[0] ?? {}).map((work) => {
    const least = (/** @type {Record<string, number>[]} */ results) =>
      Math.min(...results.map((result) => result[work] ?? Number.NaN))
    const [timeOfA, timeOfB, timeOfSecondA] = [least(ofA), least(ofB), least(ofSecondA)]
    const change = (/** @type {number} */ time) => {
      const percent = (time / timeOfA - 1) * 100
      return `${percent < 0 ? '' : '+'}${percent.toFixed(1)} %`
    }
    return [work, micros(timeOfA), micros(timeOfB), micros(timeOfSecondA), change(timeOfB), change(timeOfSecondA)]
  }),
)

/** @param {'RS256' | 'EdDSA'} algorithm */
async function mintCaller(algorithm) {
  const { jwtKey, tokens } = await mintTokens(algorithm, quick ? 50 : 1000)
  return { jwtKey, tokens, tampered: tamper(tokens[0] ?? '') }
}

/**
 * @param {string} checkout
 * @returns {Promise<Record<string, number>>} microseconds by work
 */
async function runOnce(checkout) {
  /** @type {Record<string, number>} */
  const result = {}
  for (const part of PARTS) Object.assign(result, await runPart(checkout, part))
  return result
}

/**
 * @param {string} checkout
 * @param {string} part
 * @returns {Promise<Record<string, number>>} microseconds by work
 */
async function runPart(checkout, part) {
  const child = fork(new URL('ab-run.js', import.meta.url), [checkout, part])
  child.send({ callers, quick })
  const result = await answerOf(child)
  child.disconnect()
  return result
}
