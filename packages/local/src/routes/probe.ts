import { Agent, request, type IncomingMessage } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { MARKER_STATUS } from './route.js'

export interface Probe {
  readonly method: string
  readonly path: string
  readonly token: string | undefined
  /** what the route needs besides */
  readonly headers: Readonly<Record<string, string>> | undefined
}

/** What an application answered. */
export type Observation =
  | { readonly kind: 'passes' }
  /** `code` is unknown for HEAD, whose answers have no body. */
  | { readonly kind: 'refused'; readonly code: string | undefined }
  /** Neither a handler's marker nor a guard's refusal. */
  | { readonly kind: 'other'; readonly status: number; readonly code: string | undefined }

export interface Prober {
  /** @throws {Error} if there is no answer, which says that nothing of the application can be checked */
  readonly probe: (probe: Probe) => Promise<Observation>
  readonly count: () => number
  readonly close: () => void
}

export interface ProberOptions {
  readonly url: string
  readonly timeoutInMs: number
  /** Whether handlers run, so that their answers show that a caller got past the guards. */
  readonly callsHandlers: boolean
}

export const PROBES_AT_ONCE = 16
const MAX_BODY_BYTES = 64 * 1024
/** A limit of the toolkit: so many new opaque tokens or questions about sessions a second. It refuses for a moment only. */
const RATE_LIMITED = 'verification-rate-limited'
const RETRY_AFTER_MS = 250
const MAX_RETRIES = 240

/** Sends requests to an application: requests like any others. */
export function createProber({ url, timeoutInMs, callsHandlers }: ProberOptions): Prober {
  const { hostname, port } = new URL(url)
  const agent = new Agent({ keepAlive: true, maxSockets: PROBES_AT_ONCE })
  let count = 0

  function send(probe: Probe): Promise<Answer> {
    const { method, path, token } = probe
    const body = METHODS_WITH_BODY.has(method) ? '{}' : undefined
    const headers = {
      ...probe.headers,
      accept: 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json', 'content-length': body.length }),
    }
    count++
    return new Promise((resolve, reject) => {
      const sent = request({ agent, hostname, port, method, path, headers }, (response) => {
        readAnswer(response, method === 'HEAD')
          .then(resolve, reject)
          .finally(() => clearTimeout(timer))
      })
      const timer = setTimeout(
        () => sent.destroy(new Error(`${method} ${path} did not answer within ${timeoutInMs / 1000} seconds`)),
        timeoutInMs,
      )
      sent.on('error', (error: NodeJS.ErrnoException) => {
        clearTimeout(timer)
        // The application may close a connection that is idle just when it is used again.
        if (error.code === 'ECONNRESET' && sent.reusedSocket) resolve(send(probe))
        else reject(error.code === undefined ? error : new Error(`${method} ${path} was not answered: ${error.code}`))
      })
      sent.end(body)
    })
  }

  async function probe(probe: Probe): Promise<Observation> {
    for (let retry = 0; ; retry++) {
      const answer = await send(probe)
      if (answer.problem !== RATE_LIMITED || retry === MAX_RETRIES) return observationOf(answer, callsHandlers)
      await wait(RETRY_AFTER_MS)
    }
  }

  return { probe, count: () => count, close: () => agent.destroy() }
}

const METHODS_WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])

interface Answer {
  readonly status: number
  /** of a guard; empty if the body is missing, `undefined` if it is something else */
  readonly problem: string | undefined
}

async function readAnswer(response: IncomingMessage, isHead: boolean): Promise<Answer> {
  const { statusCode: status = 0, headers } = response
  const isProblem = headers['content-type']?.startsWith('application/problem+json') === true
  const read = isProblem && !isHead ? await problemIn(response) : isProblem ? '' : undefined
  // What a handler sends may never end.
  if (!isProblem && status !== MARKER_STATUS) response.destroy()
  else response.resume()
  return { status, problem: read }
}

async function problemIn(response: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) return undefined
    chunks.push(chunk)
  }
  try {
    const { type } = JSON.parse(Buffer.concat(chunks).toString()) as { readonly type?: unknown }
    return typeof type === 'string' ? /^urn:clerk-auth:([a-z0-9-]+)$/.exec(type)?.[1] : undefined
  } catch {
    return undefined
  }
}

function observationOf({ status, problem }: Answer, callsHandlers: boolean): Observation {
  if (status === MARKER_STATUS) return { kind: 'passes' }
  if (REFUSALS.has(status) && problem !== undefined) return { kind: 'refused', code: problem || undefined }
  // A handler's answer of 2xx or 3xx; a 4xx may come from before the guard.
  if (callsHandlers && status < 400) return { kind: 'passes' }
  return { kind: 'other', status, code: problem || undefined }
}

/** 503 is an outage, which says nothing about the caller. */
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403])
