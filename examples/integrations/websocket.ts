// Programs send `Authorization: Bearer <token>`. Browsers cannot set headers of a WebSocket, so they offer the token as a
// second subprotocol: new WebSocket(url, ['example.v1', `bearer.${token}`]). It must never be part of the URL, which
// ends up in logs.
import { createServer, STATUS_CODES, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { checkRequirement, createClerkAuth, toChallenge } from '@clerk-auth/core'
import type { AuthError, AuthSource, Requirement, SessionAuth } from '@clerk-auth/core'
import { WebSocket, WebSocketServer } from 'ws'

const PROTOCOL = 'example.v1'
const BEARER = 'bearer.'
const RECHECK_IN_MS = 5000
const member: Requirement<unknown, 'session_token'> = { org: true }

export const clerk = createClerkAuth() // one for the process: it holds the keys and the caches

// Without this, `ws` selects the first subprotocol, and the response might repeat the token.
const handleProtocols = (offered: Set<string>) => offered.has(PROTOCOL) && PROTOCOL
const webSockets = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024, handleProtocols })

const server = createServer((_request, response) => response.writeHead(426, { Upgrade: 'websocket' }).end())
server.on('upgrade', (request, socket, head) => {
  socket.on('error', () => socket.destroy()) // without a listener, a client that hangs up would end the process
  upgrade(request, socket, head).catch(() => socket.destroy())
})
const port = Number(process.env.PORT ?? 3012)
server.listen(port, () => console.log(`WebSockets are accepted on ws://localhost:${port}`))

async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer) {
  const source = sourceOf(request)
  const auth = await clerk.authenticate(source) // never rejects because of a credential
  const refusal = await checkRequirement(auth, member)
  if (refusal) return refuse(socket, refusal)
  webSockets.handleUpgrade(request, socket, head, (webSocket) => connected(webSocket, source, auth as SessionAuth))
}

function sourceOf(request: IncomingMessage): AuthSource {
  if (request.headers.authorization !== undefined) return request
  const offered = request.headers['sec-websocket-protocol']?.split(/, */) ?? []
  const token = offered.find((protocol) => protocol.startsWith(BEARER))
  return token === undefined ? request : bearer(token)
}

/** @param token after `bearer.` */
function bearer(token: string): AuthSource {
  return { headers: { authorization: `Bearer ${token.slice(BEARER.length)}` } }
}

function refuse(socket: Duplex, refusal: AuthError) {
  const { status, headers, body } = toChallenge(refusal)
  const content = JSON.stringify(body)
  const fields = { ...headers, 'Content-Length': Buffer.byteLength(content), Connection: 'close' }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${content}`)
}

/**
 * Answers messages until the token expires or is revoked. Session tokens expire after a minute, so a client that stays
 * sends a new one in time: webSocket.send(`bearer.${token}`).
 */
function connected(webSocket: WebSocket, source: AuthSource, auth: SessionAuth) {
  let timer: NodeJS.Timeout
  const checkLater = () => {
    const wait = Math.min(auth.expiresAt - Date.now(), RECHECK_IN_MS)
    timer = setTimeout(() => void check(source), wait)
  }

  async function check(sent: AuthSource) {
    clearTimeout(timer)
    source = sent
    const current = await clerk.authenticate(sent) // cached, so it costs little; a revoked token is refused
    const refusal = await checkRequirement(current, member)
    if (source !== sent || webSocket.readyState !== WebSocket.OPEN) return
    if (!refusal && current.userId !== auth.userId) return webSocket.close(4403, 'a different user')
    if (!refusal) auth = current as SessionAuth
    if (Date.now() >= auth.expiresAt) return webSocket.close(4401, 'token-expired')
    if (refusal && refusal.status !== 503) return webSocket.close(4000 + refusal.status, refusal.code)
    checkLater() // during an outage, the connection stays open until its token expires
  }

  webSocket.on('message', (data) => {
    const message = (data as Buffer).toString()
    if (message.startsWith(BEARER)) return void check(bearer(message))
    webSocket.send(`${auth.userId} said: ${message}`)
  })
  webSocket.on('close', () => clearTimeout(timer))
  webSocket.on('error', () => webSocket.terminate())
  checkLater()
}
