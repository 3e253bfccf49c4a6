import { createClerkAuth } from '@clerk-auth/core'

// A function whose key set is refreshed in the background after 0.8 s, so that a test need not wait for minutes.

const clerk = createClerkAuth({ keys: { freshInMs: 1000, timeoutInMs: 500 } })

export async function handler({ headers }: { readonly headers: Record<string, string> }): Promise<object> {
  const auth = await clerk.authenticate({ headers })
  return { code: auth.isAuthenticated ? 'ok' : auth.error.code, ...clerk.stats().keys }
}
