// Measures processes that share a Redis, side by side with the same processes without one.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { startLocalClerk } from '@clerk-auth/local'
import { median } from './measure.js'
import { printTable, progress } from './report.js'

const SECRET = 'bench '.repeat(8)
const MODES = /** @type {const} */ (['own cache', 'shared'])

/** @typedef {(typeof MODES)[number]} Mode */
/** @typedef {Awaited<ReturnType<typeof startLocalClerk>>} LocalClerk */

/** @param {{ quick: boolean }} options */
export async function fleetOfProcesses({ quick }) {
  const local = await startLocalClerk()
  const redis = await startRedis()
  try {
    const start = (/** @type {Mode} */ mode, /** @type {number} */ count, /** @type {object} */ env = {}) =>
      startProcesses(count, { ...local.env, ...(mode === 'shared' && redis.env), ...env })
    await printCalls(local, start, quick ? [1] : [1, 100])
    await printRevocation(local, start, quick ? 3 : 20)
    await printThroughput(local, start, quick ? 200 : 3000)
    await printFormula(local, start, quick ? { processes: 2, seconds: 1 } : { processes: 8, seconds: 20 })
  } finally {
    redis.stop()
    await local.close()
  }
}

/** @typedef {(mode: Mode, count: number, env?: object) => Promise<{ urls: string[], stop: () => void }>} Start */

/**
 * @param {LocalClerk} local
 * @param {Start} start
 * @param {readonly number[]} counts
 */
async function printCalls(local, start, counts) {
  const rows = []
  for (const mode of MODES) {
    for (const count of counts) {
      progress(`${count} tokens at four processes, ${mode}`)
      const { urls, stop } = await start(mode, 4)
      const keySets = local.calls('GetJWKS')
      const tokens = await mint(local, count)
      const before = local.calls('verifyM2MToken')
      const statuses = await Promise.all(urls.flatMap((url) => tokens.map((token) => statusOf(url, token))))
      const cold = local.calls('verifyM2MToken') - before
      await Promise.all(urls.flatMap((url) => tokens.map((token) => statusOf(url, token))))
      const steady = local.calls('verifyM2MToken') - before - cold
      const refused = statuses.filter((status) => status !== 200).length
      rows.push([mode, ...[count, keySets, cold, refused, steady].map(String)])
      stop()
      local.reset()
    }
  }
  printTable(
    'Four processes: calls to Clerk',
    ['', 'opaque tokens', 'key sets', 'calls, cold', 'not 200', 'calls, again at once'],
    rows,
  )
}

/**
 * @param {LocalClerk} local
 * @param {Start} start
 * @param {number} times
 */
async function printRevocation(local, start, times) {
  progress('revocation to refusal')
  const { urls, stop } = await start('shared', 4)
  const delays = []
  for (let i = 0; i < times; i++) {
    const token = await local.sessionToken()
    for (const url of urls) await statusOf(url, token)
    await fetch(`${urls[0]}/revoke`, { method: 'POST', body: JSON.stringify({ token }) })
    const since = performance.now()
    const refused = urls.slice(1).map(async (url) => {
      while ((await statusOf(url, token)) !== 401) await setTimeout(2)
    })
    await Promise.all(refused)
    delays.push(performance.now() - since)
  }
  stop()
  printTable(
    `From revoke() in one process to the refusal of a session token in the last of three others, ms`,
    ['revocations', 'median', 'greatest'],
    [[times, Math.round(median(delays)), Math.round(Math.max(...delays))].map(String)],
  )
}

/**
 * @param {LocalClerk} local
 * @param {Start} start
 * @param {number} requests
 */
async function printThroughput(local, start, requests) {
  const rows = []
  for (const mode of MODES) {
    progress(`a guarded route, ${mode}`)
    const { urls, stop } = await start(mode, 2)
    const [first = '', second = ''] = urls
    const session = await local.sessionToken({ ttlInSeconds: 3600 })
    await timeOf(
      first,
      Array.from({ length: requests }, () => session),
    )
    const perRequest = await timeOf(
      first,
      Array.from({ length: requests }, () => session),
    )
    const tokens = await mint(local, 100)
    const asked = await timeOf(first, tokens)
    await setTimeout(100)
    const found = await timeOf(second, tokens)
    rows.push([mode, String(Math.round(1000 / perRequest)), asked.toFixed(2), found.toFixed(2)])
    stop()
  }
  printTable(
    'Requests one after another, in another process',
    ['', 'session token, requests/s', 'new opaque token, ms', 'the same token in the other process, ms'],
    rows,
  )
}

/**
 * @param {LocalClerk} local
 * @param {Start} start
 * @param {{ processes: number, seconds: number }} size
 */
async function printFormula(local, start, { processes, seconds }) {
  const [tokens, requestsPerSecond, rememberInSeconds] = [50, 200, 2]
  const rows = []
  for (const mode of MODES) {
    progress(`the formula, ${mode}`)
    const { urls, stop } = await start(mode, processes, { REMEMBER_IN_MS: String(rememberInSeconds * 1000) })
    const minted = await mint(local, tokens)
    const before = local.calls('verifyM2MToken')
    const pending = []
    const ends = performance.now() + seconds * 1000
    let sent = 0
    while (performance.now() < ends) {
      pending.push(statusOf(pick(urls), pick(minted)))
      await setTimeout(Math.max(0, (++sent * 1000) / requestsPerSecond - (seconds * 1000 - (ends - performance.now()))))
    }
    await Promise.all(pending)
    const calls = local.calls('verifyM2MToken') - before
    const window = mode === 'shared' ? rememberInSeconds : rememberInSeconds / processes
    const expected = (tokens / (window + tokens / requestsPerSecond)) * seconds
    rows.push([mode, ...[sent, calls, Math.round(expected)].map(String), `${Math.round((calls / expected) * 100)} %`])
    stop()
  }
  printTable(
    `${processes} processes, ${tokens} opaque tokens, ${requestsPerSecond} requests/s for ${seconds} s, answers cached for ${rememberInSeconds} s`,
    ['', 'requests', 'calls', 'by the formula', 'calls / formula'],
    rows,
  )
}

/** @param {readonly string[]} list */
const pick = (list) => list[Math.floor(Math.random() * list.length)] ?? ''

/**
 * @param {LocalClerk} local
 * @param {number} count
 */
function mint(local, count) {
  return Promise.all(Array.from({ length: count }, () => local.m2mToken({ from: 'worker', to: 'api' })))
}

/**
 * @param {string} url
 * @param {string} token
 */
async function statusOf(url, token) {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
  await response.arrayBuffer()
  return response.status
}

/**
 * @param {string} url
 * @param {readonly string[]} tokens
 * @returns {Promise<number>} milliseconds per request
 */
async function timeOf(url, tokens) {
  const since = performance.now()
  for (const token of tokens) {
    const status = await statusOf(url, token)
    if (status !== 200) throw new Error(`the answer was ${status}`)
  }
  return (performance.now() - since) / tokens.length
}

/**
 * @param {number} count
 * @param {object} env
 */
async function startProcesses(count, env) {
  const script = new URL('../../examples/fleet.js', import.meta.url).pathname
  const children = Array.from({ length: count }, () =>
    spawn(process.execPath, [script], {
      env: { ...process.env, ...env, PORT: '0' },
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  )
  const urls = await Promise.all(
    children.map(async ({ stdout }) => {
      const [line] = await once(stdout, 'data')
      return /http:\S+/.exec(String(line))?.[0].replace('localhost', '127.0.0.1') ?? ''
    }),
  )
  return { urls, stop: () => children.forEach((child) => child.kill()) }
}

/** Needs `redis-server` on the PATH. */
async function startRedis() {
  const free = createServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (free.address())
  free.close()
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const server = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of server.stdout) if (String(line).includes('Ready to accept connections')) break
  server.stdout.resume()
  const env = { REDIS_URL: `redis://127.0.0.1:${port}`, CLERK_AUTH_SHARED_SECRET: SECRET }
  return { env, stop: () => server.kill() }
}
