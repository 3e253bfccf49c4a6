// A Lambda authorizer of a REST API, of type TOKEN.
import { createClerkAuth } from '@clerk-auth/core'
import type { APIGatewayAuthorizerResult, APIGatewayTokenAuthorizerEvent } from 'aws-lambda'

const clerk = createClerkAuth()

export async function handler(event: APIGatewayTokenAuthorizerEvent): Promise<APIGatewayAuthorizerResult> {
  const auth = await clerk.authenticate((name) => (name === 'authorization' ? event.authorizationToken : undefined))
  if (!auth.isAuthenticated) {
    if (auth.error.status === 503) throw auth.error // 500
    throw new Error('Unauthorized') // API Gateway responds with 401 to this message only.
  }
  const { userId, orgId } = auth
  return {
    principalId: userId,
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: event.methodArn }],
    },
    context: { userId, ...(orgId && { orgId }) },
  }
}
