/** The body of a webhook as it was sent, or a stream of it. */
export type WebhookBody = string | Uint8Array | AsyncIterable<Uint8Array>

// The byte order mark is kept: the signature covers it.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads a body.
 *
 * @returns `too-large`, or no text if the body is not UTF-8 or breaks off
 */
export async function readWebhookBody(
  body: WebhookBody,
  maxBytes: number,
): Promise<{ readonly text: string | undefined } | 'too-large'> {
  if (typeof body === 'string') return body.length > maxBytes ? 'too-large' : { text: body }
  try {
    const bytes = body instanceof Uint8Array ? body : await collect(body, maxBytes)
    return bytes && bytes.length <= maxBytes ? { text: utf8.decode(bytes) } : 'too-large'
  } catch {
    return { text: undefined }
  }
}

async function collect(stream: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of stream) {
    length += chunk.length
    if (length > maxBytes) return undefined
    chunks.push(chunk)
  }
  const bytes = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  return bytes
}
