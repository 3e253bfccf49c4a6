import type { IncomingHttpHeaders } from 'node:http'
import type { Answer } from './answer.js'

export const MAX_BODY_BYTES = 64 * 1024

/** A request as far as endpoints look at it. */
export interface EndpointRequest {
  /** as it was sent, up to the question mark */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** what stands where the endpoint's path has `:name` */
  readonly params: Readonly<Record<string, string>>
  /** `undefined` when it is larger than {@link MAX_BODY_BYTES} */
  readBody(): Promise<string | undefined>
}

export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** `/v1/machines/:machine_id`: a part that begins with a colon stands for any one */
  readonly path: string
  /** operationId of Clerk's specification, by which faults and call counts go; none: it has neither */
  readonly operation?: string
  /** `unlisted`: only what the instance itself hands out refers to it, so nobody is told of it */
  readonly listing?: 'unlisted'
  answer(request: EndpointRequest): Answer | Promise<Answer>
}

/** The parts of `path` that `:name` stands for in `template`; `undefined` when it is another path. */
export function matchPath(template: string, path: string): Readonly<Record<string, string>> | undefined {
  const [expected, parts] = [template.split('/'), path.split('/')]
  const fits = (part: string, i: number) => (part.startsWith(':') ? Boolean(parts[i]) : part === parts[i])
  if (expected.length !== parts.length || !expected.every(fits)) return undefined
  return Object.fromEntries(
    expected.flatMap((part, i) => (part.startsWith(':') ? [[part.slice(1), parts[i] ?? '']] : [])),
  )
}
