import { MAX_BODY_BYTES, type EndpointRequest } from './endpoint.js'
import { Refusal } from './errors.js'
import { parseJson } from './parse-json.js'

/** Far more than anybody needs, and less than what a recursive function can take. */
const MAX_DEPTH = 200

/** @throws {Refusal} when the body is too large */
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

/** `undefined` for what is no JSON that can be worked with. */
export function parseRequestJson(text: string): unknown {
  return parseJson(text, MAX_DEPTH)
}
