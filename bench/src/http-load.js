import { connect } from 'node:net'

/**
 * Sends requests for some time, each as soon as the previous one on its connection was answered. It counts bytes
 * instead of parsing responses, so that the server does most of the work: all responses must have the same length.
 *
 * @param {number} port
 * @param {readonly string[]} tokens one for each connection
 * @param {number} durationInMs
 * @returns {Promise<number>} the number of responses
 */
export async function sendRequests(port, tokens, durationInMs) {
  const answer = await ask(port, tokens[0] ?? '')
  if (!answer.startsWith('HTTP/1.1 200 ')) throw new Error(`the good token was answered ${answer.slice(9, 12)}`)
  const end = performance.now() + durationInMs
  const counts = await Promise.all(tokens.map((token) => loop(port, token, answer.length, end)))
  return counts.reduce((total, count) => total + count, 0)
}

/**
 * Sends one request, and returns the whole response.
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
      if (body !== undefined && length === undefined) reject(new Error('a response without Content-Length'))
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
 * @returns {Promise<number>} the number of responses
 */
function loop(port, token, answerLength, end) {
  return new Promise((resolve, reject) => {
    const request = Buffer.from(requestWith(token))
    let count = 0
    let bytes = 0
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => socket.write(request))
    socket.on('data', (part) => {
      bytes += part.length
      if (bytes > answerLength) socket.destroy(new Error('a response was longer than the first one'))
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
