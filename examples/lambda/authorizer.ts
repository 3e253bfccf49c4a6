// A Lambda authorizer of an HTTP API: payload format 2.0, simple responses.
import { createClerkAuth } from '@clerk-auth/core'
import type { APIGatewayRequestAuthorizerEventV2, APIGatewaySimpleAuthorizerWithContextResult } from 'aws-lambda'

interface Caller {
  readonly userId?: string
  readonly orgId?: string
}

const clerk = createClerkAuth()

export async function handler(
  event: APIGatewayRequestAuthorizerEventV2,
): Promise<APIGatewaySimpleAuthorizerWithContextResult<Caller>> {
  const auth = await clerk.authenticate({ headers: event.headers ?? {} })
  if (auth.isAuthenticated)
    return { isAuthorized: true, context: { userId: auth.userId, ...(auth.orgId && { orgId: auth.orgId }) } }
  // API Gateway responds with 500, which clients may retry. A refusal would be 403, and could be cached.
  if (auth.error.status === 503) throw auth.error
  return { isAuthorized: false, context: {} }
}
