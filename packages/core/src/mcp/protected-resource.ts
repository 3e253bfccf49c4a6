import { unauthenticated, type Auth, type OAuthAuth } from '../auth/auth.js'
import { AuthError } from '../auth/errors.js'
import type { DeclaredResource, ResourceOfRequest } from '../adapter/resource.js'
import { mountedState, stateOf } from '../adapter/state.js'
import { internalsOf, type ClerkAuth } from '../clerk-auth.js'
import type { AcceptsToken } from '../kinds/accepts-token.js'
import { headerOf, type AuthSource } from '../request/auth-source.js'
import { metadataAnswer, metadataPath, metadataUrl, type MetadataAnswer } from './metadata.js'
import { readOptions, type ProtectedResourceOptions } from './options.js'
import { foldedPath, isPlainlyUnder, isUnder } from './path.js'

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
   * @throws {TypeError} if `clerkAuth()` did not run, if several ran and `clerk` is not given, if a guard has accepted the
   * request already, or if another resource has the same path
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
  const { resource, path: ownPath = new URL(resource).pathname } = options
  const own = { url: resource, metadataUrl: metadataUrl(resource), path: foldedPath(ownPath) }
  const ofRequest = resourceOfRequest(options, own)
  const metadataPaths = [...new Set([metadataPath(resource), metadataPath()])]

  const enter: ProtectedResource['enter'] = (request, path, clerk) => {
    const state = mountedState(request, READER, clerk)
    const before = state.resource
    const after = resourceAt(path, before)
    // That guard has accepted the token whatever it is for.
    const isNew = !before || after.declared !== before.declared
    if (isNew && state.guarded?.has('oauth_token')) throw new TypeError(TOO_LATE)
    state.resource = after
  }

  /** The more specific of this resource and the one before, in whatever order they are mounted. */
  function resourceAt(path: string, before: ResourceOfRequest | undefined): ResourceOfRequest {
    if (!isUnder(foldedPath(path), own.path)) return before ?? OUTSIDE
    const entered = isPlainlyUnder(path, ownPath) ? ofRequest : { ...ofRequest, isOtherSpelling: true }
    if (!before?.declared) return entered
    const { declared } = before
    if (declared.path.length > own.path.length) return withOuter(before, entered)
    if (declared.path.length < own.path.length) return withOuter(entered, before)
    // Which of them the request is for depends on its host, which a client can make up.
    if (declared.url !== own.url) throw new TypeError(SAME_PATH)
    return before
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
const SAME_PATH = 'two protected resources have the same path: mount each of them only for the requests of its own host'
const TOO_LATE = 'protectedResource() runs behind a guard that accepts OAuth tokens: mount it before the guards'

/** The protected resource that a request is for, of whatever instance; `undefined` if it is for none. */
export function resourceOf(request: object): DeclaredResource | undefined {
  for (let state = stateOf(request); state; state = state.next)
    if (state.resource?.declared) return state.resource.declared
  return undefined
}

function resourceOfRequest(
  { resource, scopes, clients, origins }: ProtectedResourceOptions,
  declared: DeclaredResource,
): ResourceOfRequest {
  const { href, origin: ownOrigin } = new URL(resource)
  const reference = `, resource_metadata="${declared.metadataUrl}"`
  // Clients may send the URL as they parsed it, which adds a slash to an origin.
  const audiences = [resource, href, href.replace(/\/$/, '')]
  const isFromElsewhere = (source: AuthSource) => {
    const origin = headerOf(source, 'origin')
    // Requests without `Origin` are not from a web page.
    if (origin === undefined || origin === ownOrigin || origins === 'any') return false
    return !origins?.some((one) => one === origin)
  }

  return {
    declared,
    callerOf: (auth, source) => {
      if (isFromElsewhere(source)) return unauthenticated(new AuthError('origin-not-allowed'))
      if (!isOAuth(auth)) return auth
      const { audience, clientId } = auth
      if (audience) return audience.some((one) => audiences.includes(one)) ? auth : otherAudience(ELSEWHERE)
      return clients === 'any' || clients?.includes(clientId) ? auth : otherAudience(WITHOUT_AUDIENCE)
    },
    challengeParameters: ({ code, status, tokenType }, required) => {
      if (status === 401) return `, scope="${(required.length > 0 ? required : scopes).join(' ')}"${reference}`
      // Only with a missing scope is there anything that a client could request: RFC 6750 section 3.1.
      return code === 'scope-missing' && tokenType === 'oauth_token' ? reference : undefined
    },
  }
}

/**
 * The more specific one of two resources. If the path is another spelling of its path, the router may take the request
 * for the outer one, so the token must be for both.
 */
function withOuter(inner: ResourceOfRequest, outer: ResourceOfRequest): ResourceOfRequest {
  if (!inner.isOtherSpelling) return inner
  return {
    ...inner,
    callerOf: (auth, source) => outer.callerOf(inner.callerOf(auth, source), source),
  }
}

/** For requests that are under the path of no resource: an OAuth token cannot be for what they ask for. */
const OUTSIDE: ResourceOfRequest = {
  callerOf: (auth) => (isOAuth(auth) ? otherAudience('the request is outside of every protected resource') : auth),
  challengeParameters: () => undefined,
}

const ELSEWHERE = 'claim "aud" does not contain the protected resource'
const WITHOUT_AUDIENCE = 'the token has no audience, and "clients" of protectedResource() does not name its client'

function isOAuth(auth: Auth): auth is OAuthAuth {
  return auth.tokenType === 'oauth_token'
}

function otherAudience(message: string): Auth {
  return unauthenticated(new AuthError('token-invalid-audience', { tokenType: 'oauth_token', message }))
}
