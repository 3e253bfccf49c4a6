import { jsonAnswer, type Answer } from '../api/answer.js'
import { bearerOf } from '../api/credentials.js'
import type { Endpoint, EndpointRequest } from '../api/endpoint.js'
import { errorAnswer } from '../api/errors.js'
import type { Instance } from '../instance/instance.js'
import { activeAccessToken } from './active-token.js'
import { clientEndpoints } from './endpoint.js'
import { OAUTH_PATHS } from './metadata.js'
import { userClaims } from './user-claims.js'

/** Tells a client about the user of its access token: OpenID Connect Core section 5.3. */
export function userInfoEndpoints(instance: Instance): readonly Endpoint[] {
  const operations = { GET: 'getOAuthUserInfo', POST: 'getOAuthUserInfoPOST' }
  return clientEndpoints(OAUTH_PATHS.userInfo, operations, (request) => userInfo(request, instance))
}

async function userInfo(request: EndpointRequest, instance: Instance): Promise<Answer> {
  const { world, id } = instance
  const token = bearerOf(request)
  if (token === undefined) return refused(errorAnswer('authorization_header_format_invalid'), 'Bearer')
  const found = await activeAccessToken(token, instance)
  const user = found && world.users.byId(found.userId)
  if (!user) return refused(errorAnswer('authentication_invalid'), 'Bearer error="invalid_token"')
  const { scopes, organizationId } = found
  const organization = world.organizations.byId(organizationId ?? '')
  return jsonAnswer({
    object: 'oauth_user_info',
    instance_id: id,
    user_id: user.id,
    sub: user.id,
    ...userClaims(user, scopes, world),
    ...(organization && { org_id: organization.id, org_name: organization.name, org_slug: organization.slug }),
  })
}

/** RFC 6750 section 3. */
function refused(answer: Answer, challenge: string): Answer {
  return { ...answer, headers: { 'www-authenticate': challenge } }
}
