import type { ApiKeyInput } from './tokens/api-key.js'
import type { Authorization } from './authorization.js'
import type { BadToken } from './bad-tokens/bad-token.js'
import type { BadTokensOptions } from './bad-tokens/bad-tokens.js'
import type { BrowserCookies } from './tokens/browser-cookies.js'
import type { LocalClock } from './state/clock.js'
import type { DefaultSeed } from './seed/default-seed.js'
import type { Fault } from './http/fault.js'
import type { M2MTokenInput } from './tokens/m2m-token.js'
import type { OAuthTokenInput } from './tokens/oauth-token.js'
import type { Client, Machine, Organization, Person } from './people/directory.js'
import type { Seed } from './seed/seed.js'
import type { LocalOutbox } from './outbox/outbox.js'
import type { SignUpInput } from './instance/sign-up.js'
import type { LocalEnv } from './instance/env.js'
import type { SessionTokenInput } from './tokens/session-token.js'
import type { TemplateTokenInput } from './tokens/template-token.js'
import type { LocalWebhooks } from './webhooks/webhooks.js'

type PartOf<S extends Seed, Part extends 'machines' | 'clients'> = keyof (S extends Record<Part, infer P>
  ? P
  : DefaultSeed[Part])

export interface LocalCalls {
  (): Readonly<Record<string, number>>
  (operation: string): number
}

/** A running local instance. */
export interface LocalClerk<S extends Seed = DefaultSeed> {
  /** `http://127.0.0.1:<port>`: issuer of its tokens, and origin of its Frontend and Backend API */
  readonly url: string
  /** public part of the current key, as PEM (SPKI) */
  readonly jwtKey: string
  /** id of the current key, `ins_local…` */
  readonly kid: string
  readonly env: LocalEnv
  /** current state, by name: those in the seed and those created later */
  readonly people: { readonly [Name in keyof S['people']]: Person }
  /** current state, by slug: those in the seed and those created later */
  readonly organizations: { readonly [Slug in keyof S['organizations']]: Organization }
  /** current state, by name: those in the seed and those created later */
  readonly machines: { readonly [Name in PartOf<S, 'machines'>]: Machine }
  /** OAuth applications, by name: those in the seed and those created later */
  readonly clients: { readonly [Name in PartOf<S, 'clients'>]: Client }
  readonly clock: LocalClock
  readonly webhooks: LocalWebhooks
  /** the emails and text messages that Clerk would have sent, with their links */
  readonly outbox: LocalOutbox

  /**
   * Mints a session token, without HTTP.
   *
   * @throws {TypeError} if the input names something that does not exist, or a field has the wrong type
   */
  readonly sessionToken: (input?: SessionTokenInput) => Promise<string>

  /**
   * Mints an M2M token, without HTTP.
   *
   * @throws {TypeError} if a machine in the input does not exist or is not in scope, or a field has the wrong type
   */
  readonly m2mToken: (input?: M2MTokenInput) => Promise<string>

  /**
   * Mints an OAuth access token, without HTTP.
   *
   * @throws {TypeError} if the input names something that does not exist, or a field has the wrong type
   */
  readonly oauthToken: (input?: OAuthTokenInput) => Promise<string>

  /**
   * Creates an API key, without HTTP.
   *
   * @throws {TypeError} if the subject does not exist, or a field has the wrong type
   */
  readonly apiKey: (input?: ApiKeyInput) => Promise<string>

  /**
   * Mints a token from a JWT template, without HTTP.
   *
   * @throws {TypeError} if the input names something that does not exist, or a field has the wrong type
   */
  readonly templateToken: (input?: TemplateTokenInput) => Promise<string>

  /**
   * Headers of a request by a user, with a token from `sessionToken({ user, … })`.
   *
   * @throws {TypeError} like `sessionToken()`
   */
  readonly as: (user: string, input?: Omit<SessionTokenInput, 'user'>) => Promise<Authorization>

  /**
   * Tokens that an API must refuse, each with the expected response. They use the instance's current key and clock, and
   * can be used for a day; `reset()` removes the opaque ones.
   *
   * @throws {TypeError} if the kind of token is unknown
   */
  readonly badTokens: (options?: BadTokensOptions) => Promise<readonly BadToken[]>

  /**
   * The cookies in the browser of a signed-in user, for tests that refresh a session or verify a client.
   *
   * @throws {TypeError} like `sessionToken()`
   */
  readonly cookies: (input?: SessionTokenInput) => Promise<BrowserCookies>

  /**
   * Starts a sign-up, which no operation of the Backend API does, and sends its verification code: `424242` for Clerk's
   * test addresses (`jane+clerk_test@example.com`) and numbers (`+12025550100`), and a random one for others.
   *
   * @throws {TypeError} if the email address or phone number is missing, invalid, taken or blocked
   */
  readonly signUp: (input: SignUpInput) => { readonly id: string }

  /**
   * Revokes an opaque token or an API key.
   *
   * @param tokenOrId the token or key, or its id: `mt_…`, `oat_…`, `ak_…`
   * @throws {TypeError} if it is a JWT, which cannot be revoked, or unknown
   */
  readonly revoke: (tokenOrId: string, options?: { readonly reason?: string }) => Promise<void>

  /** Signs with a new key from now on. `overlap: false` publishes only that key; by default the others stay published. */
  readonly rotateKeys: (options?: { readonly overlap?: boolean }) => Promise<{ readonly kid: string }>

  /**
   * Removes a key from the published set. The current key continues to sign.
   *
   * @throws {TypeError} if the key is not published
   */
  readonly removeKey: (kid: string) => void

  /**
   * Makes the next calls of an operation fail, replacing an earlier fault. `null` or `undefined` clears it.
   *
   * @param operation operationId in Clerk's specification, such as `verifyM2MToken`, or `GetJWKS` for both
   *   `/v1/jwks` and `/.well-known/jwks.json`
   * @returns a function that clears this fault
   * @throws {TypeError} if the operation or a field of the fault is unknown
   */
  readonly fault: (operation: string, fault?: Fault | null) => () => void

  /**
   * The number of calls so far, including refused and faulty ones: of one operation, or by name of all operations that
   * were called.
   *
   * @throws {TypeError} if the operation is unknown
   */
  readonly calls: LocalCalls

  /**
   * Restores the initial state: first key, running clock, the seed, the webhooks configured at start, and no sessions,
   * opaque tokens, faults, counts or deliveries. Calls that already hang continue to hang.
   */
  readonly reset: () => void

  /** Stops listening and closes all connections, including those to webhooks. Tokens can still be minted. */
  readonly close: () => Promise<void>
}
