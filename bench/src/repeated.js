// Measures the cost of a token that was verified before.
import { hash } from 'node:crypto'
import { verifyToken } from '@clerk/backend'
import { createClerkAuth } from '@clerk-auth/core'
import { createVerifier } from 'fast-jwt'
import { check, measure, median, ratio } from './measure.js'
import { micros, printTable, progress, times } from './report.js'
import { tamper } from './token-parts.js'
import { mintTokens } from './tokens.js'

/**
 * @template Input
 * @typedef {import('./measure.js').Contestant<Input>} Contestant
 */

/** @param {{ quick: boolean }} options */
export async function repeatedToken({ quick }) {
  const size = quick ? { rounds: 3, batches: 20, callsPerBatch: 100 } : { rounds: 9, batches: 100, callsPerBatch: 200 }
  const { jwtKey, tokens } = await mintTokens('RS256', 1)
  const [good = ''] = tokens

  const clerk = createClerkAuth({ jwtKey })
  const fastJwt = createVerifier({ key: jwtKey, cache: true, algorithms: ['RS256'] })
  /** @type {Contestant<any>} */
  const floor = { name: 'SHA-256 of the token', prepare: (token) => token, verify: (token) => hash('sha256', token) }
  /** @type {Contestant<any>[]} */
  const verifiers = [
    {
      name: 'clerk-auth: verifyToken(token)',
      prepare: (token) => token,
      verify: (token) => clerk.verifyToken(token),
    },
    {
      name: 'clerk-auth: authenticate(request)',
      prepare: requestWith,
      verify: async (request) => {
        const auth = await clerk.authenticate(request)
        if (!auth.isAuthenticated) throw auth.error
      },
    },
    {
      name: 'fast-jwt: its verifier with its cache',
      prepare: (token) => token,
      verify: (token) => fastJwt(token),
    },
    {
      name: '@clerk/backend: verifyToken(token, { jwtKey })',
      prepare: (token) => token,
      verify: (token) => verifyToken(token, { jwtKey }),
    },
  ]
  for (const verifier of verifiers) await check(verifier, { good, tampered: tamper(good) })

  progress('verifying one token repeatedly')
  const contestants = [floor, ...verifiers]
  const measured = await measure(contestants, tokens, size)
  const [floorTimes = [], ourTimes = []] = measured
  printTable(
    'The same RS256 token again, µs per verification (target: 2 µs)',
    ['', 'µs', '/ SHA-256', '/ clerk-auth'],
    contestants.map(({ name }, i) => {
      const own = measured[i] ?? []
      return [name, micros(median(own)), times(ratio(own, floorTimes)), times(ratio(own, ourTimes))]
    }),
  )
}

/**
 * A request as Node hands it out, with the headers that a browser sends.
 *
 * @param {string} token
 */
function requestWith(token) {
  const headers = {
    host: 'api.example.com',
    connection: 'keep-alive',
    accept: 'application/json',
    'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    'accept-encoding': 'gzip, deflate, br, zstd',
    'accept-language': 'en-GB,en;q=0.5',
    origin: 'https://app.example.com',
    authorization: `Bearer ${token}`,
  }
  return { headers, rawHeaders: Object.entries(headers).flat() }
}
