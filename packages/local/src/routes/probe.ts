import { Agent, request, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { MARKER_STATUS } from './route.js'

export interface Probe {
  readonly method: string
  readonly path: string
  readonly token: string | undefined
  /** what the route requires besides */
  readonly headers: Readonly<Record<string, string>> | undefined
}

/** How an application answered. */
export type Observation =
  | { readonly kind: 'passes' }
  /** `code` is unknown for HEAD, whose answers have no body. */
  | { readonly kind: 'refused'; readonly code: string | undefined }
  /** Neither a handler's marker nor a guard's refusal. */
  | { readonly kind: 'other'; readonly status: number; readonly code: string | undefined }

export interface Prober {
  /** @throws {Error} with one line if there is no answer: then nothing of the application can be checked */
  readonly probe: (probe: Probe) => Promise<Observation>
  /** number of requests so far */
  readonly count: () => number
  readonly close: () => void
}

export interface ProberOptions {
  readonly url: string
  readonly timeoutInMs: number
  /** Whether handlers run, so that their answers show that a caller got past the guards. */
  readonly callsHandlers: boolean
}

const MAX_BODY_BYTES = 64 * 1024
/** The toolkit limits how often it asks Clerk. Such a refusal is over in a moment, so the request is repeated. */
const RATE_LIMITED = 'verification-rate-limited'
const RETRY_AFTER_IN_MS = 250
const MAX_RETRIES = 240

/** Sends requests to an application. */
export function createProber(
  { url, timeoutInMs, callsHandlers }: ProberOptions,
  wait: (ms: number) => Promise<unknown> = sleep,
): Prober {
  const { hostname, port } = new URL(url)
  const agent = new Agent({ keepAlive: true })
  let count = 0

  async function probe(probe: Probe): Promise<Observation> {
    for (let retry = 0; ; retry++) {
      const answer = await send(probe)
      if (answer.problem?.code !== RATE_LIMITED || retry === MAX_RETRIES) return observationOf(answer, callsHandlers)
      await wait(RETRY_AFTER_IN_MS)
    }
  }

  function send(probe: Probe): Promise<Answer> {
    const { method, path, token } = probe
    const body = METHODS_WITH_BODY.has(method) ? '{}' : undefined
    const headers = {
      accept: 'application/json',
      ...probe.headers,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    }
    const signal = AbortSignal.timeout(timeoutInMs)
    count++
    return new Promise((resolve, reject) => {
      const sent = request({ agent, hostname, port, method, path, headers, signal }, (response) => {
        readAnswer(response, method).then(resolve, fail)
      })
      sent.on('error', fail)
      sent.end(body)

      function fail({ code, message }: NodeJS.ErrnoException): void {
        if (signal.aborted) reject(new Error(`${method} ${path} did not answer within ${timeoutInMs / 1000} seconds`))
        // The application may close a connection that is idle just when it is used again.
        else if (code === 'ECONNRESET' && sent.reusedSocket) resolve(send(probe))
        else reject(new Error(`${method} ${path} was not answered: ${code ?? message}`))
      }
    })
  }

  return { probe, count: () => count, close: () => agent.destroy() }
}

const METHODS_WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])

interface Answer {
  readonly status: number
  readonly problem: GuardProblem | undefined
}

/** The body of a guard's refusal. */
interface GuardProblem {
  /** `undefined` for HEAD */
  readonly code: string | undefined
}

async function readAnswer(response: IncomingMessage, method: string): Promise<Answer> {
  const { statusCode: status = 0, headers } = response
  const isProblem = headers['content-type']?.startsWith('application/problem+json') === true
  const problem = !isProblem ? undefined : method === 'HEAD' ? { code: undefined } : await problemIn(response)
  // What a handler sends may never end.
  if (status === MARKER_STATUS) response.resume()
  else response.destroy()
  return { status, problem }
}

/** Returns `undefined` if it is the problem of something else. */
async function problemIn(response: IncomingMessage): Promise<GuardProblem | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) return undefined
    chunks.push(chunk)
  }
  try {
    const { type } = JSON.parse(Buffer.concat(chunks).toString()) as { readonly type?: unknown }
    const code = typeof type === 'string' ? /^urn:clerk-auth:([a-z0-9-]+)$/.exec(type)?.[1] : undefined
    return code === undefined ? undefined : { code }
  } catch {
    return undefined
  }
}

function observationOf({ status, problem }: Answer, callsHandlers: boolean): Observation {
  if (status === MARKER_STATUS) return { kind: 'passes' }
  if (REFUSALS.has(status) && problem) return { kind: 'refused', code: problem.code }
  // A handler's answer of 2xx or 3xx; a 4xx may come from before the guard.
  if (callsHandlers && status < 400) return { kind: 'passes' }
  return { kind: 'other', status, code: problem?.code }
}

/** 503 is an outage, which says nothing about the caller. */
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403])
