import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { parseJson } from './parse-json.js'

const TIMEOUT_IN_MS = 3_000
const MAX_BYTES = 256 * 1024

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

/** Sends a request like an API: no redirects, with limits on time and size. */
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
    const text = await readText(response)
    if (text === undefined) return { status: undefined, problem: 'the response is too large' }
    const date = Date.parse(response.headers.get('date') ?? '')
    return { status: response.status, body: parseJson(text), serverTime: Number.isNaN(date) ? undefined : date }
  } catch (error) {
    const isLate = (error as Error).name === 'TimeoutError'
    return { status: undefined, problem: isLate ? 'it does not respond in time' : 'it cannot be reached' }
  }
}

/** Returns `undefined` if the text is too large. */
async function readText({ body }: Response): Promise<string | undefined> {
  if (!body) return ''
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of Readable.fromWeb(body as ReadableStream<Uint8Array>) as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > MAX_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
