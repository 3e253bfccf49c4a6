import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib'
import { chunk } from './endless-answers.js'
import { CANARY, type Behaviour, type Exchange } from './issuer.js'

const OK = `HTTP/1.1 200 OK\r\nX-Note: ${CANARY}\r\n`
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`
const MANY = Buffer.alloc(16 * 1024 * 1024, 0x20)
const FAST = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }

type Broken = readonly [name: string, behave: Behaviour]

/** Connections that break before the response is complete, even if it looks complete. */
const lostConnections: readonly Broken[] = [
  ['resets the connection', ({ socket }) => void socket.resetAndDestroy()],
  ['closes the connection', ({ socket }) => void socket.destroy()],
  ['closes the connection in the middle of the status line', closeAfter('HTTP/1.1 200')],
  ['closes the connection in the middle of the headers', closeAfter(OK)],
  ['closes the connection after the headers', closeAfter(`${OK}Content-Length: 2\r\n\r\n`)],
  ['closes the connection in the middle of the body', closeAfter(lengthAnd((good) => good.slice(0, -20)))],
  ['closes the connection one byte before the end of the body', closeAfter(lengthAnd((good) => good.slice(0, -1)))],
  ['declares a length larger than its body', closeAfter(({ good }) => length(good.length + 1, good))],
  ['sends the whole body without the last chunk', closeAfter(({ good }) => CHUNKED + chunk(good))],
  ['sends half of the last chunk', closeAfter(({ good }) => `${CHUNKED}${chunk(good)}0\r\n`)],
  [
    'resets the connection in the middle of the body',
    ({ socket, good }) => {
      socket.write(length(good.length, good.slice(0, -20)))
      setImmediate(() => socket.resetAndDestroy())
    },
  ],
]

/** Bytes that are not HTTP/1.1, or contradict themselves: RFC 9112. The body is valid wherever there is one. */
const brokenMessages: readonly Broken[] = [
  ['speaks another protocol', raw(() => `SSH-2.0-${CANARY}\r\n`)],
  ['speaks TLS', raw(() => Buffer.from('15030300020228', 'hex'))],
  ['speaks HTTP/2', raw(() => Buffer.from('000012040000000000000300000064000400100000000600004000', 'hex'))],
  ['sends zeros', raw(() => Buffer.alloc(64))],
  ['sends only the body', raw(({ good }) => good)],
  ['has a status that is not a number', raw(({ good }) => length(good.length, good).replace('200', 'abc'))],
  ['has a status below 100', raw(({ good }) => length(good.length, good).replace('200', '099'))],
  ['has a status of two digits', raw(({ good }) => length(good.length, good).replace('200', '20'))],
  ['has a status of four digits', raw(({ good }) => length(good.length, good).replace('200', '2000'))],
  ['has an unknown HTTP version', raw(({ good }) => length(good.length, good).replace('1.1', '9.9'))],
  ['has a NUL in a header', withHeader(`X-Note: ${CANARY}\0`)],
  ['has a lone CR in a header', withHeader(`X-Note: ${CANARY}\rX-Other: 1`)],
  ['has a header without a colon', withHeader(CANARY)],
  ['has an invalid header name', withHeader(`X-Nöte: ${CANARY}`)],
  ['has two lengths', withHeader('Content-Length: 2')],
  ['has a length and chunks', withHeader('Transfer-Encoding: chunked')],
  ['has a negative length', raw(({ good }) => length(-1, good))],
  ['has a length that is not a number', raw(({ good }) => length('0x10', good))],
  ['has a length that is too large', raw(({ good }) => length('9'.repeat(40), good))],
  ['has a chunk size that is not a number', raw(({ good }) => `${CHUNKED}zz\r\n${good}\r\n0\r\n\r\n`)],
  ['has a chunk size that is too large', raw(({ good }) => `${CHUNKED}${'f'.repeat(20)}\r\n${good}\r\n0\r\n\r\n`)],
  ['has a chunk that is longer than its size', raw(({ good }) => `${CHUNKED}2\r\n${good}\r\n0\r\n\r\n`)],
  [
    'switches protocols without being asked',
    raw(() => `HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: ${CANARY}\r\n\r\n`),
  ],
  ['asks for a request body that does not exist', raw(() => 'HTTP/1.1 100 Continue\r\n\r\n')],
  ['asks for proxy authentication', ({ response, good }) => void response.writeHead(407).end(good)],
]

/** Headers that exceed any bound. */
const oversizedHeaders: readonly Broken[] = [
  ['has one header of 20 KiB', withHeader(`X-Note: ${CANARY.repeat(3500)}`)],
  ['has 3,000 headers', withHeader(`X-Note: ${CANARY}\r\n`.repeat(3000).trimEnd())],
  ['has endless headers', ({ socket }) => flood(socket, OK, `X-Note: ${CANARY}\r\n`.repeat(100))],
]

/** Bodies that exceed any bound, as sent or decoded. */
export const oversizedAnswers: readonly Broken[] = [
  ['has an endless chunked body', ({ socket }) => flood(socket, CHUNKED, chunk(' '.repeat(10_000)))],
  ['has an endless body without a length', ({ socket }) => flood(socket, `${OK}\r\n`, ' '.repeat(10_000))],
  ['has a body of a terabyte', ({ socket }) => flood(socket, length(2 ** 40, '['), ' '.repeat(10_000))],
  ['has a valid body after a megabyte of white space', ({ response, good }) => void response.end(padded(good))],
  ['is a gzip bomb', encoded('gzip', gzipSync(MANY))],
  ['is a deflate bomb', encoded('deflate', deflateSync(MANY))],
  ['is a brotli bomb', encoded('br', brotliCompressSync(MANY, FAST))],
  ['is a nested gzip bomb', encoded('gzip, gzip', gzipSync(gzipSync(MANY)))],
  ['is a bomb in two encodings', encoded('br, gzip', gzipSync(brotliCompressSync(MANY, FAST)))],
  [
    'is a valid body followed by a bomb',
    encoded('gzip', ({ good }) => gzipSync(Buffer.concat([Buffer.from(good), MANY]))),
  ],
]

/** Bodies that do not decode. */
const undecodableAnswers: readonly Broken[] = [
  ['is not gzip, although it declares it', encoded('gzip', ({ good }) => Buffer.from(good))],
  ['is not brotli, although it declares it', encoded('br', ({ good }) => Buffer.from(good))],
  ['is gzip with a wrong byte', encoded('gzip', ({ good }) => spoiled(gzipSync(good)))],
]

/** Invalid responses, although their bodies may be valid: each ends by itself, long before any deadline. */
export const brokenAnswers: readonly Broken[] = [
  ...lostConnections,
  ...brokenMessages,
  ...oversizedHeaders,
  ...undecodableAnswers,
]

type Text = string | ((exchange: Exchange) => string)

function closeAfter(text: Text): Behaviour {
  return (exchange) => void exchange.socket.end(typeof text === 'string' ? text : text(exchange))
}

function raw(make: (exchange: Exchange) => string | Buffer): Behaviour {
  return (exchange) => void exchange.socket.write(make(exchange))
}

function length(bytes: number | string, body: string): string {
  return `${OK}Content-Length: ${bytes}\r\n\r\n${body}`
}

function lengthAnd(cut: (good: string) => string): Text {
  return ({ good }) => length(good.length, cut(good))
}

/** A valid response with one more header, byte by byte as given. */
function withHeader(line: string): Behaviour {
  return ({ socket, good }) =>
    void socket.write(
      Buffer.from(`HTTP/1.1 200 OK\r\n${line}\r\nContent-Length: ${good.length}\r\n\r\n${good}`, 'latin1'),
    )
}

function encoded(coding: string, body: Buffer | ((exchange: Exchange) => Buffer)): Behaviour {
  return (exchange) =>
    void exchange.response
      .writeHead(200, { 'Content-Encoding': coding })
      .end(Buffer.isBuffer(body) ? body : body(exchange))
}

function spoiled(bytes: Buffer): Buffer {
  const middle = Math.floor(bytes.length / 2)
  return Buffer.concat([bytes.subarray(0, middle), Buffer.from([bytes[middle]! ^ 0xff]), bytes.subarray(middle + 1)])
}

function padded(good: string): string {
  return ' '.repeat(1024 * 1024) + good
}

/** Sends as fast as it is read, for as long as the connection is open. */
export function flood(socket: Exchange['socket'], first: string, again: string): void {
  socket.write(first)
  const write = () => {
    while (!socket.destroyed && socket.writable && socket.write(again));
  }
  socket.on('drain', write)
  write()
}
