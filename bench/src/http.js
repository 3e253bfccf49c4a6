// Measures the cost of a guard.
import { sendRequests } from './http-load.js'
import { median, ratio, rotated } from './measure.js'
import { percent, printTable, progress } from './report.js'
import { cpuSecondsOf, requestWith, startServer } from './servers.js'
import { tamper } from './token-parts.js'
import { mintTokens } from './tokens.js'

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
  const servers = await Promise.all(
    VARIANTS.map(async (variant) => ({
      ...(await startServer('http-server.js', [framework, variant], { CLERK_JWT_KEY: jwtKey })),
      variant,
      rates: /** @type {number[]} */ ([]),
    })),
  )
  await Promise.all(servers.map((server) => checkServer(server, tokens)))

  for (let round = 0; round <= rounds; round++) {
    for (const server of rotated(servers, round)) {
      const before = await cpuSecondsOf(server)
      const answered = await sendRequests(server.port, tokens, durationInMs)
      if (round > 0) server.rates.push(answered / ((await cpuSecondsOf(server)) - before))
    }
  }
  for (const { stop } of servers) stop()

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
 * Checks that each route accepts valid tokens, and that those with verification refuse a tampered one.
 *
 * @param {{ variant: string, port: number }} server
 * @param {readonly string[]} tokens
 */
async function checkServer({ variant, port }, tokens) {
  const statusOf = async (/** @type {string} */ token) => (await requestWith(port, token)).status
  const statuses = await Promise.all(tokens.map(statusOf))
  if (statuses.some((status) => status !== 200)) throw new Error(`a good token was refused by ${variant}`)
  const looksAtTokens = variant !== 'bare' && variant !== 'hooks'
  const refused = (await statusOf(tamper(tokens[0] ?? ''))) === 401
  if (refused !== looksAtTokens)
    throw new Error(`a tampered token was ${refused ? 'refused' : 'accepted'} by ${variant}`)
}
