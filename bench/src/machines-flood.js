// Made-up tokens, and a known one now and then, in a process of its own: node --expose-gc machines-flood.js <settings>.
import { setImmediate, setTimeout } from 'node:timers/promises'
import { createClerkAuth } from '@clerk-auth/core'

/** Every so many made-up tokens, a known one. */
const KNOWN_EACH = 100
/** Rather than 30 s, so that the known have to be asked about again and again while the flood lasts. */
const REMEMBER_IN_MS = 1000
/** Longer than a call takes. */
const QUIET_IN_MS = 200
/** What `fetch` leaves to finalizers is gone after the next one. */
const COLLECTIONS = 3

const [, , settings = ''] = process.argv
/** @type {{ apiUrl: string, machineSecretKey: string, known: readonly string[], concurrency: number }} */
const { known, concurrency, ...access } = JSON.parse(settings)

const clerk = createClerkAuth({ ...access, acceptsToken: 'm2m_token', remote: { rememberInMs: REMEMBER_IN_MS } })
/** How the made-up were answered, by code. @type {Record<string, number>} */
const refusals = {}
const ofKnown = { served: 0, refused: 0, slowestInMs: 0 }
let sent = 0
let seconds = 0

/** @param {string} token */
function authenticate(token) {
  return clerk.authenticate({ headers: { authorization: `Bearer ${token}` } })
}

/** @param {string} token */
async function askKnown(token) {
  const start = performance.now()
  const { isAuthenticated } = await authenticate(token)
  ofKnown.slowestInMs = Math.max(ofKnown.slowestInMs, performance.now() - start)
  if (isAuthenticated) ofKnown.served++
  else ofKnown.refused++
}

/** @param {number} i */
async function askMadeUp(i) {
  const auth = await authenticate(`mt_${String(i).padStart(42, 'x')}`)
  if (auth.isAuthenticated) throw new Error('a made-up token was accepted')
  refusals[auth.error.code] = (refusals[auth.error.code] ?? 0) + 1
}

/** @param {number} end */
async function sendUpTo(end) {
  while (sent < end) {
    const i = sent++
    await setImmediate() // as requests arrive, each in a turn of its own
    if (i % KNOWN_EACH === 0) await askKnown(known[(i / KNOWN_EACH) % known.length] ?? '')
    await askMadeUp(i)
  }
}

/** @param {number} end how many made-up tokens there are to be by then */
async function report(end) {
  const start = performance.now()
  await Promise.all(Array.from({ length: concurrency }, () => sendUpTo(end)))
  seconds += (performance.now() - start) / 1000
  if (!globalThis.gc) throw new Error('started without --expose-gc')
  for (let i = 0; i < COLLECTIONS; i++) {
    await setTimeout(QUIET_IN_MS)
    globalThis.gc()
  }
  const { heapUsed } = process.memoryUsage()
  process.send?.({ sent, seconds, heapUsed, refusals, ofKnown, remote: clerk.stats().remote })
}

for (const token of known) await clerk.verifyToken(token)
process.on('message', (end) => void report(Number(end)))
process.on('disconnect', () => process.exit())
process.send?.('ready')
