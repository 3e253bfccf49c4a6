import type { AuthErrorCode, TokenType } from './errors.js'
import type { Impersonation } from './impersonation.js'

/** The route of a request, as far as the framework has matched it when the guard runs. */
export interface MatchedRoute {
  readonly method?: string
  /** The pattern, such as `/orgs/:orgId`; never the path that was requested. */
  readonly route?: string
}

/**
 * What happens inside, for logs and metrics. No event holds a token, a key, a key id or the value of a claim, but for the
 * two ids of an impersonation: an audit log needs both.
 */
export type ClerkAuthEvent =
  /** A token was refused. A request without a credential is none of these. */
  | {
      readonly type: 'credential-refused'
      readonly code: AuthErrorCode
      readonly tokenType: TokenType | null
      /** For the log: fixed words, which may say more than the code. */
      readonly message: string
    }
  /**
   * A guard refused a request, for whatever reason: no credential, a bad one (`credential-refused` came before), or a
   * caller who does not meet the requirement. `impersonation`: a caller who acts in a user's place.
   */
  | ({
      readonly type: 'requirement-refused'
      readonly code: AuthErrorCode
      readonly tokenType: TokenType | null
      /** For the log: fixed words, which may say more than the code. */
      readonly message: string
      readonly impersonation?: Impersonation
    } & MatchedRoute)
  /** A request came from somebody who acts in a user's place. What guards say of it comes after. */
  | ({ readonly type: 'impersonation' } & Impersonation)
  /** A key set was fetched. `unsuitable` counts the keys in it that may not verify. */
  | { readonly type: 'keys-fetched'; readonly keys: number; readonly unsuitable: number; readonly tookInMs: number }
  /** A key set could not be fetched, or was no key set. Nobody asks again for `retryInMs` milliseconds. */
  | { readonly type: 'keys-failed'; readonly reason: string; readonly serving: boolean; readonly retryInMs: number }
  /**
   * A token names a key that the key set lacks, and the issuer cannot be asked about it for `retryInMs` milliseconds:
   * 503 `keys-unavailable`. Made-up key ids cause it, so it says nothing about the health of this process or the issuer.
   */
  | { readonly type: 'keys-not-asked'; readonly retryInMs: number }
  /**
   * Our clock differs from the issuer's by more than `clockSkewInMs`, as the `Date` of its key set shows: it is at least
   * `aheadInMs` milliseconds ahead, or behind if that is negative. Tokens are verified by our clock all the same.
   */
  | { readonly type: 'clock-skew'; readonly aheadInMs: number }
  /** Clerk was asked about an opaque token. */
  | { readonly type: 'verification-asked'; readonly tokenType: TokenType; readonly outcome: 'passed' | AuthErrorCode }
  /** Clerk was not asked about an opaque token, so as to stay within the budget, or because it does not answer. */
  | { readonly type: 'verification-not-asked'; readonly tokenType: TokenType; readonly code: AuthErrorCode }
  /**
   * Clerk has failed to answer several times: it is left alone for a while. And: it answers again. Tokens that have
   * passed before (`known`) and all others (`unknown`) have a breaker each.
   */
  | {
      readonly type: 'breaker-opened' | 'breaker-closed'
      readonly tokenType: TokenType
      readonly tokens: 'known' | 'unknown'
    }
  /** An opaque M2M token passed whose scopes nobody compared: set `machineSecretKey` or `machineId`. Told once. */
  | { readonly type: 'machine-scope-unchecked' }

export type EventListener = (event: ClerkAuthEvent) => void

/** A listener's own failure must not fail a request. */
export function emitter(listener: EventListener | undefined): EventListener {
  if (!listener) return () => {}
  return (event) => {
    try {
      const outcome: unknown = listener(event)
      if (outcome instanceof Promise) outcome.catch(() => {})
    } catch {
      // Not ours to report: the listener is how errors would be reported.
    }
  }
}
