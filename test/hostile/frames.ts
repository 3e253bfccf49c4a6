import { connect, type Socket } from 'node:net'
import { encode, type RawRequest } from './exchange.js'

/** The result of a request over HTTP/2. */
export type Http2Outcome =
  | { readonly ended: 'answered'; readonly body: string }
  /** The server ended the stream (RFC 9113 section 5.4.2) or the connection (section 5.4.1) with an error. */
  | { readonly ended: 'reset' | 'gone'; readonly errorCode: number }

const TYPE = { data: 0, headers: 1, reset: 3, settings: 4, goAway: 7, continuation: 9 } as const
const END_STREAM = 1
const ACK = 1
const END_HEADERS = 4
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
const MAX_FRAME = 16_384
const HEADER_LENGTH = 9

/**
 * Sends one request over HTTP/2 without TLS, as is: fields may be duplicate, and their bytes invalid. Response headers
 * are not read, because they are compressed.
 */
export function exchangeFrames(url: string, request: RawRequest): Promise<Http2Outcome> {
  const { hostname, port, host } = new URL(url)
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.write(opening(host, request)))
    const end = (outcome: Http2Outcome) => {
      socket.destroy()
      resolve(outcome)
    }
    socket.on('error', () => {})
    socket.on('close', () => end({ ended: 'gone', errorCode: -1 }))
    socket.setTimeout(10_000, () => socket.destroy())
    readFrames(socket, end)
  })
}

/**
 * Opens many streams in one write, each with the same large `Cookie` header: a compressed entry of 4 KB that a stream
 * refers to with one byte (RFC 7541 section 6.1), `times` times. So 4 KB on the wire become megabytes for the server.
 *
 * @returns the response bodies
 */
export function exchangeCookieFlood(
  url: string,
  { path, cookie, streams, times }: { path: string; cookie: string; streams: number; times: number },
): Promise<readonly string[]> {
  const { hostname, port, host } = new URL(url)
  const pseudo = Buffer.concat(pseudoFields(host, { method: 'GET', path }).map(([name, value]) => literal(name, value)))
  // The first stream also adds the entry to the connection's dynamic table.
  const entry = Buffer.concat([Buffer.of(0x40), literalString(encode('cookie')), literalString(encode(cookie))])
  const references = Buffer.alloc(times, 0x80 | FIRST_DYNAMIC_INDEX)
  const frames = Array.from({ length: streams }, (_, i) => {
    const block = Buffer.concat([pseudo, ...(i === 0 ? [entry, references.subarray(1)] : [references])])
    return headersFrames(block, 2 * i + 1)
  })

  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(Buffer.concat([start(), ...frames.flat()])))
    const bodies: string[] = []
    socket.on('error', reject)
    socket.on('close', () => reject(new Error(`the connection ended after ${bodies.length} responses`)))
    socket.setTimeout(10_000, () => socket.destroy())
    readFrames(socket, (outcome) => {
      if (outcome.ended === 'answered') bodies.push(outcome.body)
      if (bodies.length < streams && outcome.ended === 'answered') return
      socket.destroy()
      if (outcome.ended === 'answered') resolve(bodies)
      else reject(new Error(`${outcome.ended}: error ${outcome.errorCode}`))
    })
  })
}

/** RFC 7541 section 2.3.3: after the 61 entries of the static table. */
const FIRST_DYNAMIC_INDEX = 62

function start(): Buffer {
  return Buffer.concat([Buffer.from(PREFACE), frame(TYPE.settings, 0, 0)])
}

function pseudoFields(host: string, { method, path }: Pick<RawRequest, 'method' | 'path'>): [string, string][] {
  return [
    [':method', method],
    [':scheme', 'http'],
    [':authority', host],
    [':path', path],
  ]
}

function opening(host: string, { method, path, fields }: RawRequest): Buffer {
  const all = [...pseudoFields(host, { method, path }), ...fields]
  const block = Buffer.concat(all.map(([name, value]) => literal(name, value)))
  return Buffer.concat([start(), ...headersFrames(block)])
}

function headersFrames(block: Buffer, stream = 1): Buffer[] {
  const frames: Buffer[] = []
  for (let i = 0; i < block.length; i += MAX_FRAME) {
    const isLast = i + MAX_FRAME >= block.length
    const flags = (i === 0 ? END_STREAM : 0) | (isLast ? END_HEADERS : 0)
    frames.push(frame(i === 0 ? TYPE.headers : TYPE.continuation, flags, stream, block.subarray(i, i + MAX_FRAME)))
  }
  return frames
}

/** RFC 9113 section 4.1. */
function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(HEADER_LENGTH)
  header.writeUIntBE(payload.length, 0, 3)
  header[3] = type
  header[4] = flags
  header.writeUInt32BE(stream, 5)
  return Buffer.concat([header, payload])
}

/** A literal header field without indexing, with a new name and without Huffman coding: RFC 7541 section 6.2.2. */
function literal(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.of(0), literalString(encode(name)), literalString(encode(value))])
}

/** RFC 7541 sections 5.1 and 5.2. */
function literalString(bytes: Buffer): Buffer {
  if (bytes.length < 127) return Buffer.concat([Buffer.of(bytes.length), bytes])
  const length = [127]
  let rest = bytes.length - 127
  for (; rest >= 128; rest = Math.floor(rest / 128)) length.push((rest % 128) + 128)
  return Buffer.concat([Buffer.from([...length, rest]), bytes])
}

function readFrames(socket: Socket, end: (outcome: Http2Outcome) => void): void {
  let received = Buffer.alloc(0)
  const bodies = new Map<number, string>()
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk])
    while (received.length >= HEADER_LENGTH) {
      const length = HEADER_LENGTH + received.readUIntBE(0, 3)
      if (received.length < length) return
      const [type, flags] = [received[3], received[4]!]
      const stream = received.readUInt32BE(5)
      const payload = received.subarray(HEADER_LENGTH, length)
      received = received.subarray(length)

      if (type === TYPE.settings && !(flags & ACK)) socket.write(frame(TYPE.settings, ACK, 0))
      if (type === TYPE.reset) end({ ended: 'reset', errorCode: payload.readUInt32BE(0) })
      if (type === TYPE.goAway) end({ ended: 'gone', errorCode: payload.readUInt32BE(4) })
      if (type === TYPE.data) bodies.set(stream, (bodies.get(stream) ?? '') + payload.toString())
      const isOver = (type === TYPE.data || type === TYPE.headers) && flags & END_STREAM
      if (isOver) end({ ended: 'answered', body: bodies.get(stream) ?? '' })
    }
  })
}
