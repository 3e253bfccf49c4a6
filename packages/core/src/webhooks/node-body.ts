import type { WebhookBody } from './webhook-body.js'

/** The part of an `IncomingMessage` of Node that is used here. */
export interface NodeStream {
  readonly readableDidRead: boolean
  readonly iterator: (options: { readonly destroyOnReturn: boolean }) => AsyncIterable<unknown>
  readonly resume: () => unknown
}

/** The body of a request of Node; `undefined` if something else has read it. */
export function nodeBody(stream: NodeStream): WebhookBody | undefined {
  return stream.readableDidRead ? undefined : chunksOf(stream)
}

async function* chunksOf(stream: NodeStream): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    // Not destroyed if the body is too large, so that the client gets the response.
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) yield chunk as Uint8Array
  } finally {
    // Without this, the rest would block the connection.
    stream.resume()
  }
}
