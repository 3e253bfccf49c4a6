import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ISSUER } from './token.js'
import { KEY_SET, OTHER_KEY_SET, type Jwk } from './keys.js'

/** Publishes a key set, knows no opaque tokens, and records requests. */
export interface Issuer {
  readonly url: string
  readonly requests: readonly string[]
  readonly close: () => Promise<void>
}

/** The Backend API's response about a token that it never issued. */
const UNKNOWN_TOKEN = { errors: [{ message: 'not found', long_message: 'not found', code: 'resource_not_found' }] }

async function startIssuer(keys: readonly Jwk[]): Promise<Issuer> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(request.url ?? '')
    const isForKeys = request.url === '/.well-known/jwks.json'
    response.writeHead(isForKeys ? 200 : 404, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify(isForKeys ? { keys } : UNKNOWN_TOKEN))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

export interface Issuers {
  /** {@link ISSUER}. */
  readonly ours: Issuer
  /** Another instance, whose key has the same kid. */
  readonly other: Issuer
}

export async function startIssuers(): Promise<Issuers> {
  const [ours, other] = await Promise.all([startIssuer(KEY_SET), startIssuer(OTHER_KEY_SET)])
  return { ours, other }
}

export const OTHER_ISSUER = `${ISSUER}.other`
