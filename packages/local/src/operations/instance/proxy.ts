import { request as requestHttp, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Instance } from '../../instance/instance.js'
import { parseJson } from '../../support/parse-json.js'

const TIMEOUT_IN_MS = 3000
const MAX_ANSWER_BYTES = 64 * 1024

/** Whether a proxy at this URL leads to the instance: the key set that it answers has the current key. */
export async function reachesInstance(proxyUrl: string, { keys }: Instance): Promise<boolean> {
  const text = await get(`${proxyUrl.replace(/\/$/, '')}/.well-known/jwks.json`)
  const answer = text === undefined ? undefined : parseJson(text)
  const published = (answer as { readonly keys?: unknown } | null | undefined)?.keys
  return Array.isArray(published) && published.some((key: { kid?: unknown } | null) => key?.kid === keys.current.kid)
}

/** Returns the body; `undefined`: no answer, one that is not 200, or a large one. Does not follow redirects. */
function get(url: string): Promise<string | undefined> {
  const send = url.toLowerCase().startsWith('https:') ? requestHttps : requestHttp
  return new Promise((resolve) => {
    // Not `fetch`, which tests often replace. Without an agent, no connection stays open.
    const request = send(url, { agent: false, signal: AbortSignal.timeout(TIMEOUT_IN_MS) }, (response) => {
      if (response.statusCode === 200) readBody(response, resolve)
      else request.destroy()
    })
    request.on('error', () => resolve(undefined))
    request.on('close', () => resolve(undefined))
    request.end()
  })
}

function readBody(response: IncomingMessage, resolve: (body: string | undefined) => void): void {
  const chunks: Buffer[] = []
  let size = 0
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    size += chunk.length
    if (size > MAX_ANSWER_BYTES) response.destroy()
  })
  response.on('end', () => resolve(Buffer.concat(chunks).toString()))
  response.on('error', () => resolve(undefined))
}
