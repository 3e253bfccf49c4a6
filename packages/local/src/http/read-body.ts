import type { IncomingMessage } from 'node:http'
import { Refusal } from '../api/errors.js'

/**
 * Reads the body of a request to its end, also beyond the limit: a client that is still sending when the connection
 * closes may never see the answer. Only the timeout of the server ends that earlier.
 *
 * @throws {Refusal} if the body is larger than `maxBytes`
 */
export async function readBody(incoming: IncomingMessage, maxBytes: number): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= maxBytes) chunks.push(chunk)
  }
  if (size <= maxBytes) return Buffer.concat(chunks)
  throw new Refusal('request_body_too_large', `The request body exceeds the maximum allowed size of ${maxBytes} bytes.`)
}
