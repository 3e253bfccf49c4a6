import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { CANARY, type Behaviour } from './issuer.js'

const OK = `HTTP/1.1 200 OK\r\nX-Note: ${CANARY}\r\nContent-Type: application/json\r\n`

/** Responses that do not end, and break no other rule: only a deadline ends them. */
export const endlessAnswers: readonly (readonly [name: string, behave: Behaviour])[] = [
  ['never answers', () => {}],
  ['stops in the middle of the status line', ({ socket }) => void socket.write('HTTP/1.1 20')],
  ['stops in the middle of the headers', ({ socket }) => void socket.write(OK)],
  ['has an endless status line', ({ socket }) => drip(socket, 'HTTP/1.1 200 ', () => CANARY.repeat(1000))],
  ['switches protocols without being asked', ({ socket }) => void socket.write('HTTP/1.1 101 X\r\n\r\n')],
  ['sends one header now and then', ({ socket }) => drip(socket, OK, (i) => `X-${i}: ${CANARY}\r\n`)],
  ['sends headers and no body', ({ socket }) => void socket.write(`${OK}Content-Length: 2\r\n\r\n`)],
  [
    'sends its response one byte at a time',
    ({ socket, good }) => {
      const bytes = `${OK}Content-Length: ${good.length}\r\n\r\n${good}`
      drip(socket, '', (i) => bytes.slice(i, i + 1))
    },
  ],
  [
    'sends the body one byte at a time',
    ({ socket, good }) => drip(socket, `${OK}Content-Length: ${good.length}\r\n\r\n`, (i) => good.slice(i, i + 1)),
  ],
  [
    'sends endless white space before the body',
    ({ socket }) => drip(socket, `${OK}Transfer-Encoding: chunked\r\n\r\n`, () => '1\r\n \r\n'),
  ],
  [
    'sends the body and endless white space after it',
    ({ socket, good }) => drip(socket, `${OK}Transfer-Encoding: chunked\r\n\r\n${chunk(good)}`, () => '1\r\n \r\n'),
  ],
  [
    'sends the whole body, but not the last chunk',
    ({ socket, good }) => void socket.write(`${OK}Transfer-Encoding: chunked\r\n\r\n${chunk(good)}`),
  ],
  [
    'sends one byte less than the declared length',
    ({ socket, good }) => void socket.write(`${OK}Content-Length: ${good.length + 1}\r\n\r\n${good}`),
  ],
  [
    'sends the whole body, which only the end of the connection would end',
    ({ socket, good }) => void socket.write(`${OK}Connection: close\r\n\r\n${good}`),
  ],
  [
    'sends the whole body with HTTP/1.0 and leaves the connection open',
    ({ socket, good }) => void socket.write(`HTTP/1.0 200 OK\r\n\r\n${good}`),
  ],
  [
    'sends an endless chunk extension',
    ({ socket }) => drip(socket, `${OK}Transfer-Encoding: chunked\r\n\r\n2;${CANARY}=`, () => 'x'),
  ],
  [
    'sends endless trailers',
    ({ socket, good }) =>
      drip(socket, `${OK}Transfer-Encoding: chunked\r\n\r\n${chunk(good)}0\r\n`, (i) => `X-${i}: ${CANARY}\r\n`),
  ],
  [
    'sends endless early hints',
    ({ socket }) => drip(socket, '', () => `HTTP/1.1 103 Early Hints\r\nLink: </${CANARY}>\r\n\r\n`),
  ],
  [
    'stops in the middle of a compressed body',
    ({ socket, good }) => {
      const bytes = gzipSync(good)
      socket.write(`${OK}Content-Encoding: gzip\r\nContent-Length: ${bytes.length}\r\n\r\n`)
      socket.write(bytes.subarray(0, -12))
    },
  ],
  [
    'sends endless empty gzip members',
    ({ socket }) => {
      const bytes = gzipSync('')
      const part = Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
      drip(socket, `${OK}Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n`, () => part)
    },
  ],
  [
    'fails with an endless body',
    ({ socket }) =>
      drip(socket, 'HTTP/1.1 503 X\r\nRetry-After: 9\r\nTransfer-Encoding: chunked\r\n\r\n', () => chunk(CANARY)),
  ],
]

export function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
}

/** Sends something, and then a bit more every few milliseconds, for as long as the connection is open. */
function drip(socket: Socket, first: string, next: (i: number) => string | Buffer): void {
  let i = 0
  socket.write(first)
  const dripping = setInterval(() => socket.write(next(i++)), 5)
  socket.on('close', () => clearInterval(dripping))
}
