import { checkRequirement, createClerkAuth, toResponse } from '@clerk-auth/core'
import type { ClerkAuth, Requirement, SessionAuth } from '@clerk-auth/core'
import type { NextRequest } from 'next/server'

// One for the process: it holds the keys and the caches. It is created by the first request, because `next build` loads
// this module too, perhaps without the variables.
let instance: ClerkAuth | undefined
export const clerk = () => (instance ??= createClerkAuth())

/** A route handler for callers who meet the requirement; it gets a signed-in user. */
export function guarded<Context>(
  requirement: Requirement<NextRequest, 'session_token'>,
  handler: (request: NextRequest, auth: SessionAuth, context: Context) => Response | Promise<Response>,
) {
  return async (request: NextRequest, context: Context) => {
    const auth = await clerk().authenticate(request) // never rejects because of a credential
    const refusal = await checkRequirement(auth, requirement, request)
    return refusal ? toResponse(refusal) : handler(request, auth as SessionAuth, context)
  }
}
