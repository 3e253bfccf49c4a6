// Runs one contestant with a number of live tokens, in a separate process: node --expose-gc growth-verify.js <settings>.
import { open } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { SIGNATURE_BYTES, tokenOf } from './growth-tokens.js'
import { check } from './measure.js'
import { tamper } from './token-parts.js'

/**
 * @typedef {object} Settings
 * @property {string} name
 * @property {import('./growth-tokens.js').Template} template
 * @property {string} jwtKey
 * @property {string} signaturesFile
 * @property {number} count how many of the tokens are live
 */

/** Requests in flight, so that contestants that verify on the thread pool can use all of it. */
const AT_ONCE = 100
/** As many as `cache.maxEntries` of clerk-auth. */
const CACHE_SIZE = 10_000
/** Finalizers run between two collections. */
const COLLECTIONS = 3
const QUIET_IN_MS = 50

/** Each loads only its own package. @type {Record<string, (jwtKey: string) => Promise<(token: string) => unknown>>} */
const CONTESTANTS = {
  'clerk-auth': async (jwtKey) => {
    const { createClerkAuth } = await import('@clerk-auth/core')
    const clerk = createClerkAuth({ jwtKey })
    return (token) => clerk.verifyToken(token)
  },
  'clerk-auth, cache off': async (jwtKey) => {
    const { createClerkAuth } = await import('@clerk-auth/core')
    const clerk = createClerkAuth({ jwtKey, cache: { maxEntries: 0 } })
    return (token) => clerk.verifyToken(token)
  },
  jose: async (jwtKey) => {
    const { importSPKI, jwtVerify } = await import('jose')
    const key = await importSPKI(jwtKey, 'EdDSA')
    return (token) => jwtVerify(token, key)
  },
  'fast-jwt, cache on': async (jwtKey) => {
    const { createVerifier } = await import('fast-jwt')
    return createVerifier({ key: jwtKey, cache: CACHE_SIZE, algorithms: ['EdDSA'] })
  },
}

const [, , settings = ''] = process.argv
/** @type {Settings} */
const { name, template, jwtKey, signaturesFile, count } = JSON.parse(settings)
const signatures = await readSignatures()
const order = shuffled(count)
const before = await memory()
const verify = await /** @type {(typeof CONTESTANTS)[string]} */ (CONTESTANTS[name])(jwtKey)

const good = tokenOf(template, signatures, 0)
await check({ name, prepare: (token) => token, verify }, { good, tampered: tamper(good) })

process.on('message', (command) => void answer(command))
process.on('disconnect', () => process.exit())
process.send?.('ready')

/** @param {unknown} command `'present all'`, `'memory'`, or for how many milliseconds to verify */
async function answer(command) {
  if (command === 'present all') process.send?.(await presentAll())
  else if (command === 'memory') process.send?.(await memoryGrowth())
  else process.send?.(await rateOver(Number(command)))
}

/** Every token once, in random order. */
async function presentAll() {
  for (let next = 0; next < count; next += AT_ONCE) await present(order.subarray(next, next + AT_ONCE))
  return count
}

/**
 * Randomly selected tokens. Building them is not timed.
 *
 * @param {number} durationInMs
 * @returns {Promise<number>} verified per second
 */
async function rateOver(durationInMs) {
  const serials = new Uint32Array(AT_ONCE)
  let verified = 0
  let elapsed = 0
  while (elapsed < durationInMs) {
    elapsed += await present(serials.map(() => Math.floor(Math.random() * count)))
    verified += AT_ONCE
  }
  return (verified / elapsed) * 1000
}

/**
 * @param {Uint32Array} serials
 * @returns {Promise<number>} milliseconds
 */
async function present(serials) {
  const tokens = Array.from(serials, (serial) => tokenOf(template, signatures, serial))
  const start = performance.now()
  await Promise.all(tokens.map(verify))
  return performance.now() - start
}

async function readSignatures() {
  const buffer = Buffer.alloc(count * SIGNATURE_BYTES)
  const file = await open(signaturesFile)
  await file.read(buffer)
  await file.close()
  return buffer
}

/** @param {number} length */
function shuffled(length) {
  const serials = Uint32Array.from({ length }, (_, i) => i)
  for (let i = length - 1; i > 0; i--) {
    const other = Math.floor(Math.random() * (i + 1))
    const serial = serials[i] ?? 0
    serials[i] = serials[other] ?? 0
    serials[other] = serial
  }
  return serials
}

async function memoryGrowth() {
  const after = await memory()
  return { heap: after.heapUsed - before.heapUsed, rss: after.rss - before.rss }
}

async function memory() {
  if (!globalThis.gc) throw new Error('started without --expose-gc')
  for (let i = 0; i < COLLECTIONS; i++) {
    await setTimeout(QUIET_IN_MS)
    globalThis.gc()
  }
  return process.memoryUsage()
}
