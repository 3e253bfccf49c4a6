import { AuthError, createClerkAuth } from '@clerk-auth/core'
import { guard, identify } from '@clerk-auth/core/adapter'
import { AuthError as AuthErrorOfExpress } from '@clerk-auth/express'
import { clerkWebhooks as webhooksOfExpress } from '@clerk-auth/express/webhooks'
import { AuthError as AuthErrorOfFastify } from '@clerk-auth/fastify'
import { clerkWebhooks as webhooksOfFastify } from '@clerk-auth/fastify/webhooks'
import { AuthError as AuthErrorOfHono } from '@clerk-auth/hono'
import { clerkWebhooks as webhooksOfHono } from '@clerk-auth/hono/webhooks'
import { startLocalClerk } from '@clerk-auth/local'
import { AuthError as AuthErrorOfNestjs } from '@clerk-auth/nestjs'

export type { LocalTest } from '@clerk-auth/local/vitest'
export { webhooksOfFastify }

async function main(): Promise<void> {
  const local = await startLocalClerk()
  const clerk = createClerkAuth({ refusals: 'throw' }, { ...local.env })
  const signingSecret = local.env.CLERK_WEBHOOK_SIGNING_SECRET
  for (const webhooks of [webhooksOfExpress, webhooksOfHono]) webhooks(clerk, { signingSecret })
  const request = { headers: {} }
  await identify(request, request, clerk)
  const refusal = await guard({})(request, request)
  const error: unknown = refusal?.error
  const classes = [AuthError, AuthErrorOfExpress, AuthErrorOfFastify, AuthErrorOfHono, AuthErrorOfNestjs]
  console.log(JSON.stringify(classes.map((AuthErrorOf) => error instanceof AuthErrorOf)))
  await local.close()
}

void main()
