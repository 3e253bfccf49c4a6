import type { TokenType } from '../auth/errors.js'
import type { Permission, Role } from '../auth/register.js'
import type { Reverification } from '../auth/reverification.js'
import { tokenTypesOf, type AcceptsToken } from '../kinds/accepts-token.js'
import { listOf, ownCopy } from '../support/declaration.js'
import type { MaybePromise } from '../support/maybe-promise.js'
import type { AuthOfAcceptsToken } from './auth-of-requirement.js'

type OneOrMore<T> = T | readonly T[]

/** What a guard requires of the caller. All fields must hold; they are checked in this order. */
export interface Requirement<Request = unknown, A extends AcceptsToken = AcceptsToken> {
  /** The kinds of token to accept, else 401 `token-type-mismatch`. Default `session_token`. */
  readonly acceptsToken?: A
  /**
   * `true`: an organization must be active, else 403 `org-missing`. A function: the active organization must be the one
   * whose id it returns, else 403 `org-mismatch`; any return value but that id refuses the request. It must not be
   * asynchronous.
   */
  readonly org?: true | ((request: Request) => unknown)
  /** One of these roles in the active organization, else 403 `role-missing`. */
  readonly role?: OneOrMore<Role>
  /** All of these permissions in the active organization, else 403 `permission-missing`. */
  readonly permission?: OneOrMore<Permission>
  /** All of these features, else 403 `feature-missing`. Use `org:x` or `user:x` for a specific owner. */
  readonly feature?: OneOrMore<string>
  /** All of these plans, else 403 `plan-missing`. Use `org:x` or `user:x` for a specific owner. */
  readonly plan?: OneOrMore<string>
  /** All of these scopes (OAuth tokens and API keys), else 403 `scope-missing`. */
  readonly scope?: OneOrMore<string>
  /** One of these machines (M2M tokens), else 403 `machine-not-allowed`. */
  readonly machine?: OneOrMore<string>
  /** One of these OAuth clients (OAuth tokens), else 403 `client-not-allowed`. */
  readonly client?: OneOrMore<string>
  /** `deny` refuses impersonated sessions with 403 `impersonation-denied`. */
  readonly impersonation?: 'deny'
  /** How recently the user must have been verified, else 403 `reverification-required`. */
  readonly reverification?: Reverification
  /**
   * `true`: Clerk is asked during the request whether the session or token is still valid. If it is not, 401
   * `token-revoked` or the code for what Clerk says about the token; if Clerk cannot be asked, 503. For routes that move
   * money. Tokens in JWT form other than session tokens get 401 `token-type-mismatch`.
   */
  readonly fresh?: true
  /** Runs last. Must return `true`, else 403 `check-failed`. Errors it throws go to the framework. */
  check?(auth: AuthOfAcceptsToken<A>, request: Request): MaybePromise<boolean>
}

/** One of several requirements. `acceptsToken` gives `check` the type of its caller. */
type NamedRequirement<Request> =
  | Requirement<Request, 'session_token'>
  | { [T in TokenType]: Requirement<Request, T> & { readonly acceptsToken: T } }[TokenType]
  | (Requirement<Request> & { readonly acceptsToken: 'any' | readonly TokenType[] })

/** A requirement, or several of which at least one must hold. */
export type Requirements<Request = unknown> = Requirement<Request> | readonly NamedRequirement<Request>[]

/** The kinds of token that a requirement accepts. */
export function acceptedTypes(requirement: Requirements<never>): ReadonlySet<TokenType> {
  return new Set(alternativesOf(requirement).flatMap(({ acceptsToken }) => tokenTypesOf(acceptsToken)))
}

/**
 * The scopes of the first requirement that accepts OAuth tokens: an OAuth client that has them may get in.
 *
 * @returns `undefined` if no requirement accepts OAuth tokens
 */
export function oauthScopes(requirement: Requirements<never>): readonly string[] | undefined {
  const first = alternativesOf(requirement).find(({ acceptsToken }) =>
    tokenTypesOf(acceptsToken).includes('oauth_token'),
  )
  return first && listOf(first.scope ?? [])
}

/** Whether a requirement, or one of several, has `fresh`. */
export function asksClerk(requirement: Requirements<never>): boolean {
  return alternativesOf(requirement).some(({ fresh }) => fresh === true)
}

function alternativesOf(requirement: Requirements<never>): readonly Requirement<never>[] {
  return listOf<Requirement<never>>(requirement).map(ownCopy)
}
