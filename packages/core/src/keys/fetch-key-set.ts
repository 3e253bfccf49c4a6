import { sentBetween, type SentBetween } from './clock-skew.js'
import { askForJson, retryAfterOf, type Fetch } from '../support/http.js'
import { importKeySet, type KeySet } from './jwks.js'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const MAX_BYTES = 256 * 1024

export interface KeySetRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly fetch: Fetch
}

/** The issuer's response to a request for its key set. */
export interface KeySetAnswer {
  readonly set: KeySet
  /** The JWK Set itself. */
  readonly json: unknown
  /** How long the response may be cached, in milliseconds. */
  readonly maxAgeInMs: number | undefined
  /** When to retry, in milliseconds. */
  readonly retryAfterInMs: number | undefined
  /** When the response was sent, by the issuer's clock. */
  readonly sent: SentBetween | undefined
}

/** The issuer responded, but not with a key set. The message is fixed text. */
export class KeySetRefused extends Error {
  readonly retryAfterInMs: number | undefined

  constructor(message: string, retryAfterInMs: number | undefined) {
    super(message)
    this.retryAfterInMs = retryAfterInMs
  }
}

/**
 * Fetches the key set of an issuer, without retries.
 *
 * @throws {KeySetRefused} if the response is not a key set
 */
export async function fetchKeySet(
  { url, headers, fetch }: KeySetRequest,
  timeoutInMs: number,
  signal: AbortSignal,
): Promise<KeySetAnswer> {
  const answer = await askForJson(fetch, { url, headers, timeoutInMs, maxBytes: MAX_BYTES, signal })
  const retryAfter = retryAfterOf(answer.headers)
  const retryAfterInMs = retryAfter === undefined ? undefined : retryAfter * SECOND
  if (answer.status !== 200) throw new KeySetRefused(`the issuer responded with ${answer.status}`, retryAfterInMs)
  const set = await importKeySet(answer.json)
  if (typeof set === 'string') throw new KeySetRefused(KEY_SET_FAULTS[set], retryAfterInMs)
  return {
    set,
    json: answer.json,
    maxAgeInMs: maxAgeOf(answer.headers),
    retryAfterInMs,
    sent: sentBetween(answer.headers),
  }
}

const KEY_SET_FAULTS = {
  'not-a-jwk-set': 'the response is not a JWK Set',
  empty: 'the key set is empty',
  'too-many-keys': 'the key set has too many keys',
} as const

/** `Cache-Control: max-age` (RFC 9111 section 5.2.2.1), between 1 and 60 minutes. */
function maxAgeOf(headers: Headers): number | undefined {
  const maxAge = /(?:^|[\s,])max-age=(\d{1,9})(?:$|[\s,])/i.exec(headers.get('cache-control') ?? '')?.[1]
  return maxAge === undefined ? undefined : Math.min(HOUR, Math.max(MINUTE, Number(maxAge) * SECOND))
}
