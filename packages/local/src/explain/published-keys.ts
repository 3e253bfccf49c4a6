import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import type { KnownKeys } from './check-signature.js'
import { isObject } from '../support/input.js'
import { parseJson } from '../support/parse-json.js'

const TIMEOUT_IN_MS = 3_000
const MAX_BYTES = 256 * 1024

/** Fetches a JWK Set like an API: no redirects, with limits on time and size. */
export async function keysAt(url: string): Promise<KnownKeys> {
  const unreachable = (problem: string): KnownKeys => ({ from: 'unreachable', where: url, problem })
  const answer = await ask(url)
  if (typeof answer === 'string') return unreachable(answer)
  const keys = isObject(answer.body) && 'keys' in answer.body ? answer.body.keys : undefined
  if (answer.status !== 200) return unreachable(`the response status is ${answer.status}`)
  return Array.isArray(keys) ? { from: 'set', keys, where: url } : unreachable('the response is not a JWK Set')
}

async function ask(url: string): Promise<{ readonly status: number; readonly body: unknown } | string> {
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_IN_MS) })
    const text = await readText(response)
    return text === undefined ? 'the response is too large' : { status: response.status, body: parseJson(text) }
  } catch (error) {
    return (error as Error).name === 'TimeoutError' ? 'it does not respond in time' : 'it cannot be reached'
  }
}

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
