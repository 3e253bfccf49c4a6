import type { Instance } from '../instance/instance.js'
import type { OAuthApplication } from '../model/oauth-application.js'
import { clientWithId } from './client.js'
import { OAuthError } from './oauth-error.js'
import { required, type OAuthParameters } from './parameters.js'
import { canRedirectTo, isSameRedirectUri } from '../tokens/redirect-uri.js'
import { requestedScopes } from './scopes.js'

/** Where the answer to an authorization request goes: to a redirect URI of a known client. */
export interface ResponseTarget {
  readonly client: OAuthApplication
  readonly redirectUri: string
  /** whether the client sent it, and must send it again for the token */
  readonly isRedirectUriGiven: boolean
  readonly state: string | undefined
}

/** What a client asks a user for. */
export interface AuthorizationRequest extends ResponseTarget {
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
  readonly codeChallenge: string | null
  readonly nonce: string | null
  readonly isWithoutUser: boolean
}

/**
 * The first part of a request. Its errors are shown to the user: without a client that is known, and a redirect URI that
 * is its own, a redirect would let anyone send users anywhere (RFC 6749 section 4.1.2.1).
 *
 * @throws {OAuthError}
 */
export async function responseTarget(parameters: OAuthParameters, instance: Instance): Promise<ResponseTarget> {
  const client = await clientWithId(required(parameters, 'client_id'), instance)
  const isRedirectUriGiven = parameters.names.includes('redirect_uri')
  const redirectUri = isRedirectUriGiven ? required(parameters, 'redirect_uri') : onlyRedirectUri(client)
  const isRegistered = client.redirect_uris.some((uri) => isSameRedirectUri(uri, redirectUri, client.public))
  if (!isRegistered || !canRedirectTo(redirectUri))
    throw new OAuthError('invalid_request', 'The redirect_uri is not one of those of the OAuth application.')
  return { client, redirectUri, isRedirectUriGiven, state: parameters.get('state') }
}

/**
 * The other part of a request. The client is told of its errors.
 *
 * @throws {OAuthError}
 */
export function authorizationRequest(
  parameters: OAuthParameters,
  target: ResponseTarget,
  { world }: Instance,
): AuthorizationRequest {
  const { client } = target
  if (parameters.problem !== undefined) throw new OAuthError('invalid_request', parameters.problem)
  refuseUnsupported(parameters)
  const codeChallenge = codeChallengeOf(parameters, client)
  // Clerk's rule: without PKCE, only the state protects the client from a response that it did not ask for.
  if (codeChallenge === null && (target.state ?? '').length < 8)
    throw new OAuthError('invalid_state', 'The state is missing or does not have enough characters.')
  return {
    ...target,
    scopes: requestedScopes(parameters.get('scope'), client, world),
    resources: resourcesOf(parameters),
    codeChallenge,
    nonce: parameters.get('nonce') ?? null,
    isWithoutUser: isWithoutUser(parameters),
  }
}

/** Appends parameters to a redirect URI, whose own query stays as it is: RFC 6749 section 3.1.2. */
export function redirectLocation(uri: string, answer: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(answer).filter(([, value]) => value !== undefined) as [string, string][]
  return `${uri}${uri.includes('?') ? '&' : '?'}${new URLSearchParams(given).toString()}`
}

/**
 * The APIs that a client wants tokens for: RFC 8707 section 2.
 *
 * @throws {OAuthError} if one is not an absolute URI without a fragment
 */
export function resourcesOf(parameters: OAuthParameters): readonly string[] {
  const resources = [...new Set(parameters.all('resource'))]
  const isValid = (uri: string) => uri.length <= MAX_RESOURCE_LENGTH && URL.canParse(uri) && !/[#\s]/.test(uri)
  if (resources.length <= MAX_RESOURCES && resources.every(isValid)) return resources
  throw new OAuthError(
    'invalid_target',
    `There may be ${MAX_RESOURCES} resources at most, each a URI without a fragment.`,
  )
}

const MAX_RESOURCES = 10
const MAX_RESOURCE_LENGTH = 1024

/** @throws {OAuthError} if the client does not say which of its redirect URIs it means */
function onlyRedirectUri({ redirect_uris: [uri, ...more] }: OAuthApplication): string {
  if (uri !== undefined && more.length === 0) return uri
  throw new OAuthError('invalid_request', 'The redirect_uri parameter is missing.')
}

/** @throws {OAuthError} */
function refuseUnsupported(parameters: OAuthParameters): void {
  if (parameters.get('request') !== undefined)
    throw new OAuthError('request_not_supported', 'The request parameter is not supported.')
  if (parameters.get('request_uri') !== undefined)
    throw new OAuthError('request_uri_not_supported', 'The request_uri parameter is not supported.')
  if (required(parameters, 'response_type') !== 'code')
    throw new OAuthError('unsupported_response_type', 'The only response_type is code.')
  if ((parameters.get('response_mode') ?? 'query') !== 'query')
    throw new OAuthError('unsupported_response_mode', 'The only response_mode is query.')
}

/** @throws {OAuthError} if PKCE is required or wrong. Without a method it would be `plain`, which protects nothing. */
function codeChallengeOf(parameters: OAuthParameters, { public: isPublic, pkce_required }: OAuthApplication) {
  const challenge = parameters.get('code_challenge')
  const method = parameters.get('code_challenge_method')
  if (challenge === undefined && method === undefined && !isPublic && !pkce_required) return null
  if (challenge === undefined) throw new OAuthError('invalid_request', 'The code_challenge parameter is missing.')
  if (method !== 'S256') throw new OAuthError('invalid_request', 'The only code_challenge_method is S256.')
  if (!/^[\w-]{43}$/.test(challenge))
    throw new OAuthError('invalid_request', 'The code_challenge is not a SHA-256 digest in base64url.')
  return challenge
}

/** @throws {OAuthError} if `prompt` has an unknown word */
function isWithoutUser(parameters: OAuthParameters): boolean {
  const prompts = (parameters.get('prompt') ?? '').split(' ').filter(Boolean)
  const isKnown = prompts.every((prompt) => ['none', 'login', 'consent', 'select_account'].includes(prompt))
  if (!isKnown || (prompts.includes('none') && prompts.length > 1))
    throw new OAuthError('invalid_request', 'The prompt is none, or some of login, consent and select_account.')
  return prompts.includes('none')
}
