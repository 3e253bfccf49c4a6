import { AuthError, checkRequirement, createClerkAuth, toChallenge } from '@clerk-auth/core'
import type { AuthSource, Requirement, SessionAuth } from '@clerk-auth/core'
import { initTRPC, TRPCError } from '@trpc/server'

const clerk = createClerkAuth() // one for the process: it holds the keys and the caches

/** For every adapter whose `req` is a Fetch `Request` or a Node `IncomingMessage`. */
export async function createContext({ req }: { readonly req: AuthSource }) {
  return { auth: await clerk.authenticate(req) } // never rejects because of a credential
}

const t = initTRPC.context<typeof createContext>().create({
  errorFormatter: ({ shape, error: { cause } }) =>
    AuthError.is(cause) ? { ...shape, data: { ...shape.data, problem: toChallenge(cause).body } } : shape,
})

const TRPC_CODES = { 400: 'BAD_REQUEST', 401: 'UNAUTHORIZED', 403: 'FORBIDDEN', 503: 'SERVICE_UNAVAILABLE' } as const

/** A procedure for callers who meet the requirement; in it, `ctx.auth` is a signed-in user. */
function guarded(requirement: Requirement<unknown, 'session_token'> = {}) {
  return t.procedure.use(async ({ ctx, next }) => {
    const refusal = await checkRequirement(ctx.auth, requirement)
    if (refusal) throw new TRPCError({ code: TRPC_CODES[refusal.status], message: refusal.code, cause: refusal })
    return next({ ctx: { auth: ctx.auth as SessionAuth } })
  })
}

/** Adds the headers of a refusal, such as `WWW-Authenticate` and `Retry-After`, to the response. */
export function responseMeta({ errors }: { readonly errors: readonly TRPCError[] }) {
  const refusal = errors.map(({ cause }) => cause).find((cause) => AuthError.is(cause))
  if (!refusal) return {}
  const { 'Content-Type': _, ...headers } = toChallenge(refusal).headers
  return { headers: new Headers(headers) }
}

export const router = t.router({
  whoami: t.procedure.query(({ ctx }) => ctx.auth.userId ?? 'anonymous'),
  me: guarded().query(({ ctx }) => ctx.auth.userId),
  organization: guarded({ role: 'org:admin' }).query(({ ctx }) => ctx.auth.orgSlug),
})
