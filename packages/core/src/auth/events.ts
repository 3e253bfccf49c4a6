import { diagnosticsChannel, type DiagnosticsChannel } from '../support/diagnostics-channel.js'
import type { AuthErrorCode, TokenType } from './errors.js'
import type { Impersonation } from './impersonation.js'

/** The route of a request, if the framework has matched it when the guard runs. */
export interface MatchedRoute {
  readonly method?: string
  /** The pattern, such as `/orgs/:orgId`; never the requested path. */
  readonly route?: string
}

/**
 * Events for logs and metrics. They never contain a token, a key, a key id or a claim value, except the two ids of an
 * impersonation, which audit logs need.
 */
export type ClerkAuthEvent =
  /** The token of a request was accepted. `cached`: it was in a cache of this process, so nothing had to be verified. */
  | { readonly type: 'credential-accepted'; readonly tokenType: TokenType; readonly cached: boolean }
  /** A token was refused. Not emitted for requests without a credential. */
  | {
      readonly type: 'credential-refused'
      readonly code: AuthErrorCode
      readonly tokenType: TokenType | null
      /** For the log: fixed text, which may be more specific than the code. */
      readonly message: string
    }
  /** A guard let a request pass. */
  | ({ readonly type: 'requirement-met'; readonly tokenType: TokenType } & MatchedRoute)
  /**
   * A guard refused a request: no credential, a bad one (after `credential-refused`), or a caller who does not meet the
   * requirement. `impersonation` is set if the caller impersonates a user.
   */
  | ({
      readonly type: 'requirement-refused'
      readonly code: AuthErrorCode
      readonly tokenType: TokenType | null
      /** For the log: fixed text, which may be more specific than the code. */
      readonly message: string
      readonly impersonation?: Impersonation
    } & MatchedRoute)
  /** A request came from a caller who impersonates a user. Emitted before any guard runs. */
  | ({ readonly type: 'impersonation' } & Impersonation)
  /** A key set was fetched. `unsuitable` counts its keys that cannot be used. */
  | { readonly type: 'keys-fetched'; readonly keys: number; readonly unsuitable: number; readonly tookInMs: number }
  /** The key set that another process fetched is used. It came through the shared store. */
  | { readonly type: 'keys-shared'; readonly keys: number; readonly ageInMs: number }
  /**
   * The key set could not be fetched or was not valid. `serving`: an earlier one is still used. The next attempt is at
   * least `retryInMs` milliseconds away.
   */
  | {
      readonly type: 'keys-failed'
      readonly reason: string
      readonly serving: boolean
      readonly retryInMs: number
      readonly tookInMs: number
    }
  /**
   * A token names a key that the key set lacks, and the issuer must not be asked about it for `retryInMs` milliseconds:
   * 503 `keys-unavailable`. Made-up key ids cause it, so it says nothing about the health of this process or the
   * issuer.
   */
  | { readonly type: 'keys-not-asked'; readonly retryInMs: number }
  /**
   * Our clock differs from the issuer's by more than `clockSkewInMs`, according to the `Date` header of its key set. It
   * is at least `aheadInMs` milliseconds ahead, or behind if negative. Tokens are still verified by our clock.
   */
  | { readonly type: 'clock-skew'; readonly aheadInMs: number }
  /** Clerk was asked about an opaque token, or by a guard with `fresh` about a session. A retry is a call of its own. */
  | {
      readonly type: 'verification-asked'
      readonly tokenType: TokenType
      readonly outcome: 'passed' | AuthErrorCode
      readonly tookInMs: number
    }
  /** Clerk was not asked, to stay within the budget or because it is not responding. */
  | { readonly type: 'verification-not-asked'; readonly tokenType: TokenType; readonly code: AuthErrorCode }
  /** An opaque token was accepted because of `remote.staleInMs`: Clerk could not be asked, for this reason. */
  | { readonly type: 'verification-stale'; readonly tokenType: TokenType; readonly code: AuthErrorCode }
  /**
   * Clerk failed to respond several times and is not asked for a while, or it responds again. Tokens that were accepted
   * before (`known`) and all others (`unknown`) have separate breakers.
   */
  | {
      readonly type: 'breaker-opened' | 'breaker-closed'
      readonly tokenType: TokenType
      readonly tokens: 'known' | 'unknown'
    }
  /**
   * An opaque M2M token was accepted without checking its scopes: set `machineSecretKey` or `machineId`. Emitted once.
   */
  | { readonly type: 'machine-scope-unchecked' }
  /**
   * The shared store failed or took too long. Until it recovers, this process asks Clerk itself, and revocations of other
   * processes do not arrive. `reason` is for the log.
   */
  | { readonly type: 'shared-store-failed'; readonly reason: string }
  /** The shared store answers again. */
  | { readonly type: 'shared-store-recovered' }
  /** The shared store is configured in a way that loses revocations. */
  | { readonly type: 'shared-store-problem'; readonly problem: string }
  /** The shared store lost data, so Clerk is asked again about everything that was cached from its answers. */
  | { readonly type: 'shared-store-emptied' }
  /** There are more revocations than a process keeps: the others are looked up in the shared store, if there is one. */
  | { readonly type: 'revocations-overflowed' }

export type EventListener = (event: ClerkAuthEvent) => void

/** Where events go: to the listeners in the options, and to the channel that APM tools subscribe to. */
export interface Emitter {
  readonly emit: EventListener
  /** Whether anything listens. If not, the events of each request are not even created. */
  readonly isHeard: () => boolean
}

/** The name of the channel in `node:diagnostics_channel`. */
const CHANNEL = 'clerk-auth'

/** @param channel `undefined` on runtimes without `node:diagnostics_channel` */
export function emitter(
  onEvent: EventListener | readonly EventListener[] = [],
  channel: DiagnosticsChannel | undefined = diagnosticsChannel(CHANNEL),
): Emitter {
  const listeners = [onEvent].flat()
  return {
    emit: (event) => {
      for (const listener of listeners) notify(listener, event)
      if (channel?.hasSubscribers) channel.publish(event)
    },
    isHeard: () => listeners.length > 0 || channel?.hasSubscribers === true,
  }
}

/** Errors in a listener must not fail the request. */
function notify(listener: EventListener, event: ClerkAuthEvent): void {
  try {
    const outcome: unknown = listener(event)
    if (outcome instanceof Promise) outcome.catch(() => {})
  } catch {
    // Ignored: the listener is the only place to report it.
  }
}
