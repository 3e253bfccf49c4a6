import type { Answer } from '../api/answer.js'
import type { Endpoint, EndpointRequest } from '../api/endpoint.js'
import { Refusal } from '../api/errors.js'
import { CONTROL_PATH, refuseReboundName } from '../control/control-guard.js'
import type { Instance } from '../instance/instance.js'
import { newId, randomWord } from '../model/ids.js'
import type { User } from '../model/user.js'
import { defaultOrganizationIdOf, membershipOf } from '../people/membership.js'
import { refuseSignIn } from '../people/sign-in.js'
import type { World } from '../state/world.js'
import { ORGANIZATION_SCOPE } from '../tokens/oauth-token.js'
import {
  authorizationRequest,
  redirectLocation,
  responseTarget,
  type AuthorizationRequest,
  type ResponseTarget,
} from './authorization-request.js'
import { consentPage, errorPage } from './consent-page.js'
import { OAUTH_PATHS } from './metadata.js'
import { OAuthError } from './oauth-error.js'
import { formParameters, queryParameters, type OAuthParameters } from './parameters.js'

/** Where the page sends the decision. Like all control paths, it is closed to pages of other origins. */
const DECISION_PATH = `${CONTROL_PATH}/oauth/decision`

const CODE_LIFETIME_IN_MS = 10 * 60 * 1000

/**
 * Where clients send users. Users do not sign in to a local instance: its page lets you choose the user, and
 * `_local_user` chooses one without the page.
 */
export function authorizeEndpoints(instance: Instance): readonly Endpoint[] {
  const { authorize: path } = OAUTH_PATHS
  return [
    {
      method: 'GET',
      path,
      operation: 'requestOAuthAuthorize',
      answer: (request) => shownErrors(async () => begin(request, queryParameters(request), instance)),
    },
    {
      method: 'POST',
      path,
      operation: 'requestOAuthAuthorizePOST',
      answer: (request) => afterForm(async () => begin(request, await formParameters(request), instance)),
    },
    {
      method: 'POST',
      path: DECISION_PATH,
      listing: 'unlisted',
      answer: (request) => afterForm(async () => decide(request, await formParameters(request), instance)),
    },
  ]
}

async function shownErrors(answer: () => Promise<Answer>): Promise<Answer> {
  try {
    return await answer()
  } catch (error) {
    if (error instanceof OAuthError) return errorPage(error)
    throw error
  }
}

/** A browser must not send the form again to where it is redirected: RFC 9700 section 4.12. */
async function afterForm(answer: () => Promise<Answer>): Promise<Answer> {
  const { status, ...rest } = await shownErrors(answer)
  return { ...rest, status: status === 302 ? 303 : status }
}

/** @throws {OAuthError} to be shown */
async function begin(request: EndpointRequest, parameters: OAuthParameters, instance: Instance): Promise<Answer> {
  const rebound = refuseReboundName(request, instance.identity.host)
  if (rebound) return rebound
  const target = await responseTarget(parameters, instance)
  return orRedirectedError(target, instance.world, () => {
    const authorization = authorizationRequest(parameters, target, instance)
    const user = parameters.get('_local_user')
    if (user !== undefined && !mayBeCrossOrigin(request)) {
      const choice = choiceOf(user, parameters.get('_local_org'), authorization, instance)
      return redirectWithCode(authorization, choice, instance.world)
    }
    if (authorization.isWithoutUser) throw new OAuthError('login_required', 'No user is signed in: send _local_user.')
    return consentPage(authorization, parameters, DECISION_PATH, instance)
  })
}

/** @throws {OAuthError} to be shown */
async function decide(request: EndpointRequest, parameters: OAuthParameters, instance: Instance): Promise<Answer> {
  if (!isSameOrigin(request)) throw new OAuthError('access_denied', 'A decision must come from the page itself.')
  const target = await responseTarget(parameters, instance)
  return orRedirectedError(target, instance.world, () => {
    const authorization = authorizationRequest(parameters, target, instance)
    if (parameters.get('_local_decision') !== 'allow')
      throw new OAuthError('access_denied', 'The resource owner denied the request.')
    const [user = '', organization] = (parameters.get('_local_user') ?? '').split('/')
    return redirectWithCode(authorization, choiceOf(user, organization, authorization, instance), instance.world)
  })
}

function orRedirectedError({ redirectUri, state }: ResponseTarget, world: World, answer: () => Answer): Answer {
  try {
    return answer()
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    const { code, message } = error
    return redirect(redirectUri, { error: code, error_description: message, state, iss: world.url() })
  }
}

/** The user and the organization that a client gets access to. */
interface Choice {
  readonly user: User
  readonly organizationId: string | null
}

/** @throws {OAuthError} if the user cannot sign in; {Refusal} if there is none, or no such organization */
function choiceOf(
  nameOrId: string,
  organization: string | undefined,
  { scopes }: AuthorizationRequest,
  { world, directory }: Instance,
): Choice {
  try {
    const user = world.users.byId(directory.person(nameOrId).id)!
    refuseSignIn(user, world.now())
    if (!scopes.includes(ORGANIZATION_SCOPE)) return { user, organizationId: null }
    if (organization === undefined) return { user, organizationId: defaultOrganizationIdOf(world, user) }
    const { id, slug } = directory.organization(organization)
    if (membershipOf(world, id, user.id)) return { user, organizationId: id }
    throw new TypeError(`"${user.local_name}" is not a member of "${slug}"`)
  } catch (error) {
    // A mistake in a test, not of the client.
    if (error instanceof TypeError) throw new Refusal('form_param_value_invalid', error.message, '_local_user')
    if (error instanceof Refusal) throw new OAuthError('access_denied', error.message)
    throw error
  }
}

function redirectWithCode(authorization: AuthorizationRequest, { user, organizationId }: Choice, world: World): Answer {
  const { code } = world.oauth_grants.add({
    id: newId('oag'),
    client_id: authorization.client.client_id,
    subject: user.id,
    organization_id: organizationId,
    scopes: authorization.scopes,
    resources: authorization.resources,
    code: randomWord(42),
    code_expire_at: world.now() + CODE_LIFETIME_IN_MS,
    code_challenge: authorization.codeChallenge,
    redirect_uri: authorization.isRedirectUriGiven ? authorization.redirectUri : null,
    nonce: authorization.nonce,
  })
  return redirect(authorization.redirectUri, { code, state: authorization.state, iss: world.url() })
}

function redirect(uri: string, answer: Readonly<Record<string, string | undefined>>): Answer {
  return {
    status: 302,
    headers: {
      location: redirectLocation(uri, answer),
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    },
    body: undefined,
  }
}

/**
 * Whether a web page of another origin may have sent the browser here: then the user decides. Otherwise any page that a
 * developer opens could get tokens, by an image whose address is the authorization endpoint.
 *
 * Old browsers do not say where a request comes from, but like all others they call themselves `Mozilla`.
 */
function mayBeCrossOrigin({ headers }: EndpointRequest): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site !== 'none' && site !== 'same-origin'
  return headers.origin !== undefined || (headers['user-agent'] ?? '').startsWith('Mozilla/')
}

/** Browsers always say where a form comes from, in at least one of these ways. */
function isSameOrigin({ headers }: EndpointRequest): boolean {
  return headers['sec-fetch-site'] === 'same-origin' || headers.origin === `http://${headers.host}`
}
