import { AuthError, createClerkAuth } from '@clerk-auth/core'
import { guard, identify } from '@clerk-auth/core/adapter'
import { AuthError as AuthErrorOfExpress } from '@clerk-auth/express'
import { AuthError as AuthErrorOfFastify } from '@clerk-auth/fastify'
import { AuthError as AuthErrorOfHono } from '@clerk-auth/hono'
import { startLocalClerk } from '@clerk-auth/local'

export type { LocalTest } from '@clerk-auth/local/vitest'

async function main(): Promise<void> {
  const local = await startLocalClerk()
  const clerk = createClerkAuth({ refusals: 'throw' }, { ...local.env })
  const request = { headers: {} }
  await identify(request, request, clerk)
  const refusal = await guard({})(request, request)
  const error: unknown = refusal && 'error' in refusal ? refusal.error : undefined
  const classes = [AuthError, AuthErrorOfExpress, AuthErrorOfFastify, AuthErrorOfHono]
  console.log(JSON.stringify(classes.map((AuthErrorOf) => error instanceof AuthErrorOf)))
  await local.close()
}

void main()
