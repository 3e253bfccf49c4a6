// Core without a framework. WebSocket upgrades, tRPC, GraphQL and anything else with headers work the same way.
import { createServer } from 'node:http'
import { checkRequirement, createClerkAuth, toChallenge } from '@clerk-auth/core'

const clerk = createClerkAuth()

const server = createServer((req, res) => {
  answer(req, res).catch((error) => res.destroy(error))
})
server.on('upgrade', (req, socket) => {
  socket.on('error', () => socket.destroy()) // without a listener, a client that hangs up would end the process
  upgrade(req, socket).catch((error) => socket.destroy(error))
})

const port = Number(process.env.PORT ?? 3004)
server.listen(port, () => console.log(`node:http listens on http://localhost:${port}`))

/**
 * @param {import('node:http').IncomingMessage} req
 * @param {import('node:http').ServerResponse} res
 */
async function answer(req, res) {
  const auth = await clerk.authenticate(req) // never rejects because of a credential
  const refusal = await checkRequirement(auth, { role: 'org:admin' })
  if (!refusal) return res.end(`hello, ${auth.userId}\n`)
  const { status, headers, body } = toChallenge(refusal)
  return res.writeHead(status, headers).end(JSON.stringify(body))
}

/**
 * @param {import('node:http').IncomingMessage} req
 * @param {import('node:stream').Duplex} socket
 */
async function upgrade(req, socket) {
  const auth = await clerk.authenticate(req)
  if (auth.isAuthenticated) return acceptWebSocket(socket, auth.expiresAt)
  const { status, headers } = toChallenge(auth.error)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return socket.end([`HTTP/1.1 ${status} Refused`, ...lines, 'Connection: close', '', ''].join('\r\n'))
}

/**
 * Replace this with your WebSocket library. The connection is closed when the token that opened it expires.
 *
 * @param {import('node:stream').Duplex} socket
 * @param {number} expiresAt milliseconds since the epoch
 */
function acceptWebSocket(socket, expiresAt) {
  socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
  const end = setTimeout(() => socket.destroy(), expiresAt - Date.now())
  socket.on('close', () => clearTimeout(end))
}
