/** What a caller gets instead of an outcome if the request that started the call ended before the call. */
export const ABANDONED: unique symbol = Symbol('abandoned')

/** Waits for a call that another request may have started. Settles as the call does, or with {@link ABANDONED}. */
export type SharedCall<T> = () => Promise<T | typeof ABANDONED>

/** How often a call on Workers signals that it is alive, and how often its callers poll for the outcome. */
const BEAT_IN_MS = 10
const MOST_MISSED_BEATS = 5

/**
 * Whether the runtime ends I/O with the request that started it, as Workers do: the promises of that request then never
 * settle. Awaiting one of them throws, or hangs at compatibility dates before 2024-10-14.
 *
 * Recognized by `navigator.userAgent`, which Workers have since compatibility date 2022-03-21:
 * https://developers.cloudflare.com/workers/runtime-apis/web-standards/#navigatoruseragent
 */
export function ioEndsWithRequest(): boolean {
  return globalThis.navigator?.userAgent === 'Cloudflare-Workers'
}

/** Shares a call between requests: by its promise, or on Workers only by its outcome. */
export function sharedCall<T>(call: Promise<T>): SharedCall<T> {
  return ioEndsWithRequest() ? watched(call) : () => call
}

/**
 * A timer of the request that started the call counts beats and stops when that request ends. Each caller polls the
 * count and the outcome with its own timers.
 */
function watched<T>(call: Promise<T>): SharedCall<T> {
  let outcome: PromiseSettledResult<T> | undefined
  let beats = 0
  const heart = setInterval(() => beats++, BEAT_IN_MS)
  void Promise.allSettled([call]).then(([settled]) => {
    outcome = settled
    clearInterval(heart)
  })
  return async () => {
    for (let missed = 0; missed < MOST_MISSED_BEATS;) {
      if (outcome?.status === 'fulfilled') return outcome.value
      if (outcome) throw outcome.reason
      const heard = beats
      await new Promise((resolve) => setTimeout(resolve, BEAT_IN_MS))
      missed = beats === heard ? missed + 1 : 0
    }
    return ABANDONED
  }
}
