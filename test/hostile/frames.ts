import { connect, type Socket } from 'node:net'
import { encode, type RawRequest } from './exchange.js'

/** What became of a request over HTTP/2. */
export type Http2Outcome =
  | { readonly ended: 'answered'; readonly body: string }
  /** The server refuses to go on with the stream (RFC 9113 section 5.4.2), or with the whole connection (section 5.4.1). */
  | { readonly ended: 'reset' | 'gone'; readonly errorCode: number }

const TYPE = { data: 0, headers: 1, reset: 3, settings: 4, goAway: 7, continuation: 9 } as const
const END_STREAM = 1
const ACK = 1
const END_HEADERS = 4
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
const MAX_FRAME = 16_384
const HEADER_LENGTH = 9

/**
 * Sends one request over HTTP/2 without TLS, as no client would send it: a name may stand in it twice, and every octet
 * is as it is given. Of the answer no header is read, for those are compressed.
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

function opening(host: string, { method, path, fields }: RawRequest): Buffer {
  const pseudo: [string, string][] = [
    [':method', method],
    [':scheme', 'http'],
    [':authority', host],
    [':path', path],
  ]
  const block = Buffer.concat([...pseudo, ...fields].map(([name, value]) => literal(name, value)))
  return Buffer.concat([Buffer.from(PREFACE), frame(TYPE.settings, 0, 0), ...headersFrames(block)])
}

function headersFrames(block: Buffer): Buffer[] {
  const frames: Buffer[] = []
  for (let i = 0; i < block.length; i += MAX_FRAME) {
    const isLast = i + MAX_FRAME >= block.length
    const flags = (i === 0 ? END_STREAM : 0) | (isLast ? END_HEADERS : 0)
    frames.push(frame(i === 0 ? TYPE.headers : TYPE.continuation, flags, 1, block.subarray(i, i + MAX_FRAME)))
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

/** A literal header field without indexing, with a new name and without Huffman: RFC 7541 section 6.2.2. */
function literal(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.of(0), text(encode(name)), text(encode(value))])
}

/** RFC 7541 sections 5.1 and 5.2. */
function text(octets: Buffer): Buffer {
  if (octets.length < 127) return Buffer.concat([Buffer.of(octets.length), octets])
  const length = [127]
  let rest = octets.length - 127
  for (; rest >= 128; rest = Math.floor(rest / 128)) length.push((rest % 128) + 128)
  return Buffer.concat([Buffer.from([...length, rest]), octets])
}

function readFrames(socket: Socket, end: (outcome: Http2Outcome) => void): void {
  let received = Buffer.alloc(0)
  let body = ''
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk])
    while (received.length >= HEADER_LENGTH) {
      const length = HEADER_LENGTH + received.readUIntBE(0, 3)
      if (received.length < length) return
      const [type, flags] = [received[3], received[4]!]
      const payload = received.subarray(HEADER_LENGTH, length)
      received = received.subarray(length)

      if (type === TYPE.settings && !(flags & ACK)) socket.write(frame(TYPE.settings, ACK, 0))
      if (type === TYPE.reset) end({ ended: 'reset', errorCode: payload.readUInt32BE(0) })
      if (type === TYPE.goAway) end({ ended: 'gone', errorCode: payload.readUInt32BE(4) })
      if (type === TYPE.data) body += payload.toString()
      const isOver = (type === TYPE.data || type === TYPE.headers) && flags & END_STREAM
      if (isOver) end({ ended: 'answered', body })
    }
  })
}
