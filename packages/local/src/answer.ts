/** What an endpoint answers. The body is sent as it stands, as `application/json` unless a header says otherwise. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
}

export function jsonAnswer(body: unknown): Answer {
  return { status: 200, body: JSON.stringify(body) }
}
