import { unauthenticated, type Auth, type OAuthAuth } from '../auth/auth.js'
import { AuthError } from '../auth/errors.js'
import type { ResourceOfRequest } from '../adapter/resource.js'
import { mountedState, stateOf } from '../adapter/state.js'
import { internalsOf, type ClerkAuth } from '../clerk-auth.js'
import type { AcceptsToken } from '../kinds/accepts-token.js'
import { headerOf, type AuthSource } from '../request/auth-source.js'
import { metadataAnswer, metadataPath, metadataUrl, type MetadataAnswer } from './metadata.js'
import { readOptions, type ProtectedResourceOptions } from './options.js'
import { foldedPath, isUnder } from './path.js'

/** A protected resource, as an adapter mounts it. */
export interface ProtectedResource {
  /** Where the metadata is: at the well-known path, with the path of the resource after it and without. */
  readonly metadataPaths: readonly string[]
  /**
   * The response with the metadata of the resource, to GET, HEAD and OPTIONS.
   *
   * @throws {TypeError} if the instance does not know its issuer
   */
  readonly metadata: (method: string, clerk: ClerkAuth<AcceptsToken>) => MetadataAnswer
  /**
   * Notes which resource a request is for, for guards and `getAuth`.
   *
   * @param path of the request, without its query
   * @throws {TypeError} if `clerkAuth()` did not run, or if several ran and `clerk` is not given
   */
  readonly enter: (request: object, path: string, clerk?: ClerkAuth<AcceptsToken>) => void
  /**
   * For frameworks without routes for the metadata: answers requests for it, and notes the resource of others.
   *
   * @throws {TypeError} as `metadata` and `enter` do
   */
  readonly arrive: (
    request: object,
    sent: { readonly method: string; readonly path: string },
    clerk?: ClerkAuth<AcceptsToken>,
  ) => MetadataAnswer | undefined
}

/**
 * An OAuth protected resource: its metadata (RFC 9728), what challenges say about it, and which tokens are for it.
 *
 * @throws {TypeError} naming the option and the fix
 */
export function protectedResource(declared: ProtectedResourceOptions): ProtectedResource {
  const options = readOptions(declared)
  const own = resourceOfRequest(options)
  const metadataPaths = [...new Set([metadataPath(options.resource), metadataPath()])]

  const enter: ProtectedResource['enter'] = (request, path, clerk) => {
    const state = mountedState(request, READER, clerk)
    const known = state.resource
    // The most specific resource counts, in whatever order they are mounted.
    if (!isUnder(foldedPath(path), own.path)) state.resource ??= OUTSIDE
    else if (known?.url === undefined || known.path.length < own.path.length) state.resource = own
  }

  return {
    metadataPaths,
    metadata: (method, clerk) => metadataAnswer(method, options, internalsOf(clerk)!.settings),
    enter,
    arrive: (request, { method, path }, clerk) => {
      const isMetadata = metadataPaths.includes(path) && ['GET', 'HEAD', 'OPTIONS'].includes(method)
      if (isMetadata) return metadataAnswer(method, options, mountedState(request, READER, clerk).clerk.settings)
      enter(request, path, clerk)
      return undefined
    },
  }
}

const READER = 'protectedResource()'

/** The protected resource that a request is for, of whatever instance; `undefined` if it is for none. */
export function resourceOf(request: object): (ResourceOfRequest & { readonly url: string }) | undefined {
  for (let state = stateOf(request); state; state = state.next)
    if (state.resource && state.resource.url !== undefined) return { ...state.resource, url: state.resource.url }
  return undefined
}

function resourceOfRequest(options: ProtectedResourceOptions): ResourceOfRequest {
  const { resource, scopes, clients = [], origins = [] } = options
  const url = new URL(resource)
  const ownMetadataUrl = metadataUrl(resource)
  const reference = `, resource_metadata="${ownMetadataUrl}"`
  // Clients send the URL as they parsed it, which may have one more slash.
  const audiences = [resource, url.href, ...(url.pathname === '/' ? [url.origin] : [])]

  return {
    url: resource,
    metadataUrl: ownMetadataUrl,
    path: foldedPath(options.path ?? url.pathname),
    callerOf: (auth, source) => {
      if (origins !== 'any' && !isFromOneOf([url.origin, ...origins], source))
        return unauthenticated(new AuthError('origin-not-allowed'))
      if (!isOAuth(auth)) return auth
      const isForThis = auth.audience
        ? auth.audience.some((audience) => audiences.includes(audience))
        : clients === 'any' || clients.includes(auth.clientId)
      return isForThis ? auth : otherAudience(auth.audience ? ELSEWHERE : WITHOUT_AUDIENCE)
    },
    challengeParameters: ({ code, status, tokenType }, required) => {
      if (status === 401) return `, scope="${(required.length > 0 ? required : scopes).join(' ')}"${reference}`
      // Only with a missing scope is there anything that a client could request: RFC 6750 section 3.1.
      return code === 'scope-missing' && tokenType === 'oauth_token' ? reference : ''
    },
  }
}

/** For requests that are under the path of no resource: an OAuth token cannot be for what they ask for. */
const OUTSIDE: ResourceOfRequest = {
  url: undefined,
  metadataUrl: '',
  path: '',
  callerOf: (auth) => (isOAuth(auth) ? otherAudience('the request is outside of every protected resource') : auth),
  challengeParameters: () => '',
}

const ELSEWHERE = 'claim "aud" does not contain the protected resource'
const WITHOUT_AUDIENCE = 'the token has no audience, and "clients" of protectedResource() does not name its client'

function isOAuth(auth: Auth): auth is OAuthAuth {
  return auth.tokenType === 'oauth_token'
}

function otherAudience(message: string): Auth {
  return unauthenticated(new AuthError('token-invalid-audience', { tokenType: 'oauth_token', message }))
}

/** Requests without `Origin` are not from a web page. */
function isFromOneOf(origins: readonly unknown[], source: AuthSource): boolean {
  const origin = headerOf(source, 'origin')
  return origin === undefined || origins.includes(origin)
}
