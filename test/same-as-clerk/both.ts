import { createClerkClient, verifyToken } from '@clerk/backend'
import type { AuthenticateRequestOptions } from '@clerk/backend/internal'
import {
  AuthError,
  createClerkAuth,
  type AcceptsToken,
  type Auth,
  type ClerkAuth,
  type ClerkAuthOptions,
} from '@clerk-auth/core'
import { ISSUER, JWT_KEY } from './tokens.js'

/** The options that both have, under the same names. */
export interface SharedOptions {
  readonly jwtKey?: string
  readonly audience?: string | string[]
  readonly authorizedParties?: string[]
  readonly issuer?: string | string[]
  readonly clockSkewInMs?: number
  readonly treatPendingAsSignedOut?: boolean
  readonly acceptsToken?: Extract<AuthenticateRequestOptions['acceptsToken'], AcceptsToken>
}

/** Clerk's SDK requires both for anything it verifies. */
export const KEYS = {
  secretKey: 'sk_live_no_request_is_made_with_it',
  publishableKey: `pk_live_${Buffer.from('clerk.example.com$').toString('base64')}`,
}

/** No server listens there. */
const NOWHERE = 'http://127.0.0.1:9'

/** An auth object of Clerk's SDK, of any kind. */
export interface ClerkAuthObject extends Readonly<Record<string, unknown>> {
  readonly isAuthenticated: boolean
  readonly tokenType: string | null
  has(asked: unknown): boolean
}

export interface ClerkAnswer {
  /** `signed-in`, `signed-out` or `handshake`. */
  readonly status: string
  /** The reason. */
  readonly reason: string | null
  /** Returns the auth object. Throws where Clerk's SDK does. */
  readonly auth: () => ClerkAuthObject
}

/** An auth object of ours, with the fields of its kind. */
export type OurAuth = Auth & Readonly<Record<string, unknown>>

type ClerkSdk = Pick<ReturnType<typeof createClerkClient>, 'authenticateRequest'>

export function clerkSdk(options: Parameters<typeof createClerkClient>[0] = {}): ClerkSdk {
  return createClerkClient({ ...KEYS, apiUrl: NOWHERE, telemetry: { disabled: true }, ...options })
}

const sdk = clerkSdk()

/** The result of Clerk's SDK for a request. */
export async function askClerk(
  credential: string | Headers | Request,
  { treatPendingAsSignedOut = true, ...options }: SharedOptions & AuthenticateRequestOptions = {},
  by = sdk,
): Promise<ClerkAnswer> {
  const state = await by.authenticateRequest(requestWith(credential), clerkOptions(options))
  return {
    status: state.status,
    reason: state.reason,
    auth: () => state.toAuth({ treatPendingAsSignedOut }) as unknown as ClerkAuthObject,
  }
}

/** The reason for which `verifyToken` of Clerk's SDK refuses a token; `undefined` if it accepts it. */
export async function clerkReason(token: string, options: SharedOptions = {}): Promise<string | undefined> {
  try {
    await verifyToken(token, clerkOptions(options))
    return undefined
  } catch (error) {
    return (error as { reason: string }).reason
  }
}

/** Options of ours. `undefined` removes what {@link askOurs} sets. */
export type OurOptions = { readonly [Name in keyof ClerkAuthOptions]: ClerkAuthOptions[Name] | undefined }

/** Our result for a request. */
export async function askOurs(
  credential: string | Headers | Request,
  options: OurOptions = {},
  by = ours(options),
): Promise<OurAuth> {
  return (await by.authenticate(requestWith(credential))) as OurAuth
}

const instances = new Map<string, ClerkAuth<AcceptsToken>>()

/** One instance for equal options: it has a key to import. */
function ours(options: OurOptions): ClerkAuth<AcceptsToken> {
  const name = JSON.stringify(options, (_name, value: unknown) => (value === undefined ? 'undefined' : value))
  const instance = instances.get(name) ?? newOurs(options)
  instances.set(name, instance)
  return instance
}

export function newOurs(options: OurOptions = {}, environment = {}): ClerkAuth<AcceptsToken> {
  return createClerkAuth({ jwtKey: JWT_KEY, issuer: ISSUER, ...options } as ClerkAuthOptions, environment)
}

/** The code with which ours refuses a request; `undefined` if it accepts it. */
export async function ourCode(
  credential: string | Headers | Request,
  options: OurOptions = {},
): Promise<string | undefined> {
  const auth = await askOurs(credential, options)
  return auth.isAuthenticated ? undefined : auth.error.code
}

/** The message of the `TypeError` that ours throws at startup. */
export function ourTypeError(options: OurOptions): string | undefined {
  try {
    newOurs(options)
    return undefined
  } catch (error) {
    if (error instanceof TypeError && !AuthError.is(error)) return error.message
    throw error
  }
}

function clerkOptions<Options extends SharedOptions>(options: Options) {
  return { ...options, jwtKey: options.jwtKey ?? JWT_KEY }
}

function requestWith(credential: string | Headers | Request): Request {
  if (credential instanceof Request) return credential
  const headers = typeof credential === 'string' ? { Authorization: `Bearer ${credential}` } : credential
  return new Request('https://api.example.com/', { headers })
}
