import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { chunk } from './endless-answers.js'
import { CANARY, type Behaviour, type Exchange } from './issuer.js'

const OK = 'HTTP/1.1 200 OK\r\n'
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`

/** Responses that look strange but are valid: HTTP and JSON allow all of them. */
export const oddAnswers: readonly (readonly [name: string, behave: Behaviour])[] = [
  ['it has no Content-Type', ({ response, good }) => void response.end(good)],
  ...['text/plain', 'text/html', 'application/jwk-set+json', 'application/json; charset=utf-16', '', CANARY].map(
    (type) => [`its Content-Type is "${type}"`, withHeaders({ 'Content-Type': type })] as const,
  ),
  [
    'it starts with a byte order mark: RFC 8259 section 8.1',
    ({ response, good }) => void response.end(`\ufeff${good}`),
  ],
  ['it has white space around it', ({ response, good }) => void response.end(`\r\n\t ${good} \n`)],
  ['it has unknown members', ({ response, good }) => void response.end(good.replace('{', '{"é":["\\u0000"],'))],
  ['it is gzip', encoded('gzip', gzipSync)],
  ['it is brotli', encoded('br', brotliCompressSync)],
  ['it is deflate', encoded('deflate', deflateSync)],
  ['it is deflate without a header', encoded('deflate', deflateRawSync)],
  ['it is gzip in gzip', encoded('gzip, gzip', (text) => gzipSync(gzipSync(text)))],
  ['it has no Content-Length', ({ socket, good }) => void socket.end(`${OK}\r\n${good}`)],
  ['it is HTTP/1.0', ({ socket, good }) => void socket.end(`HTTP/1.0 200 OK\r\n\r\n${good}`)],
  [
    'its status has no reason phrase',
    sent(({ good }) => `HTTP/1.1 200 \r\nContent-Length: ${good.length}\r\n\r\n${good}`),
  ],
  [
    'its status has an odd reason phrase',
    sent(({ good }) => `HTTP/1.1 200 N\xf6 \x80\r\nContent-Length: ${good.length}\r\n\r\n${good}`),
  ],
  [
    'a header has non-ASCII bytes',
    sent(({ good }) => `${OK}X-Note: \x80\xff\r\nContent-Length: ${good.length}\r\n\r\n${good}`),
  ],
  ['it has headers of 8 KiB', withHeaders({ 'X-Note': CANARY.repeat(1365) })],
  ['it sets cookies', withHeaders({ 'Set-Cookie': ['__session=x; Path=/', 'a=b'] })],
  ['it has a Location header', withHeaders({ Location: 'http://127.0.0.1:1/', Refresh: '0; url=http://127.0.0.1:1/' })],
  ['it closes the connection', withHeaders({ Connection: 'close' })],
  [
    'early hints precede it',
    sent(
      ({ good }) => `HTTP/1.1 103 X\r\nLink: </${CANARY}>\r\n\r\n${OK}Content-Length: ${good.length}\r\n\r\n${good}`,
    ),
  ],
  ['it comes in chunks of one byte', sent(({ good }) => `${CHUNKED}${Array.from(good, chunk).join('')}0\r\n\r\n`)],
  [
    'its chunks have extensions',
    sent(({ good }) => `${CHUNKED}${good.length.toString(16)};a=${CANARY}\r\n${good}\r\n0\r\n\r\n`),
  ],
  [
    'it has trailers',
    sent(({ good }) => `${CHUNKED}${chunk(good)}0\r\nX-Note: ${CANARY}\r\nCache-Control: no-store\r\n\r\n`),
  ],
  [
    'another response follows it',
    sent(({ good }) => `${OK}Content-Length: ${good.length}\r\n\r\n${good}HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n`),
  ],
  ['garbage follows it', sent(({ good }) => `${OK}Content-Length: ${good.length}\r\n\r\n${good}\0${CANARY}`)],
]

function withHeaders(headers: Record<string, string | string[]>): Behaviour {
  return ({ response, good }) => void response.writeHead(200, headers).end(good)
}

function encoded(coding: string, encode: (text: string) => Buffer): Behaviour {
  return ({ response, good }) => void response.writeHead(200, { 'Content-Encoding': coding }).end(encode(good))
}

function sent(make: (exchange: Exchange) => string): Behaviour {
  return (exchange) => void exchange.socket.write(Buffer.from(make(exchange), 'latin1'))
}
