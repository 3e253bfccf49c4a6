/** The part of the Fetch API used here, so that it can be replaced. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface HttpRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Sent as JSON with POST. */
  readonly body?: object
  /** Timeout for the connection, the headers and the body together. */
  readonly timeoutInMs: number
  /** Size limit of the decoded body. */
  readonly maxBytes: number
  /** Aborts the request. */
  readonly signal: AbortSignal
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Headers
  /** The parsed body; `undefined` if it is not JSON. */
  readonly json: unknown
}

/**
 * Requests JSON, with a timeout and a size limit. Redirects are returned, not followed.
 *
 * @throws if the response is incomplete; callers use the error as the `cause` of their own. If the body is too large, a
 * `RangeError`.
 */
export async function askForJson(fetch: Fetch, request: HttpRequest): Promise<HttpAnswer> {
  const { url, headers, body, timeoutInMs, maxBytes, signal: closed } = request
  closed.throwIfAborted()
  // A timer, not AbortSignal.any() with AbortSignal.timeout(): the latter may be garbage collected before it fires
  // (https://github.com/nodejs/node/issues/57736).
  const ending = new AbortController()
  const timer = setTimeout(() => ending.abort(new Error(`no answer within ${timeoutInMs} ms`)), timeoutInMs)
  const unfollow = follow(closed, ending)

  const { signal } = ending
  const answer = async (): Promise<HttpAnswer> => {
    const sent = body && { method: 'POST', body: JSON.stringify(body) }
    const response = await fetch(url, { ...sent, headers, redirect: 'manual', signal })
    const { status, headers: fields } = response
    const json = await readJson(response, maxBytes, signal).catch((error: unknown) => {
      // The status of an error response counts even if its body cannot be read.
      if (status === 200) throw error
    })
    return { status, headers: fields, json }
  }
  try {
    // A custom `fetch` may ignore the signal; the timeout still applies.
    return await Promise.race([rejectionOf(signal), answer()])
  } catch (error) {
    throw inWords(error)
  } finally {
    clearTimeout(timer)
    unfollow()
  }
}

const MOST_CAUSES = 4

/** Keeps only the messages of an error: network errors may carry bytes of the response, which would end up in a log. */
function inWords(error: unknown): unknown {
  if (error instanceof RangeError) return error
  const words: string[] = []
  for (let cause = error; cause instanceof Error && words.length < MOST_CAUSES; cause = cause.cause)
    words.push(cause.message || ('code' in cause ? String(cause.code) : cause.name))
  return new Error(words.join(': ') || 'no answer')
}

interface Followers {
  readonly requests: Set<AbortController>
  readonly end: () => void
}

const followersOf = new WeakMap<AbortSignal, Followers>()

/** Aborts a request with the signal. All requests share one listener, because Node warns of a leak at eleven. */
function follow(closed: AbortSignal, request: AbortController): () => void {
  const { requests, end } = followersOf.get(closed) ?? firstOf(closed)
  closed.addEventListener('abort', end)
  requests.add(request)
  return () => {
    requests.delete(request)
    if (requests.size === 0) closed.removeEventListener('abort', end)
  }
}

function firstOf(closed: AbortSignal): Followers {
  const requests = new Set<AbortController>()
  const end = () => requests.forEach((request) => request.abort(closed.reason))
  const followers = { requests, end }
  followersOf.set(closed, followers)
  return followers
}

/**
 * `Retry-After` in seconds (RFC 9110 section 10.2.3). Dates are ignored: they would rely on the other clock.
 *
 * @returns `undefined` if it is missing or not a number of seconds
 */
export function retryAfterOf(headers: Headers): number | undefined {
  const seconds = headers.get('retry-after')?.trim() ?? ''
  return /^\d{1,9}$/.test(seconds) ? Number(seconds) : undefined
}

/**
 * Reads a JSON body of at most `maxBytes` bytes.
 *
 * @returns `undefined` if it is not JSON
 */
export async function readJson(response: Response, maxBytes: number, signal?: AbortSignal): Promise<unknown> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  let bytes = 0
  for await (const chunk of chunksOf(response)) {
    signal?.throwIfAborted()
    bytes += chunk.byteLength
    if (bytes > maxBytes) throw new RangeError(`the body is larger than ${maxBytes} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  try {
    return JSON.parse(text + decoder.decode())
  } catch {
    return undefined
  }
}

async function* chunksOf({ body }: Response): AsyncGenerator<Uint8Array, void, undefined> {
  if (!body) return
  const reader = body.getReader()
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value
  } finally {
    // Reached early if the body is too large, without waiting for the rest.
    await reader.cancel()
  }
}

function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}
