import type { ErrorItem } from './errors.js'

/** What an endpoint answers. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** text is sent as it stands, as `application/json` unless a header says otherwise; an error in the envelope of its address */
  readonly body: string | ErrorItem
}

export function jsonAnswer(body: unknown, status = 200): Answer {
  return { status, body: JSON.stringify(body) }
}
