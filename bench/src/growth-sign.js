// Signs a range of tokens, in a worker thread, and reports how many were signed since the last report.
import { sign } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import { SIGNATURE_BYTES, signingInputOf } from './growth-tokens.js'

const REPORT_EVERY = 50_000

/**
 * @type {{
 *   template: import('./growth-tokens.js').Template,
 *   privateKey: import('node:crypto').KeyObject,
 *   shared: SharedArrayBuffer,
 *   from: number,
 *   to: number,
 * }}
 */
const { template, privateKey, shared, from, to } = workerData
const signatures = Buffer.from(shared)

for (let serial = from; serial < to; serial++) {
  const signature = sign(null, Buffer.from(signingInputOf(template, serial)), privateKey)
  signature.copy(signatures, serial * SIGNATURE_BYTES)
  const done = serial + 1 - from
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
  if (done % REPORT_EVERY === 0) parentPort?.postMessage(REPORT_EVERY)
}
