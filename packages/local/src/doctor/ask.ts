import { parseJson } from '../support/parse-json.js'

const TIMEOUT_IN_MS = 5_000

/** An answer, or why there is none. */
export type Reply =
  | {
      readonly status: number
      /** `undefined` if it is not JSON */
      readonly body: unknown
      /** milliseconds since the epoch, by the clock of the server; `undefined` if it did not tell */
      readonly serverTime: number | undefined
    }
  | { readonly status: undefined; readonly problem: string }

/** Sends a request like an API: no redirects, and a limit on time. */
export async function ask(url: string, bearer?: string, body?: object): Promise<Reply> {
  try {
    const response = await fetch(url, {
      method: body ? 'POST' : 'GET',
      headers: {
        ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_IN_MS),
    })
    const date = Date.parse(response.headers.get('date') ?? '')
    return {
      status: response.status,
      body: parseJson(await response.text()),
      serverTime: Number.isNaN(date) ? undefined : date,
    }
  } catch (error) {
    const isLate = error instanceof Error && error.name === 'TimeoutError'
    return {
      status: undefined,
      problem: isLate ? `it does not respond within ${TIMEOUT_IN_MS / 1000} s` : 'it cannot be reached',
    }
  }
}
