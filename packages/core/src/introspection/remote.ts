export interface RemotePolicy {
  /** Timeout for one verification including retries, in milliseconds. Default 3 seconds. */
  readonly timeoutInMs?: number
  /**
   * How long an accepted token is cached, in milliseconds, but never past its expiry. 0 disables caching. Default 30
   * seconds.
   */
  readonly rememberInMs?: number
  /**
   * How much longer an accepted token is accepted while Clerk cannot be asked, in milliseconds: at most 1 hour, and
   * never past its expiry. Applies after a network failure, a timeout, a 5xx, or a 429 to a known token, but not with
   * `fresh`, and not while the shared store cannot be read. Default 0.
   */
  readonly staleInMs?: number
  /** Maximum number of concurrent calls; further requests wait for up to one second. Default 64. */
  readonly maxInFlight?: number
  /** Calls per second for each kind of token, with bursts of twice as many. Default: by kind, within Clerk's limits. */
  readonly callsPerSecond?: number
  /** Retries after a transient failure. Default 1. */
  readonly retries?: number
}

/** Statistics of remote verification for one kind of token. */
export interface RemoteStats {
  /** Calls made to Clerk. */
  readonly calls: number
  /** Requests that needed no call, because of the cache or a shared call. */
  readonly saved: number
  /** Requests refused with 503 without a call: the budget was used up or Clerk was failing. */
  readonly refused: number
  /** Calls that Clerk bills: those about M2M tokens and API keys that it answered. */
  readonly billed: number
  /** Requests accepted because of `staleInMs`. */
  readonly stale: number
}
