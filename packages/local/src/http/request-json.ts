import { MAX_BODY_BYTES, type EndpointRequest } from './endpoint.js'
import { Refusal } from './errors.js'
import { parseJson } from './parse-json.js'

/** Far more than any request needs, and safe for recursive functions. */
const MAX_DEPTH = 200

/** @throws {Refusal} if the body is too large */
export async function readText(request: EndpointRequest): Promise<string> {
  const text = await request.readBody()
  if (text !== undefined) return text
  throw new Refusal(
    'request_body_too_large',
    `The request body exceeds the maximum allowed size of ${MAX_BODY_BYTES} bytes.`,
  )
}

export function isJsonRequest({ headers }: EndpointRequest): boolean {
  const [type = ''] = (headers['content-type'] ?? '').split(';')
  return type.trim().toLowerCase() === 'application/json'
}

/** Returns `undefined` if the text is not JSON, or nests too deep. */
export function parseRequestJson(text: string): unknown {
  return parseJson(text, MAX_DEPTH)
}
