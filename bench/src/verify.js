// Measures the cost of a new token.
import { createPublicKey, verify } from 'node:crypto'
import { verifyToken } from '@clerk/backend'
import { createClerkAuth } from '@clerk-auth/core'
import { importSPKI, jwtVerify } from 'jose'
import { check, difference, measure, median, ratio } from './measure.js'
import { micros, printTable, progress, times } from './report.js'
import { tamper } from './token-parts.js'
import { mintTokens } from './tokens.js'

/**
 * @template Input
 * @typedef {import('./measure.js').Contestant<Input>} Contestant
 */

const ALGORITHMS = /** @type {const} */ (['RS256', 'ES256', 'EdDSA'])

/** @param {{ quick: boolean }} options */
export async function newTokens({ quick }) {
  const size = quick ? { rounds: 2, batches: 40, callsPerBatch: 10 } : { rounds: 9, batches: 200, callsPerBatch: 10 }
  const rows = []
  for (const algorithm of ALGORITHMS) rows.push(await measureAlgorithm(algorithm, size))
  printTable(
    'A new token, µs per verification (target: raw + 10 µs)',
    ['', 'raw crypto.verify', 'clerk-auth', '- raw', '/ raw', 'jose', 'jose / ours', '@clerk/backend', 'theirs / ours'],
    rows,
  )
}

/**
 * @param {(typeof ALGORITHMS)[number]} algorithm
 * @param {{ rounds: number, batches: number, callsPerBatch: number }} size
 */
async function measureAlgorithm(algorithm, size) {
  const { jwtKey, tokens } = await mintTokens(algorithm, size.batches * size.callsPerBatch)
  const [good = ''] = tokens

  // @clerk/backend takes PEM only for RS256.
  const contestants = [raw(algorithm, jwtKey), ours(jwtKey), await jose(algorithm, jwtKey)]
  if (algorithm === 'RS256') contestants.push(official(jwtKey))
  for (const contestant of contestants) await check(contestant, { good, tampered: tamper(good) })

  progress(`verifying new ${algorithm} tokens`)
  const [rawTimes = [], ourTimes = [], joseTimes = [], officialTimes] = await measure(contestants, tokens, size)
  return [
    algorithm,
    micros(median(rawTimes)),
    micros(median(ourTimes)),
    micros(difference(ourTimes, rawTimes)),
    times(ratio(ourTimes, rawTimes)),
    micros(median(joseTimes)),
    times(ratio(joseTimes, ourTimes)),
    officialTimes ? micros(median(officialTimes)) : 'n/a',
    officialTimes ? times(ratio(officialTimes, ourTimes)) : 'n/a',
  ]
}

/**
 * The minimum: only the signature, over bytes that were decoded before.
 *
 * @param {(typeof ALGORITHMS)[number]} algorithm
 * @param {string} jwtKey
 * @returns {Contestant<any>}
 */
function raw(algorithm, jwtKey) {
  const digest = algorithm === 'EdDSA' ? null : 'sha256'
  const key = createPublicKey(jwtKey)
  const input = algorithm === 'ES256' ? { key, dsaEncoding: /** @type {const} */ ('ieee-p1363') } : key
  return {
    name: 'crypto.verify',
    prepare: (token) => {
      const lastDot = token.lastIndexOf('.')
      return {
        signingInput: Buffer.from(token.slice(0, lastDot)),
        signature: Buffer.from(token.slice(lastDot + 1), 'base64url'),
      }
    },
    verify: ({ signingInput, signature }) => {
      if (!verify(digest, signingInput, input, signature)) throw new Error('refused')
    },
  }
}

/**
 * @param {string} jwtKey
 * @returns {Contestant<any>}
 */
function ours(jwtKey) {
  const clerk = createClerkAuth({ jwtKey })
  return {
    name: 'clerk-auth',
    prepare: (token) => token,
    verify: (token) => clerk.verifyToken(token),
    beforeRound: () => {
      clerk.forget('all')
      if (clerk.stats().verified.hits > 0) throw new Error('a token was cached that should have been new')
    },
  }
}

/**
 * @param {string} algorithm
 * @param {string} jwtKey
 * @returns {Promise<Contestant<any>>}
 */
async function jose(algorithm, jwtKey) {
  const key = await importSPKI(jwtKey, algorithm)
  return { name: 'jose', prepare: (token) => token, verify: (token) => jwtVerify(token, key) }
}

/**
 * @param {string} jwtKey
 * @returns {Contestant<any>}
 */
function official(jwtKey) {
  return { name: '@clerk/backend', prepare: (token) => token, verify: (token) => verifyToken(token, { jwtKey }) }
}
