import { connect } from 'node:net'

/**
 * Sends requests for some time, the next one of a connection as soon as its last one is answered. It counts bytes
 * rather than parse answers, so that the server has most of the work: every answer has to be as long as the first.
 *
 * @param {number} port
 * @param {readonly string[]} tokens one for each connection
 * @param {number} durationInMs
 * @returns {Promise<number>} how many were answered
 */
export async function sendRequests(port, tokens, durationInMs) {
  const answer = await ask(port, tokens[0] ?? '')
  if (!answer.startsWith('HTTP/1.1 200 ')) throw new Error(`the good token was answered ${answer.slice(9, 12)}`)
  const end = performance.now() + durationInMs
  const counts = await Promise.all(tokens.map((token) => loop(port, token, answer.length, end)))
  return counts.reduce((total, count) => total + count, 0)
}

/**
 * One request, and all that comes back within one turn of the server.
 *
 * @param {number} port
 * @param {string} token
 * @returns {Promise<string>}
 */
function ask(port, token) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(requestWith(token)))
    let answer = ''
    socket.setEncoding('latin1').on('data', (part) => {
      answer += part
      const [head = '', body] = answer.split('\r\n\r\n')
      const length = /^content-length: *(\d+)/im.exec(head)?.[1]
      if (body !== undefined && length === undefined) reject(new Error('an answer without Content-Length'))
      if (body?.length !== Number(length)) return
      socket.destroy()
      resolve(answer)
    })
    socket.on('error', reject)
  })
}

/**
 * @param {number} port
 * @param {string} token
 * @param {number} answerLength
 * @param {number} end
 * @returns {Promise<number>} how many were answered
 */
function loop(port, token, answerLength, end) {
  return new Promise((resolve, reject) => {
    const request = Buffer.from(requestWith(token))
    let count = 0
    let bytes = 0
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => socket.write(request))
    socket.on('data', (part) => {
      bytes += part.length
      if (bytes > answerLength) socket.destroy(new Error('an answer was longer than the first one'))
      if (bytes !== answerLength) return
      bytes = 0
      count++
      if (performance.now() < end) {
        socket.write(request)
      } else {
        socket.destroy()
        resolve(count)
      }
    })
    socket.on('error', reject)
  })
}

/** @param {string} token */
function requestWith(token) {
  return [
    'GET / HTTP/1.1',
    'Host: api.example.com',
    'Connection: keep-alive',
    'Accept: application/json',
    'Origin: https://app.example.com',
    `Authorization: Bearer ${token}`,
    '',
    '',
  ].join('\r\n')
}
