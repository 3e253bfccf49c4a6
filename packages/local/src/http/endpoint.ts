import type { IncomingHttpHeaders } from 'node:http'
import type { Answer } from './answer.js'

export const MAX_BODY_BYTES = 64 * 1024

/** The parts of a request that endpoints use. */
export interface EndpointRequest {
  /** as sent, without the query */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** values of the `:name` segments in the endpoint's path */
  readonly params: Readonly<Record<string, string>>
  /** `undefined` if the body is larger than {@link MAX_BODY_BYTES} */
  readBody(): Promise<string | undefined>
}

export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** such as `/v1/machines/:machine_id`: a segment with a leading colon matches any segment */
  readonly path: string
  /** operationId in Clerk's specification, used for faults and call counts; without it, the endpoint has neither */
  readonly operation?: string
  /** `unlisted`: not mentioned in error messages, because only tokens of the instance refer to it */
  readonly listing?: 'unlisted'
  answer(request: EndpointRequest): Answer | Promise<Answer>
}

/** The values of the `:name` segments of `template` in `path`; `undefined` if `path` does not match. */
export function matchPath(template: string, path: string): Readonly<Record<string, string>> | undefined {
  const [expected, parts] = [template.split('/'), path.split('/')]
  const fits = (part: string, i: number) => (part.startsWith(':') ? Boolean(parts[i]) : part === parts[i])
  if (expected.length !== parts.length || !expected.every(fits)) return undefined
  return Object.fromEntries(
    expected.flatMap((part, i) => (part.startsWith(':') ? [[part.slice(1), parts[i] ?? '']] : [])),
  )
}
