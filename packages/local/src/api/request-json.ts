import { parseJson } from '../support/parse-json.js'
import type { EndpointRequest } from './endpoint.js'

/** Far more than any request needs, and safe for recursive functions. */
const MAX_DEPTH = 200

export function isJsonRequest({ headers }: EndpointRequest): boolean {
  const [type = ''] = (headers['content-type'] ?? '').split(';')
  return type.trim().toLowerCase() === 'application/json'
}

/** Returns `undefined` if the text is not JSON, or nests too deep. */
export function parseRequestJson(text: string): unknown {
  return parseJson(text, MAX_DEPTH)
}
