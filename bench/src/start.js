// Measures how long the local instance takes to start.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startLocalClerk } from '@clerk-auth/local'
import { OAuth2Server } from 'oauth2-mock-server'
import { median, rotated } from './measure.js'
import { printTable, progress } from './report.js'

/**
 * @typedef {object} Starter
 * @property {string} name
 * @property {() => Promise<{ readonly keySet: string, readonly stop: () => Promise<unknown> }>} start until it answers
 */

/** @type {readonly Starter[]} */
const STARTERS = [
  { name: 'clerk-auth local, in process, RS256', start: () => startLocal('RS256') },
  { name: 'oauth2-mock-server, in process, RS256', start: () => startPeer('RS256') },
  { name: 'clerk-auth local, in process, ES256', start: () => startLocal('ES256') },
  { name: 'oauth2-mock-server, in process, ES256', start: () => startPeer('ES256') },
  { name: 'clerk-auth local, the command, RS256', start: () => startCommand('RS256') },
  { name: 'clerk-auth local, the command, ES256', start: () => startCommand('ES256') },
]

/** @param {{ quick: boolean }} options */
export async function startUps({ quick }) {
  const rounds = quick ? 1 : 15
  const entries = STARTERS.map((starter) => ({ ...starter, times: /** @type {number[]} */ ([]) }))
  for (let round = 0; round <= rounds; round++) {
    progress(`starting, round ${round} of ${rounds}`)
    for (const { start, times } of rotated(entries, round)) {
      const time = await timeStart(start)
      if (round > 0) times.push(time)
    }
  }
  printTable(
    'Start-up, ms',
    ['', 'median', 'least'],
    entries.map(({ name, times }) => [name, median(times).toFixed(1), Math.min(...times).toFixed(1)]),
  )
}

/** @param {Starter['start']} start */
async function timeStart(start) {
  const before = performance.now()
  const { keySet, stop } = await start()
  const time = performance.now() - before
  const { keys } = /** @type {{ keys: unknown[] }} */ (await (await fetch(keySet)).json())
  if (keys.length !== 1) throw new Error('the started process does not publish a key')
  await stop()
  return time
}

/** @param {'RS256' | 'ES256'} algorithm */
async function startLocal(algorithm) {
  const local = await startLocalClerk({ algorithm })
  return { keySet: `${local.url}/.well-known/jwks.json`, stop: local.close }
}

/** @param {'RS256' | 'ES256'} algorithm */
async function startPeer(algorithm) {
  const peer = new OAuth2Server()
  await peer.issuer.keys.generate(algorithm)
  await peer.start(0, '127.0.0.1')
  return { keySet: `${peer.issuer.url}/jwks`, stop: () => peer.stop() }
}

/** @param {'RS256' | 'ES256'} algorithm */
async function startCommand(algorithm) {
  const port = await freePort()
  const command = fileURLToPath(new URL('../../packages/local/bin/clerk-auth-local.js', import.meta.url))
  const child = spawn(process.execPath, [command, '--port', String(port), '--algorithm', algorithm], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const keySet = `http://127.0.0.1:${port}/.well-known/jwks.json`
  while (!(await answers(keySet))) await setTimeout(5)
  return {
    keySet,
    async stop() {
      child.kill()
      await once(child, 'exit')
    },
  }
}

/** @param {string} url */
function answers(url) {
  return fetch(url).then(
    (response) => response.ok,
    () => false,
  )
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  return address.port
}
