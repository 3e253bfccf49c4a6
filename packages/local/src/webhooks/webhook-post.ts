import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'

/** `status: null`: no response, for a reason such as `ECONNREFUSED` */
export type PostAnswer =
  { readonly status: number; readonly reason: null } | { readonly status: null; readonly reason: string }

export interface PostRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** closes the connection */
  readonly signal: AbortSignal
  readonly timeoutInMs?: number
}

/** Svix's timeout (https://docs.svix.com/retries). */
const TIMEOUT_IN_MS = 15_000

const MAX_ANSWER_BYTES = 64 * 1024

/** Never rejects, does not follow redirects, and reads only a limited part of the response. */
export function post({ url, headers, body, signal, timeoutInMs = TIMEOUT_IN_MS }: PostRequest): Promise<PostAnswer> {
  const send = new URL(url).protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve) => {
    const failed = (reason: string) => resolve({ status: null, reason })
    // Not `fetch`, which tests often replace. Without an agent, no connection stays open that a closing receiver would
    // wait for.
    const request = send(url, { method: 'POST', agent: false, headers, signal })
    const timer = setTimeout(
      () => request.destroy(new Error(`no response within ${timeoutInMs / 1000} s`)),
      timeoutInMs,
    )
    timer.unref()
    request.on('socket', (socket) => socket.unref())
    request.on('error', (error: NodeJS.ErrnoException) => failed(error.code ?? error.message))
    request.on('close', () => {
      clearTimeout(timer)
      failed('the connection was closed without a response')
    })
    request.on('response', (response) => {
      resolve({ status: response.statusCode ?? 0, reason: null })
      let size = 0
      response.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > MAX_ANSWER_BYTES) request.destroy()
      })
      // Errors after the status are irrelevant.
      response.on('error', () => {})
    })
    request.end(body)
  })
}
