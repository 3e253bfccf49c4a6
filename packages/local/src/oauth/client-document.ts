import { get } from 'node:https'
import type { LookupFunction } from 'node:net'
import { parseJson } from '../support/parse-json.js'
import { limit } from '../support/limit.js'
import { OAuthError } from './oauth-error.js'

const TIMEOUT_IN_MS = 3_000
const MAX_BYTES = 64 * 1024
const MAX_DEPTH = 32

const few = limit(4)

/**
 * Reads the metadata document of a client, without redirects, and with limits on time and size.
 *
 * The caller chooses the URL, so a web page could make the instance send requests. They are sent only to loopback, and
 * only to servers with a certificate of the given authority.
 *
 * @param url on a loopback host
 * @param ca the certificate, as PEM, of the authority that issued the certificate of the server
 * @throws {OAuthError} if there is no such document
 */
export async function fetchClientDocument(url: string, ca: string): Promise<unknown> {
  const document = parseJson(await few(() => read(url, ca)), MAX_DEPTH)
  if (document === undefined) throw unreadable('it is not JSON')
  return document
}

async function read(url: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => reject(unreadable(reason))
    const options = { ca, lookup, agent: false, headers: { accept: 'application/json' } } as const
    const sent = get(url, { ...options, signal: AbortSignal.timeout(TIMEOUT_IN_MS) }, (response) => {
      const { statusCode, headers } = response
      const stop = (reason: string) => {
        fail(reason)
        sent.destroy()
      }
      if (statusCode !== 200) return stop(`its status is ${statusCode}, not 200`)
      if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(headers['content-type'] ?? ''))
        return stop('its Content-Type is not JSON')
      const chunks: Buffer[] = []
      let size = 0
      response.on('data', (chunk: Buffer) => {
        size += chunk.length
        chunks.push(chunk)
        if (size > MAX_BYTES) stop(`it has more than ${MAX_BYTES / 1024} KiB`)
      })
      response.on('error', () => fail('the connection ended'))
      response.on('end', () => resolve(Buffer.concat(chunks).toString()))
    })
    sent.on('error', (error: NodeJS.ErrnoException) => {
      const isLate = error.name === 'TimeoutError' || error.name === 'AbortError'
      fail(isLate ? 'its server does not respond in time' : `its server cannot be reached (${error.code ?? 'error'})`)
    })
  })
}

/** `localhost`, the only name of a loopback host, without DNS, which could answer with another address. */
const lookup: LookupFunction = (_name, { all }, found) => {
  const [first, second] = [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ]
  if (all) found(null, [first, second])
  else found(null, first.address, first.family)
}

function unreadable(reason: string): OAuthError {
  return new OAuthError('invalid_client', `The document of the client cannot be read: ${reason}.`)
}
