import { connect } from 'node:net'
import type { Field } from './case.js'

/** A response as received. */
export interface RawAnswer {
  readonly status: number
  readonly fields: readonly Field[]
  readonly body: string
}

export interface RawRequest {
  readonly method: string
  readonly path: string
  readonly fields: readonly Field[]
  readonly body?: string | undefined
}

/** Sends a request as is, including bytes that an HTTP client would not send. */
export function exchange(url: string, request: RawRequest): Promise<RawAnswer> {
  return exchangeBytes(url, encodeRequest(new URL(url).host, request))
}

export function encodeRequest(host: string, { method, path, fields, body = '' }: RawRequest): Buffer {
  const ownHost = fields.some(([name]) => name.toLowerCase() === 'host')
  const length = body && !fields.some(([name]) => name.toLowerCase() === 'content-length')
  const lines = [
    `${method} ${path} HTTP/1.1`,
    ...(ownHost ? [] : [`Host: ${host}`]),
    'Connection: close',
    ...(length ? [`Content-Length: ${Buffer.byteLength(body)}`] : []),
    ...fields.map(([name, value]) => `${name}: ${value}`),
  ]
  return Buffer.concat([encode(`${lines.join('\r\n')}\r\n\r\n`), Buffer.from(body)])
}

/** Latin-1 if possible, so that `\xff` is the byte ff; otherwise UTF-8. */
export function encode(text: string): Buffer {
  return Buffer.from(text, /^[\0-\xff]*$/.test(text) ? 'latin1' : 'utf8')
}

export function exchangeBytes(url: string, bytes: Buffer): Promise<RawAnswer> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(Number(port), hostname, () => socket.write(bytes))
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('close', () => {
      const text = Buffer.concat(chunks).toString('latin1')
      if (text.startsWith('HTTP/1.1 ')) resolve(read(text))
      else reject(new Error('the connection was closed without a response'))
    })
    // A server that responds before it has read everything may reset the connection: its response counts.
    socket.on('error', () => {})
    socket.setTimeout(10_000, () => socket.destroy())
  })
}

function read(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n')
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n')
  const status = Number(statusLine.split(' ')[1])
  const rest = text.slice(end + 4)
  if (status < 200) return read(rest)
  const fields = lines.map((line): Field => [
    line.slice(0, line.indexOf(':')),
    line.slice(line.indexOf(':') + 1).trim(),
  ])
  const isChunked = fields.some(([name, value]) => name.toLowerCase() === 'transfer-encoding' && value === 'chunked')
  return { status, fields, body: isChunked ? unchunked(rest) : rest }
}

/** RFC 9112 section 7.1. */
function unchunked(text: string): string {
  const size = Number.parseInt(text, 16)
  if (!size) return ''
  const start = text.indexOf('\r\n') + 2
  return text.slice(start, start + size) + unchunked(text.slice(start + size + 2))
}
