import { Refusal } from '../api/errors.js'

/**
 * Reads the body of a request.
 *
 * Not done with Hono's `bodyLimit()`, which fails for a body without a length, such as that of a DELETE, unless the
 * global `Request` is replaced.
 *
 * @throws {Refusal} if it is larger than `maxBytes`
 */
export async function readBody({ body, headers }: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(headers.get('content-length')) > maxBytes) throw tooLarge(maxBytes)
  const chunks: Uint8Array[] = []
  let size = 0
  // Not with `for await`, which would close the connection before the answer is sent.
  const reader = body?.getReader()
  for (let read = await reader?.read(); read?.value; read = await reader?.read()) {
    size += read.value.length
    if (size > maxBytes) throw tooLarge(maxBytes)
    chunks.push(read.value)
  }
  return Buffer.concat(chunks)
}

function tooLarge(maxBytes: number): Refusal {
  return new Refusal(
    'request_body_too_large',
    `The request body exceeds the maximum allowed size of ${maxBytes} bytes.`,
  )
}
