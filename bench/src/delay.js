// Measures how long other work is delayed while a server verifies.
import { Agent, get } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { median, rotated } from './measure.js'
import { percent, printTable, progress } from './report.js'
import { requestWith, startServer } from './servers.js'
import { tamper } from './token-parts.js'
import { mintTokens } from './tokens.js'

/** Names of `VERIFIERS` in delay-server.js. */
const NONE = 'no verification'
// @clerk/backend takes PEM only for RS256.
const CONTESTANTS = /** @type {const} */ ({
  EdDSA: [NONE, 'clerk-auth', 'jose'],
  ES256: [NONE, 'clerk-auth', 'jose'],
  RS256: [NONE, 'clerk-auth', 'jose', '@clerk/backend'],
})

/** @typedef {{ p50: number, p99: number, max: number, busy: number, latencyP99: number }} Run milliseconds; `busy` from 0 to 1 */

/** @param {{ quick: boolean }} options */
export async function eventLoopDelay({ quick }) {
  const size = quick
    ? { rounds: 1, durationInMs: 300, perSecond: 200 }
    : { rounds: 5, durationInMs: 2000, perSecond: 500 }
  const rows = []
  for (const algorithm of /** @type {(keyof typeof CONTESTANTS)[]} */ (Object.keys(CONTESTANTS)))
    rows.push(...(await measureAlgorithm(algorithm, size)))
  printTable(
    `Event-loop delay at ${size.perSecond} requests a second, each with a new token, ms`,
    ['', 'p50', 'p99', 'max', 'loop busy', 'latency p99'],
    rows,
  )
}

/**
 * @param {keyof typeof CONTESTANTS} algorithm
 * @param {{ rounds: number, durationInMs: number, perSecond: number }} size
 */
async function measureAlgorithm(algorithm, { rounds, durationInMs, perSecond }) {
  const perRound = Math.ceil((durationInMs * perSecond) / 1000)
  const { jwtKey, tokens } = await mintTokens(algorithm, perRound * (rounds + 1) + 1)
  const [first = '', ...rest] = tokens
  progress(`sending ${perSecond} requests a second with new ${algorithm} tokens`)

  const entries = await Promise.all(
    CONTESTANTS[algorithm].map(async (name) => {
      const server = await startServer('delay-server.js', [name, algorithm], { CLERK_JWT_KEY: jwtKey })
      await checkServer(name, server.port, first)
      return { name, server, runs: /** @type {Run[]} */ ([]) }
    }),
  )
  for (let round = 0; round <= rounds; round++) {
    const ofRound = rest.slice(round * perRound, (round + 1) * perRound)
    for (const { server, runs } of rotated(entries, round)) {
      await server.ask('begin')
      const latencies = await sendAtRate(server.port, ofRound, perSecond)
      const delays = await server.ask('end')
      if (round > 0) runs.push({ ...delays, latencyP99: quantile(latencies, 0.99) })
    }
  }
  return entries.map(({ name, server, runs }) => {
    server.stop()
    const all = (/** @type {keyof Run} */ key) => runs.map((run) => run[key])
    return [
      `${algorithm}, ${name}`,
      median(all('p50')).toFixed(2),
      median(all('p99')).toFixed(2),
      Math.max(...all('max')).toFixed(2),
      percent(median(all('busy'))),
      median(all('latencyP99')).toFixed(2),
    ]
  })
}

/**
 * @param {string} name
 * @param {number} port
 * @param {string} token
 */
async function checkServer(name, port, token) {
  if (!(await requestWith(port, token)).ok) throw new Error(`${name} refuses a good token`)
  if (name !== NONE && (await requestWith(port, tamper(token))).status !== 401)
    throw new Error(`${name} accepts a tampered token`)
}

/**
 * Does not wait for an answer before it sends the next request.
 *
 * @param {number} port
 * @param {readonly string[]} tokens
 * @param {number} perSecond
 * @returns {Promise<number[]>} milliseconds until each request was answered
 */
async function sendAtRate(port, tokens, perSecond) {
  const agent = new Agent({ keepAlive: true })
  /** @type {Promise<number>[]} */
  const answers = []
  const start = performance.now()
  while (answers.length < tokens.length) {
    const due = Math.min(tokens.length, Math.floor(((performance.now() - start) * perSecond) / 1000))
    while (answers.length < due) answers.push(timeRequest(agent, port, tokens[answers.length] ?? ''))
    await setTimeout(1)
  }
  const latencies = await Promise.all(answers)
  agent.destroy()
  return latencies
}

/**
 * @param {Agent} agent
 * @param {number} port
 * @param {string} token
 * @returns {Promise<number>}
 */
function timeRequest(agent, port, token) {
  return new Promise((resolve, reject) => {
    const start = performance.now()
    const headers = { authorization: `Bearer ${token}` }
    get({ agent, host: '127.0.0.1', port, headers }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`a good token was answered ${response.statusCode}`))
      response.resume().on('end', () => resolve(performance.now() - start))
    }).on('error', reject)
  })
}

/**
 * @param {readonly number[]} values
 * @param {number} q from 0 to 1
 */
function quantile(values, q) {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.ceil(q * sorted.length) - 1] ?? Number.NaN
}
