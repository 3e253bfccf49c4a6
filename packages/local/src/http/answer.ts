import type { ErrorItem } from './errors.js'

/** The response of an endpoint. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** a string is sent unchanged, by default as `application/json`; an error in the envelope of its path */
  readonly body: string | ErrorItem
}

export function jsonAnswer(body: unknown, status = 200): Answer {
  return { status, body: JSON.stringify(body) }
}
