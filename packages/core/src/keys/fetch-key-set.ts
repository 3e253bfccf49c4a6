import { sentBetween, type SentBetween } from './clock-skew.js'
import { askForJson, type Fetch } from '../support/http.js'
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

/** What an issuer answered when it was asked for its key set. */
export interface KeySetAnswer {
  readonly set: KeySet
  /** How long the answer may be kept, in milliseconds. */
  readonly maxAgeInMs: number | undefined
  /** When to ask again, in milliseconds. */
  readonly retryAfterInMs: number | undefined
  /** When the answer was sent, by the issuer's clock. */
  readonly sent: SentBetween | undefined
}

/** The issuer answered, and not with a key set. The message is fixed words. */
export class KeySetRefused extends Error {
  readonly retryAfterInMs: number | undefined

  constructor(message: string, retryAfterInMs: number | undefined) {
    super(message)
    this.retryAfterInMs = retryAfterInMs
  }
}

/**
 * Asks an issuer for its key set, once.
 *
 * @throws {KeySetRefused} where it answered something else
 */
export async function fetchKeySet(
  { url, headers, fetch }: KeySetRequest,
  timeoutInMs: number,
  signal: AbortSignal,
): Promise<KeySetAnswer> {
  const answer = await askForJson(fetch, { url, headers, timeoutInMs, maxBytes: MAX_BYTES, signal })
  const retryAfterInMs = secondsOf(answer.headers.get('retry-after')?.trim())
  if (answer.status !== 200) throw new KeySetRefused(`the issuer answered ${answer.status}`, retryAfterInMs)
  const set = await importKeySet(answer.json)
  if (typeof set === 'string') throw new KeySetRefused(KEY_SET_FAULTS[set], retryAfterInMs)
  return { set, maxAgeInMs: maxAgeOf(answer.headers), retryAfterInMs, sent: sentBetween(answer.headers) }
}

const KEY_SET_FAULTS = {
  'not-a-jwk-set': 'the answer is no JWK Set',
  empty: 'the key set is empty',
  'too-many-keys': 'the key set holds too many keys',
} as const

/** `Cache-Control: max-age` (RFC 9111 section 5.2.2.1), between 1 and 60 minutes. */
function maxAgeOf(headers: Headers): number | undefined {
  const maxAge = /(?:^|[\s,])max-age=(\d{1,9})(?:$|[\s,])/i.exec(headers.get('cache-control') ?? '')?.[1]
  return maxAge === undefined ? undefined : Math.min(HOUR, Math.max(MINUTE, Number(maxAge) * SECOND))
}

/** `Retry-After` in seconds (RFC 9110 section 10.2.3). A date is not looked at: it would trust the other clock. */
function secondsOf(retryAfter: string | undefined): number | undefined {
  return retryAfter !== undefined && /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) * SECOND : undefined
}
