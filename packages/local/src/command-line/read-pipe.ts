import type { ReadStream } from 'node:tty'

const MAX_BYTES = 64 * 1024

/**
 * Reads piped input; returns `undefined` if it is a terminal.
 *
 * @throws {TypeError} if the input is too large for a token
 */
export async function readPipe(input: ReadStream): Promise<string | undefined> {
  if (input.isTTY) return undefined
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of input as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BYTES)
      throw new TypeError(`standard input is larger than ${MAX_BYTES / 1024} KiB: it is not a token`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
