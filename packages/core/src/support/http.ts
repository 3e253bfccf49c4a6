/** The part of the Fetch API that is used here, so that another network can be given. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface HttpRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Sent as JSON, by POST. */
  readonly body?: object
  /** Milliseconds for the connection, the headers and the body together. */
  readonly timeoutInMs: number
  /** Octets of the decoded body. */
  readonly maxBytes: number
  /** Ends the request early. */
  readonly signal: AbortSignal
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Headers
  /** The parsed body; `undefined` where it is no JSON. */
  readonly json: unknown
}

/**
 * Asks for JSON, within one deadline and one size. A redirect is an answer like any other: it is not followed.
 *
 * @throws where no whole answer came; the reason is the `cause` of what a caller makes of it. A body that is too large is
 * a `RangeError`.
 */
export async function askForJson(fetch: Fetch, request: HttpRequest): Promise<HttpAnswer> {
  const { url, headers, body, timeoutInMs, maxBytes, signal: closed } = request
  closed.throwIfAborted()
  // A timer and not AbortSignal.any() with AbortSignal.timeout(): the garbage collector takes that deadline away while
  // the issuer hangs (https://github.com/nodejs/node/issues/57736).
  const ending = new AbortController()
  const timer = setTimeout(() => ending.abort(new Error(`no answer within ${timeoutInMs} ms`)), timeoutInMs)
  const unfollow = follow(closed, ending)

  const { signal } = ending
  const answer = async (): Promise<HttpAnswer> => {
    const sent = body && { method: 'POST', body: JSON.stringify(body) }
    const response = await fetch(url, { ...sent, headers, redirect: 'manual', signal })
    const { status, headers: fields } = response
    const json = await readJson(response, maxBytes, signal).catch((error: unknown) => {
      // The status of a failure counts, whatever becomes of the words that come with it.
      if (status === 200) throw error
    })
    return { status, headers: fields, json }
  }
  try {
    // A given `fetch` may not heed the signal; the deadline holds all the same.
    return await Promise.race([rejectionOf(signal), answer()])
  } catch (error) {
    throw inWords(error)
  } finally {
    clearTimeout(timer)
    unfollow()
  }
}

const MOST_CAUSES = 4

/** What went wrong, in words alone: an error of the network may carry octets of the answer along, into a log. */
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

/** Ends a request with the signal. There is one listener for all of them, for Node takes eleven for a leak and warns. */
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
 * Reads a body as JSON, of so many octets at the most.
 *
 * @returns `undefined` where it is no JSON
 */
export async function readJson(response: Response, maxBytes: number, signal?: AbortSignal): Promise<unknown> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  let bytes = 0
  for await (const chunk of chunksOf(response)) {
    signal?.throwIfAborted()
    bytes += chunk.byteLength
    if (bytes > maxBytes) throw new RangeError(`the body is larger than ${maxBytes} octets`)
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
    // Reached early when the body is too large: the rest of it is not waited for.
    await reader.cancel()
  }
}

function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}
