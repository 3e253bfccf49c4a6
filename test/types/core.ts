import type { IncomingMessage } from 'node:http'
import {
  AuthError,
  checkRequirement,
  createClerkAuth,
  toChallenge,
  type Actor,
  type AuthErrorCode,
  type ClerkAuthOptions,
  type Requirement,
  type SessionAuth,
  type Unauthenticated,
} from '@clerk-auth/core'
import { typeOf } from './type-of.js'

const clerk = createClerkAuth()

// Every source of a credential.
declare const message: IncomingMessage
for (const source of [new Request('http://localhost'), new Headers(), message, { headers: {} }])
  typeOf(clerk.authenticate(source)).is<Promise<SessionAuth | Unauthenticated>>()
typeOf(clerk.authenticate((name) => name.toLowerCase())).is<Promise<SessionAuth | Unauthenticated>>()
typeOf(clerk.verifyToken('')).is<Promise<SessionAuth>>()
typeOf(clerk.ready).is<boolean>()
typeOf(clerk.warmUp()).is<Promise<void>>()
// @ts-expect-error -- a token is a string
void clerk.verifyToken(undefined)
// @ts-expect-error -- not a source of credentials
void clerk.authenticate('Bearer token')
// @ts-expect-error -- readonly
clerk.ready = true

// Properties can be destructured before narrowing.
declare const auth: SessionAuth | Unauthenticated
const { userId, sessionId, orgId, orgRole, actor, expiresAt } = auth
typeOf(userId).is<string | null>()
typeOf(sessionId).is<string | null>()
typeOf(orgId).is<string | null | undefined>()
typeOf(orgRole).is<string | null | undefined>()
typeOf(actor).is<Actor | null | undefined>()
typeOf(expiresAt).is<number | null>()
if (auth.isAuthenticated) {
  typeOf(auth).is<SessionAuth>()
  typeOf(auth.tokenType).is<'session_token'>()
  typeOf(auth.sessionClaims.sub).is<string>()
  typeOf(auth.has({ permission: 'org:invoices:create' })).is<boolean>()
  // @ts-expect-error -- frozen
  auth.userId = 'user_2'
  // @ts-expect-error -- not a requirement
  auth.has({ roles: 'org:admin' })
} else {
  typeOf(auth).is<Unauthenticated>()
  typeOf(auth.error).is<AuthError>()
  typeOf(auth.has({ role: 'org:admin' })).is<false>()
}
if (auth.tokenType === null) typeOf(auth.error.code).is<AuthErrorCode>()
// @ts-expect-error -- unknown kind
if (auth.tokenType === 'session') typeOf(auth).is<never>()

// Errors.
declare const caught: unknown
if (AuthError.is(caught)) {
  typeOf(caught).is<AuthError>()
  typeOf(caught.status).is<400 | 401 | 403 | 503>()
  typeOf(toChallenge(caught, { realm: 'api' }).headers['WWW-Authenticate']).is<string | undefined>()
  // @ts-expect-error -- unknown code
  if (caught.code === 'token_expired') toChallenge(caught)
}

// Options.
const options: ClerkAuthOptions = {
  publishableKey: 'pk_test_',
  issuer: ['https://clerk.example.com'],
  authorizedParties: 'https://app.example.com',
  missingAzp: 'allow',
  acceptsToken: ['session_token'],
  keys: { freshInMs: 1, staleInMs: 1, unknownKidEveryMs: 1, timeoutInMs: 1 },
  cache: { maxEntries: 0 },
  refusals: 'throw',
  refusalBody: (error) => ({ code: error.code }),
  onEvent: (event) => void event.type,
  fetch: (url, init) => fetch(url, init),
}
createClerkAuth(options)
createClerkAuth({}, { CLERK_JWT_KEY: '' })
// @ts-expect-error -- misspelt
createClerkAuth({ authorisedParties: [] })
// @ts-expect-error -- must be one of two strings
createClerkAuth({ missingAzp: 'ignore' })
// @ts-expect-error -- must be one of two strings
createClerkAuth({ refusals: 'redirect' })
// @ts-expect-error -- a list of strings
createClerkAuth({ audience: [1] })
// @ts-expect-error -- unknown field
createClerkAuth({ keys: { fresh: 1 } })
// @ts-expect-error -- unknown kind
createClerkAuth({ acceptsToken: 'session' })

// Requirements.
const requirement: Requirement<{ id: string }, 'session_token'> = {
  acceptsToken: 'session_token',
  org: (request) => request.id,
  role: ['org:admin', 'org:member'],
  permission: 'org:invoices:create',
  feature: ['invoices'],
  plan: 'user:pro',
  impersonation: 'deny',
  reverification: { level: 'second_factor', afterMinutes: 10 },
  check: async (caller, request) => caller.userId === request.id,
}
void checkRequirement(auth, requirement, { id: '1' })
void checkRequirement(auth, [{ role: 'org:admin' }, { org: true, reverification: 'strict' }])
typeOf(checkRequirement(auth, {})).is<AuthError | undefined | Promise<AuthError | undefined>>()
// @ts-expect-error -- misspelt
void checkRequirement(auth, { permissions: 'org:invoices:create' })
// @ts-expect-error -- misspelt, in a list
void checkRequirement(auth, [{ role: 'org:admin' }, { roles: 'org:admin' }])
// @ts-expect-error -- a string
void checkRequirement(auth, { role: true })
// @ts-expect-error -- true or a function
void checkRequirement(auth, { org: 'org_2' })
// @ts-expect-error -- must be that string
void checkRequirement(auth, { impersonation: 'allow' })
// @ts-expect-error -- unknown preset
void checkRequirement(auth, { reverification: 'very_strict' })
// @ts-expect-error -- unknown level
void checkRequirement(auth, { reverification: { level: 'third_factor', afterMinutes: 10 } })
// @ts-expect-error -- check returns a boolean
void checkRequirement(auth, { check: () => 'yes' })
// @ts-expect-error -- unknown kind
void checkRequirement(auth, { acceptsToken: 'session' })

// By kind.
void createClerkAuth({ acceptsToken: 'm2m_token' })
  .verifyToken('')
  .then((machine) => typeOf(machine.machineId).is<string>())
void clerk.verifyToken('', { acceptsToken: 'api_key' }).then((key) => typeOf(key.name).is<string>())
void clerk.authenticate(message, { acceptsToken: ['session_token', 'oauth_token'] }).then((caller) => {
  typeOf(caller.userId).is<string | null>()
  if (caller.tokenType === 'oauth_token') typeOf(caller.clientId).is<string>()
  // @ts-expect-error -- machine tokens are not accepted
  if (caller.tokenType === 'm2m_token') return
})
// @ts-expect-error -- unknown kind
createClerkAuth({ acceptsToken: 'jwt' })
