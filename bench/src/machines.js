// Measures the cost of opaque M2M tokens, which only Clerk can verify, and the effect of a flood of made-up ones.
import { fork } from 'node:child_process'
import { setImmediate } from 'node:timers/promises'
import { createClerkClient } from '@clerk/backend'
import { createClerkAuth } from '@clerk-auth/core'
import { check, median, ratio, rotated } from './measure.js'
import { printTable, progress, times } from './report.js'
import { answerOf } from './servers.js'

/** @typedef {{ apiUrl: string, machineSecretKey: string }} Access */

/**
 * @typedef {object} Verifier
 * @property {string} name
 * @property {(access: Access) => (token: string) => Promise<unknown>} start creates one with an empty cache
 */

/**
 * One round of one verifier.
 *
 * @typedef {object} Run
 * @property {number} calls
 * @property {number} unasked answered 503
 * @property {number} perSecond
 * @property {number} p50 milliseconds
 * @property {number} p99 milliseconds
 */

const DELAY_IN_MS = 20
const CONCURRENCY = 50
const TOKENS = 100
const KNOWN = 20
const MADE_UP = `mt_${'x'.repeat(42)}`

/** @type {readonly Verifier[]} */
const VERIFIERS = [
  {
    name: 'clerk-auth: authenticate(request)',
    start: (access) => {
      const clerk = createClerkAuth({ ...access, acceptsToken: 'm2m_token' })
      return async (token) => {
        const auth = await clerk.authenticate({ headers: { authorization: `Bearer ${token}` } })
        if (!auth.isAuthenticated) throw auth.error
      }
    },
  },
  {
    name: '@clerk/backend: m2m.verify({ token })',
    start: (access) => {
      const clerk = createClerkClient(access)
      return (token) => clerk.m2m.verify({ token })
    },
  },
]

/** @param {{ quick: boolean }} options */
export async function machineTokens({ quick }) {
  const size = quick ? { rounds: 1, requests: 1000 } : { rounds: 3, requests: 10_000 }
  const upstream = await startUpstream()
  const { tokens, access } = upstream
  const [good = ''] = tokens
  for (const { name, start } of VERIFIERS)
    await check({ name, prepare: (token) => token, verify: start(access) }, { good, tampered: MADE_UP })

  const rows = []
  for (const inRotation of [[good], tokens]) rows.push(...(await measureRotation(upstream, inRotation, size)))
  printTable(
    `${size.requests} requests with opaque M2M tokens, ${CONCURRENCY} at a time; Clerk answers after ${DELAY_IN_MS} ms`,
    ['', 'calls', 'answered 503', 'requests, 1/s', '/ theirs', 'p50, ms', 'p99, ms'],
    rows,
  )
  await floodWithMadeUp(upstream, quick ? [10_000, 50_000, 100_000] : [10_000, 100_000, 500_000, 1_000_000])
  upstream.stop()
}

async function startUpstream() {
  const child = fork(new URL('upstream.js', import.meta.url), [String(TOKENS), String(DELAY_IN_MS)])
  const { tokens, ...access } = await answerOf(child)
  return {
    /** @type {readonly string[]} */
    tokens,
    /** @type {Access} */
    access,
    /** @returns {Promise<number>} */
    calls: () => {
      child.send('calls')
      return answerOf(child)
    },
    stop: () => child.disconnect(),
  }
}

/**
 * @param {{ access: Access, calls: () => Promise<number> }} upstream
 * @param {readonly string[]} tokens
 * @param {{ rounds: number, requests: number }} size
 */
async function measureRotation({ access, calls }, tokens, { rounds, requests }) {
  const title = tokens.length === 1 ? 'one token' : `${tokens.length} tokens`
  progress(`sending ${requests} requests with ${title}, ${rounds + 1} times to each`)
  const entries = VERIFIERS.map(({ name, start }) => ({ name, start, runs: /** @type {Run[]} */ ([]) }))
  for (let round = 0; round <= rounds; round++) {
    for (const { start, runs } of rotated(entries, round)) {
      const before = await calls()
      const result = await sendAll(start(access), tokens, requests)
      if (round > 0) runs.push({ ...result, calls: (await calls()) - before })
    }
  }

  const theirs = entries.at(-1)?.runs.map(({ perSecond }) => perSecond) ?? []
  return entries.map(({ name, runs }) => {
    const all = (/** @type {keyof Run} */ key) => runs.map((run) => run[key])
    return [
      `${title}, ${name}`,
      median(all('calls')).toFixed(0),
      median(all('unasked')).toFixed(0),
      median(all('perSecond')).toFixed(0),
      times(ratio(all('perSecond'), theirs)),
      median(all('p50')).toFixed(3),
      median(all('p99')).toFixed(3),
    ]
  })
}

/**
 * @param {(token: string) => Promise<unknown>} verify
 * @param {readonly string[]} tokens
 * @param {number} requests
 */
async function sendAll(verify, tokens, requests) {
  /** @type {number[]} */
  const latencies = []
  let sent = 0
  let unasked = 0

  async function sendInTurn() {
    while (sent < requests) {
      const token = tokens[sent++ % tokens.length] ?? ''
      await setImmediate() // as requests arrive: each in its own turn of the event loop
      const start = performance.now()
      try {
        await verify(token)
        latencies.push(performance.now() - start)
      } catch (error) {
        if (/** @type {{ status?: number }} */ (error).status !== 503) throw error
        unasked++
      }
    }
  }

  const start = performance.now()
  await Promise.all(Array.from({ length: CONCURRENCY }, sendInTurn))
  const seconds = (performance.now() - start) / 1000
  latencies.sort((one, other) => one - other)
  const quantile = (/** @type {number} */ q) => latencies[Math.ceil(q * latencies.length) - 1] ?? Number.NaN
  return { unasked, perSecond: latencies.length / seconds, p50: quantile(0.5), p99: quantile(0.99) }
}

/**
 * @param {{ access: Access, calls: () => Promise<number>, tokens: readonly string[] }} upstream
 * @param {readonly number[]} checkpoints
 */
async function floodWithMadeUp({ access, calls, tokens }, checkpoints) {
  progress(`sending ${checkpoints.at(-1)} made-up tokens`)
  const before = await calls()
  const settings = { ...access, known: tokens.slice(0, KNOWN), concurrency: CONCURRENCY }
  const child = fork(new URL('machines-flood.js', import.meta.url), [JSON.stringify(settings)], {
    execArgv: ['--expose-gc'],
  })
  await answerOf(child)

  const rows = []
  for (const count of [0, ...checkpoints]) {
    child.send(count)
    const { sent, seconds, heapUsed, refusals, ofKnown, remote } = await answerOf(child)
    const { 'token-not-found': unknown = 0, ...others } = refusals
    const unasked = Object.values(others).reduce((total, one) => total + one, 0)
    const asked = (await calls()) - before
    if (sent !== count || unknown + unasked !== count || unasked + ofKnown.refused !== remote.m2m_token.refused)
      throw new Error(`of ${count} made-up tokens ${unknown} were unknown and ${unasked} not asked about`)
    rows.push([
      String(count),
      (heapUsed / 1e6).toFixed(2),
      String(asked),
      String(unknown),
      String(unasked),
      String(remote.remembered.refused),
      `${ofKnown.served} of ${ofKnown.served + ofKnown.refused}`,
      count ? ofKnown.slowestInMs.toFixed(0) : '-',
      count ? (count / seconds).toFixed(0) : '-',
    ])
  }
  child.disconnect()
  printTable(
    `Distinct made-up M2M tokens, and ${KNOWN} known ones, cached for 1 s, among them`,
    [
      'made-up',
      'heap after gc, MB',
      'total calls',
      'answered 401',
      'answered 503',
      'cached',
      'known served',
      'slowest of them, ms',
      'made-up, 1/s',
    ],
    rows,
  )
}
