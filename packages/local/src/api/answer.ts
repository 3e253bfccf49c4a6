/** The response of an endpoint. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /**
   * A string or bytes are sent unchanged, by default as `application/json`; an error in the envelope of its path.
   * `undefined`: no body
   */
  readonly body: string | Uint8Array | ErrorItem | undefined
}

export function jsonAnswer(body: unknown, status = 200): Answer {
  return { status, body: JSON.stringify(body) }
}

export const EMPTY_ANSWER: Answer = { status: 204, body: undefined }

/** One entry of `errors` in an error body. */
export interface ErrorItem {
  readonly message: string
  readonly long_message: string
  readonly code: string
  readonly meta?: { readonly param_name: string }
}
