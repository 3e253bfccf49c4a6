// Sends made-up tokens, with a known one in between, in a separate process: node --expose-gc machines-flood.js <settings>.
import { setImmediate, setTimeout } from 'node:timers/promises'
import { createClerkAuth } from '@clerk-auth/core'

/** The number of made-up tokens per known one. */
const KNOWN_EACH = 100
/** Instead of 30 s, so that known tokens need calls during the whole flood. */
const REMEMBER_IN_MS = 1000
/** Longer than a call takes. */
const QUIET_IN_MS = 200
/** Objects that `fetch` leaves to finalizers are freed by the next collection. */
const COLLECTIONS = 3

const [, , settings = ''] = process.argv
/** @type {{ apiUrl: string, machineSecretKey: string, known: readonly string[], concurrency: number }} */
const { known, concurrency, ...access } = JSON.parse(settings)

const clerk = createClerkAuth({ ...access, acceptsToken: 'm2m_token', remote: { rememberInMs: REMEMBER_IN_MS } })
/** The results of made-up tokens, by code. @type {Record<string, number>} */
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
    await setImmediate() // as requests arrive: each in its own turn of the event loop
    if (i % KNOWN_EACH === 0) await askKnown(known[(i / KNOWN_EACH) % known.length] ?? '')
    await askMadeUp(i)
  }
}

/** @param {number} end the total number of made-up tokens by then */
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
