import type { IncomingHttpHeaders } from 'node:http'
import type { Answer } from './answer.js'

/** The parts of a request that endpoints use. */
export interface EndpointRequest {
  /** as sent, without the query */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** values of the `{name}` segments in the endpoint's path */
  readonly params: Readonly<Record<string, string>>
  /** @throws {Refusal} if the body is larger than the endpoint allows */
  readonly readText: () => Promise<string>
  /** @throws {Refusal} like `readText()`, or if the body is not `multipart/form-data` */
  readonly readForm: () => Promise<FormData>
}

export interface Endpoint {
  readonly method: Method
  /** such as `/v1/machines/{machine_id}`: a segment in braces matches any segment */
  readonly path: string
  /** operationId in Clerk's specification, used for faults and call counts; without it, the endpoint has neither */
  readonly operation?: string | undefined
  /** `unlisted`: not mentioned in error messages, because only tokens of the instance refer to it */
  readonly listing?: 'unlisted'
  /** the largest body in bytes, default {@link MAX_BODY_BYTES} */
  readonly maxBodyBytes?: number | undefined
  readonly answer: (request: EndpointRequest) => Answer | Promise<Answer>
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'

export const MAX_BODY_BYTES = 64 * 1024
