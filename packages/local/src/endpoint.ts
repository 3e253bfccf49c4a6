import type { IncomingHttpHeaders } from 'node:http'
import type { Answer } from './answer.js'

/** A request as far as endpoints look at it. */
export interface EndpointRequest {
  /** as it was sent, up to the question mark */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** `undefined` when it is larger than the server reads */
  readBody(): Promise<string | undefined>
}

export interface Endpoint {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** operationId of Clerk's specification, by which faults and call counts go; none: it has neither */
  readonly operation?: string
  answer(request: EndpointRequest): Answer | Promise<Answer>
}
