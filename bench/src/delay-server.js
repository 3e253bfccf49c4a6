// A server that verifies and monitors its event loop: node delay-server.js <contestant> <algorithm>, the key in CLERK_JWT_KEY.
import { createServer } from 'node:http'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { verifyToken } from '@clerk/backend'
import { createClerkAuth } from '@clerk-auth/core'
import { importSPKI, jwtVerify } from 'jose'
import { listen } from './servers.js'

const RESOLUTION_IN_MS = 1
const [, , name = '', algorithm = ''] = process.argv
const jwtKey = process.env['CLERK_JWT_KEY'] ?? ''

/** @type {Record<string, () => Promise<(token: string) => unknown>>} */
const VERIFIERS = {
  'no verification': async () => (token) => token,
  'clerk-auth': async () => {
    const clerk = createClerkAuth({ jwtKey })
    return (token) => clerk.verifyToken(token)
  },
  jose: async () => {
    const key = await importSPKI(jwtKey, algorithm)
    return (token) => jwtVerify(token, key)
  },
  '@clerk/backend': async () => (token) => verifyToken(token, { jwtKey }),
}

const verify = await /** @type {(typeof VERIFIERS)[string]} */ (VERIFIERS[name])()
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_IN_MS })
delay.enable()
let before = performance.eventLoopUtilization()

const server = createServer((request, response) => void answer(request, response))

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
async function answer(request, response) {
  try {
    await verify(request.headers.authorization?.slice('Bearer '.length) ?? '')
    response.end('{"ok":true}')
  } catch {
    response.writeHead(401).end()
  }
}

const { port } = await listen(server)
process.send?.(port)
process.on('disconnect', () => process.exit())
process.on('message', (command) => {
  if (command === 'begin') {
    delay.reset()
    before = performance.eventLoopUtilization()
    process.send?.('begun')
  } else {
    const ms = (/** @type {number} */ nanoseconds) => nanoseconds / 1e6
    process.send?.({
      p50: ms(delay.percentile(50)),
      p99: ms(delay.percentile(99)),
      max: ms(delay.max),
      busy: performance.eventLoopUtilization(before).utilization,
    })
  }
})
