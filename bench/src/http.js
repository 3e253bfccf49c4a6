// What a guard costs a route.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { sendRequests } from './http-load.js'
import { median, ratio, rotated } from './measure.js'
import { percent, printTable, progress } from './report.js'
import { mintTokens, tamper } from './tokens.js'

const FRAMEWORKS = ['express', 'fastify', 'hono']
const VARIANTS = /** @type {const} */ (['bare', 'hooks', 'guarded', 'hooks + verify', 'guarded, new'])
const CONNECTIONS = 32

/** @param {{ quick: boolean }} options */
export async function httpRoutes({ quick }) {
  const size = quick ? { rounds: 4, durationInMs: 150 } : { rounds: 30, durationInMs: 250 }
  const { jwtKey, tokens } = await mintTokens('RS256', CONNECTIONS)

  const rows = []
  for (const framework of FRAMEWORKS) rows.push(await measureFramework(framework, jwtKey, tokens, size))
  printTable(
    'Routes, requests per second of CPU time (targets: README.md)',
    [
      '',
      'bare, 1/s',
      'guarded / bare',
      'two idle hooks / bare',
      'guarded / hooks',
      'new tokens / hooks + crypto.verify',
    ],
    rows,
  )
}

/**
 * @param {string} framework
 * @param {string} jwtKey
 * @param {readonly string[]} tokens
 * @param {{ rounds: number, durationInMs: number }} size
 */
async function measureFramework(framework, jwtKey, tokens, { rounds, durationInMs }) {
  progress(`sending requests to ${framework}, for ${((rounds + 1) * VARIANTS.length * durationInMs) / 1000} s`)
  const servers = await Promise.all(VARIANTS.map((variant) => startServer(framework, variant, jwtKey)))
  await Promise.all(servers.map((server) => checkServer(server, tokens)))

  for (let round = 0; round <= rounds; round++) {
    for (const { child, port, rates } of rotated(servers, round)) {
      const before = await cpuSecondsOf(child)
      const answered = await sendRequests(port, tokens, durationInMs)
      if (round > 0) rates.push(answered / ((await cpuSecondsOf(child)) - before))
    }
  }
  for (const { child } of servers) child.disconnect()

  const [bare = [], hooks = [], guarded = [], hooksAndVerify = [], guardedNew = []] = servers.map(({ rates }) => rates)
  return [
    framework,
    median(bare).toFixed(0),
    percent(ratio(guarded, bare)),
    percent(ratio(hooks, bare)),
    percent(ratio(guarded, hooks)),
    percent(ratio(guardedNew, hooksAndVerify)),
  ]
}

/**
 * @param {string} framework
 * @param {string} variant
 * @param {string} jwtKey
 */
async function startServer(framework, variant, jwtKey) {
  const child = fork(new URL('http-server.js', import.meta.url), [framework, variant], {
    env: { ...process.env, CLERK_JWT_KEY: jwtKey },
  })
  const port = await Promise.race([
    once(child, 'message').then(([message]) => Number(message)),
    once(child, 'exit').then(() => Promise.reject(new Error(`the ${framework} server, ${variant}, did not start`))),
  ])
  return { child, variant, port, rates: /** @type {number[]} */ ([]) }
}

/**
 * By the server's own time, which others on the machine do not lengthen. It has one thread: on an idle machine a second
 * of it is a second.
 *
 * @param {import('node:child_process').ChildProcess} child
 */
async function cpuSecondsOf(child) {
  child.send('cpu')
  const [{ user, system }] = await once(child, 'message')
  return (user + system) / 1e6
}

/**
 * Each route lets every good token in, and those that look at a token refuse a tampered one.
 *
 * @param {{ variant: string, port: number }} server
 * @param {readonly string[]} tokens
 */
async function checkServer({ variant, port }, tokens) {
  const statusOf = async (/** @type {string} */ token) => {
    const { status } = await fetch(`http://127.0.0.1:${port}/`, { headers: { Authorization: `Bearer ${token}` } })
    return status
  }
  const statuses = await Promise.all(tokens.map(statusOf))
  if (statuses.some((status) => status !== 200)) throw new Error(`a good token was refused by ${variant}`)
  const looksAtTokens = variant !== 'bare' && variant !== 'hooks'
  const refused = (await statusOf(tamper(tokens[0] ?? ''))) === 401
  if (refused !== looksAtTokens)
    throw new Error(`a tampered token was ${refused ? 'refused' : 'accepted'} by ${variant}`)
}
