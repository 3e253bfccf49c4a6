import type { ReadStream } from 'node:tty'

const MAX_BYTES = 64 * 1024

/**
 * What is piped in; `undefined` when somebody sits there instead.
 *
 * @throws {TypeError} when it is more than a token can be
 */
export async function readPipe(input: ReadStream): Promise<string | undefined> {
  if (input.isTTY) return undefined
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of input as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BYTES) throw new TypeError(`standard input is larger than ${MAX_BYTES / 1024} KiB: it is no token`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
