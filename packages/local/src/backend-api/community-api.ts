import { banApi } from './ban-api.js'
import { clientApi } from './client-api.js'
import type { Community } from '../people/community.js'
import type { Endpoint } from '../api/endpoint.js'
import type { JwtMint } from '../tokens/issuer.js'
import { jwtTemplateApi } from './jwt-template-api.js'
import { membershipApi } from './membership-api.js'
import { organizationApi } from './organization-api.js'
import { sessionApi } from './session-api.js'
import { refreshSession } from './session-refresh.js'
import { testingTokenApi } from './testing-token-api.js'
import { ticketApi } from './ticket-api.js'
import { userApi } from './user-api.js'

/** The endpoints of the Backend API for users, organizations and sessions. */
export function communityApi(community: Community, mint: JwtMint, algorithm: string): readonly Endpoint[] {
  return [
    ...userApi(community),
    ...banApi(community),
    ...organizationApi(community),
    ...membershipApi(community),
    ...sessionApi(community, mint),
    refreshSession(community, mint),
    ...clientApi(community, mint.keys),
    ...jwtTemplateApi(community, algorithm),
    ...ticketApi(community, mint),
    testingTokenApi(community.now),
  ]
}
