import type { Auth, AuthenticatedAuth } from '../auth/auth.js'
import type { AuthError } from '../auth/errors.js'
import type { AuthSource } from '../request/auth-source.js'

/** The OAuth protected resource (RFC 9728) that a request is for. */
export interface ResourceOfRequest {
  /** Missing if the request is outside of all resources of the application. */
  readonly declared?: DeclaredResource
  /** Whether the path of the request is not written like that of the resource, such as `/mcp//admin`. */
  readonly isOtherSpelling?: boolean
  /** The caller; unauthenticated if the token is not for this resource, or the request comes from another website. */
  readonly callerOf: (auth: Auth, source: AuthSource) => Auth
  /**
   * Parameters to add to a challenge, such as `, resource_metadata="…"`.
   *
   * @param scopes those that the guard requires of an OAuth token
   */
  readonly challengeParameters: (error: AuthError, scopes: readonly string[]) => string | undefined
}

export interface DeclaredResource {
  readonly url: string
  /** The URL of its metadata. */
  readonly metadataUrl: string
  /** Where the application serves it, without a slash at the end. */
  readonly path: string
}

interface RequestFacts {
  readonly source: AuthSource
  readonly resource: ResourceOfRequest | undefined
}

/** The caller, as the protected resource of the request accepts it. */
export function callerAtResource({ resource, source }: RequestFacts, auth: Auth): Auth {
  return resource ? resource.callerOf(auth, source) : auth
}

/** @throws {AuthError} if the protected resource of the request does not accept the caller */
export function requireCallerAtResource(request: RequestFacts, auth: AuthenticatedAuth): AuthenticatedAuth {
  const caller = callerAtResource(request, auth)
  if (!caller.isAuthenticated) throw caller.error
  return caller
}
