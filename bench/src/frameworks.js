// Compares a guarded route with the unguarded one and with alternative guards. Writes the chart of the README.
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { decodeJwt } from 'jose'
import { drawChart } from './chart.js'
import { sendRequests } from './http-load.js'
import { median, ratio, rotated } from './measure.js'
import { machineNow, percent, printTable, progress } from './report.js'
import { cpuSecondsOf, requestWith, startServer } from './servers.js'
import { tamper } from './token-parts.js'
import { mintTokens } from './tokens.js'

const BARE = 'no guard'
const OURS = ['clerk-auth', 'clerk-auth, every token new']
/** Names of `GUARDS` in frameworks-express.js, frameworks-fastify.js and frameworks-hono.js. */
const FRAMEWORKS = {
  Express: [BARE, ...OURS, '@clerk/express', 'express-oauth2-jwt-bearer'],
  Fastify: [BARE, ...OURS, '@clerk/fastify', '@fastify/jwt', '@fastify/jwt, cache on'],
  Hono: [BARE, ...OURS, '@clerk/hono', 'hono/jwk'],
}
const CONNECTIONS = 32
/** The warm-up, in rounds. */
const WARM_UP = 4
const CHART = 'requests-per-second.svg'

/**
 * @typedef {object} Measured
 * @property {string} framework
 * @property {string} name
 * @property {number} perCpuSecond requests
 * @property {number} perSecond requests
 * @property {number} share relative to the unguarded route; 1 means no difference
 */

/** @param {{ quick: boolean }} options */
export async function frameworkGuards({ quick }) {
  const size = quick ? { rounds: 1, durationInMs: 100 } : { rounds: 20, durationInMs: 250 }
  const { jwtKey, tokens } = await mintTokens('RS256', CONNECTIONS)
  const { sub } = decodeJwt(tokens[0] ?? '')
  const env = { BENCH_JWT_KEY: jwtKey, BENCH_USER_ID: sub }

  /** @type {Measured[]} */
  const measured = []
  for (const [framework, names] of Object.entries(FRAMEWORKS))
    measured.push(...(await measureFramework(framework, names, { env, tokens }, size)))
  printTable(
    'A guarded route, requests per second of CPU time and of the clock',
    ['', 'per second of CPU time', '/ no guard', 'per second'],
    measured.map(({ framework, name, perCpuSecond, perSecond, share }) => [
      `${framework}, ${name}`,
      perCpuSecond.toFixed(0),
      percent(share),
      perSecond.toFixed(0),
    ]),
  )

  // Figures of a quick run are not for publication.
  const file = quick ? join(tmpdir(), CHART) : fileURLToPath(new URL(`../${CHART}`, import.meta.url))
  await writeFile(file, chartOf(measured))
  progress(`wrote ${file}`)
}

/**
 * @param {string} framework
 * @param {readonly string[]} names
 * @param {{ env: NodeJS.ProcessEnv, tokens: readonly string[] }} caller
 * @param {{ rounds: number, durationInMs: number }} size
 * @returns {Promise<Measured[]>}
 */
async function measureFramework(framework, names, { env, tokens }, { rounds, durationInMs }) {
  progress(`sending requests to ${framework}, for ${((rounds + WARM_UP) * names.length * durationInMs) / 1000} s`)
  const entries = await Promise.all(
    names.map(async (name) => ({
      name,
      server: await startServer('frameworks-server.js', [framework, name], env),
      perCpuSecond: /** @type {number[]} */ ([]),
      perSecond: /** @type {number[]} */ ([]),
    })),
  )
  const bodies = await Promise.all(entries.map(({ name, server }) => checkServer(name, server.port, tokens)))
  if (new Set(bodies).size !== 1) throw new Error(`the ${framework} servers answer with different bodies`)

  for (let round = 0; round <= rounds; round++) {
    for (const { server, perCpuSecond, perSecond } of rotated(entries, round)) {
      if (round === 0) {
        await sendRequests(server.port, tokens, durationInMs * WARM_UP)
        continue
      }
      const before = await cpuSecondsOf(server)
      const answered = await sendRequests(server.port, tokens, durationInMs)
      perCpuSecond.push(answered / ((await cpuSecondsOf(server)) - before))
      perSecond.push((answered * 1000) / durationInMs)
    }
  }
  const [bare] = entries
  return entries.map(({ name, server, perCpuSecond, perSecond }) => {
    server.stop()
    return {
      framework,
      name,
      perCpuSecond: median(perCpuSecond),
      perSecond: median(perSecond),
      share: ratio(perCpuSecond, bare?.perCpuSecond ?? []),
    }
  })
}

/**
 * @param {string} name
 * @param {number} port
 * @param {readonly string[]} tokens
 * @returns {Promise<string>} the body of the answer, the same for every token
 */
async function checkServer(name, port, tokens) {
  const answers = await Promise.all(tokens.map((token) => requestWith(port, token)))
  if (answers.some(({ ok }) => !ok)) throw new Error(`${name} refuses a good token`)
  if (name !== BARE && (await requestWith(port, tamper(tokens[0] ?? ''))).status !== 401)
    throw new Error(`${name} accepts a tampered token`)
  const [body = '', ...others] = await Promise.all(answers.map((answer) => answer.text()))
  if (others.some((other) => other !== body)) throw new Error(`${name} answers with different bodies`)
  return body
}

/** @param {readonly Measured[]} measured */
function chartOf(measured) {
  return drawChart({
    title: 'Requests per second of CPU time, with a guard and without',
    notes: ['RS256 session tokens. 100 % is the same route without a guard.', `Measured ${machineNow()}.`],
    groups: Object.keys(FRAMEWORKS).map((framework) => ({
      name: framework,
      bars: measured
        .filter((one) => one.framework === framework)
        .map(({ name, perCpuSecond, share }) => ({
          label: name,
          share,
          value: `${Math.round(perCpuSecond).toLocaleString('en-US')} (${percent(share)})`,
          style: name === BARE ? 'bare' : OURS.includes(name) ? 'ours' : 'other',
        })),
    })),
  })
}
