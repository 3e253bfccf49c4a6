import type { ApiKeyInput } from './tokens/api-key.js'
import type { Authorization } from './authorization.js'
import type { BadToken } from './bad-tokens/bad-token.js'
import type { BadTokensOptions } from './bad-tokens/bad-tokens.js'
import type { BrowserCookies } from './tokens/browser-cookies.js'
import type { LocalClock } from './state/clock.js'
import type { DefaultSeed } from './seed/default-seed.js'
import type { Fault } from './http/faults.js'
import type { M2MTokenInput } from './tokens/m2m-token.js'
import type { Machine } from './tokens/machines.js'
import type { OAuthTokenInput } from './tokens/oauth-token.js'
import type { Client, Organization, Person, Seed } from './seed/seed.js'
import type { SessionTokenInput } from './tokens/session-token.js'
import type { TemplateTokenInput } from './tokens/template-token.js'
import type { LocalWebhooks } from './webhooks/webhooks.js'

/** Variables that point an API at the instance, by the names that Clerk's own SDK uses. */
export interface LocalEnv {
  readonly CLERK_SECRET_KEY: string
  readonly CLERK_PUBLISHABLE_KEY: string
  readonly CLERK_FAPI: string
  readonly CLERK_API_URL: string
  /** of the machine that the API is: `api` of the seed, else the first one that another may call, else the first */
  readonly CLERK_MACHINE_SECRET_KEY: string
  readonly CLERK_MACHINE_ID: string
  /** `whsec_…`, by which every webhook of the instance is signed */
  readonly CLERK_WEBHOOK_SIGNING_SECRET: string
}

type PartOf<S extends Seed, Part extends 'machines' | 'clients'> = keyof (S extends Record<Part, infer P>
  ? P
  : DefaultSeed[Part])

export interface LocalCalls {
  (): Readonly<Record<string, number>>
  (operation: string): number
}

/** A running local instance. */
export interface LocalClerk<S extends Seed = DefaultSeed> {
  /** `http://127.0.0.1:<port>`: issuer of its tokens, and origin of its frontend and Backend API */
  readonly url: string
  /** public half of the current key, a PEM (SPKI) */
  readonly jwtKey: string
  /** id of the current key, `ins_local…` */
  readonly kid: string
  readonly env: LocalEnv
  /** by name, as they are now: those of the seed, and those that were created since */
  readonly people: { readonly [Name in keyof S['people']]: Person }
  /** by slug, as they are now: those of the seed, and those that were created since */
  readonly organizations: { readonly [Slug in keyof S['organizations']]: Organization }
  /** by name, as they are now: those of the seed, and those that were created since */
  readonly machines: { readonly [Name in PartOf<S, 'machines'>]: Machine }
  /** OAuth applications of the seed, by name */
  readonly clients: { readonly [Name in PartOf<S, 'clients'>]: Client }
  readonly clock: LocalClock
  readonly webhooks: LocalWebhooks

  /**
   * Mints a session token, without HTTP.
   *
   * @throws {TypeError} when the input names what the seed does not have, or has a field of the wrong type
   */
  readonly sessionToken: (input?: SessionTokenInput) => Promise<string>

  /**
   * Mints an M2M token, without HTTP.
   *
   * @throws {TypeError} when the input names a machine that is not there or not in scope, or has a field of the wrong type
   */
  readonly m2mToken: (input?: M2MTokenInput) => Promise<string>

  /**
   * Mints an OAuth access token, without HTTP.
   *
   * @throws {TypeError} when the input names what the seed does not have, or has a field of the wrong type
   */
  readonly oauthToken: (input?: OAuthTokenInput) => Promise<string>

  /**
   * Makes an API key, without HTTP.
   *
   * @throws {TypeError} when the subject is not in the seed, or a field has the wrong type
   */
  readonly apiKey: (input?: ApiKeyInput) => Promise<string>

  /**
   * Mints a token from a JWT template, without HTTP.
   *
   * @throws {TypeError} when the input names what the seed does not have, or has a field of the wrong type
   */
  readonly templateToken: (input?: TemplateTokenInput) => Promise<string>

  /**
   * Headers of a request by a person: those of `sessionToken({ user, … })`.
   *
   * @throws {TypeError} as `sessionToken()` does
   */
  readonly as: (user: string, input?: Omit<SessionTokenInput, 'user'>) => Promise<Authorization>

  /**
   * Tokens that an API must refuse, each with the answer that it deserves. They are made by the instance's current key
   * and clock, for a day, and the opaque ones until `reset()`.
   *
   * @throws {TypeError} when the kind of token is unknown
   */
  readonly badTokens: (options?: BadTokensOptions) => Promise<readonly BadToken[]>

  /**
   * What the browser of somebody who is signed in holds: for tests of what refreshes a session or verifies a client.
   *
   * @throws {TypeError} as `sessionToken()` does
   */
  readonly cookies: (input?: SessionTokenInput) => Promise<BrowserCookies>

  /**
   * Revokes an opaque token or an API key.
   *
   * @param tokenOrId itself, or its id: `mt_…`, `oat_…`, `ak_…`
   * @throws {TypeError} when it is a JWT, which cannot be revoked, or unknown
   */
  readonly revoke: (tokenOrId: string, options?: { readonly reason?: string }) => Promise<void>

  /** Signs by a new key from now on. `overlap: false` publishes that key alone; by default it joins the others. */
  readonly rotateKeys: (options?: { readonly overlap?: boolean }) => Promise<{ readonly kid: string }>

  /**
   * Takes a key out of the published set. The current one goes on signing.
   *
   * @throws {TypeError} when no such key is published
   */
  readonly removeKey: (kid: string) => void

  /**
   * Makes the next calls of an operation go wrong, instead of an earlier fault. `null` or `undefined` clears it.
   *
   * @param operation operationId of Clerk's specification, such as `verifyM2MToken`, or `GetJWKS`, which both
   *   `/v1/jwks` and `/.well-known/jwks.json` are
   * @returns clears this fault
   * @throws {TypeError} when the operation or something in the fault is unknown
   */
  readonly fault: (operation: string, fault?: Fault | null) => () => void

  /**
   * Counts the calls so far, refused and faulty ones included: of one operation, or of every operation that was called,
   * by its name.
   *
   * @throws {TypeError} if the operation is unknown
   */
  readonly calls: LocalCalls

  /** Back to the start: first key, running clock, people and machines of the seed, no sessions, no opaque tokens, no faults, no counts, the webhooks of the start and no deliveries. Calls that hang already go on hanging. */
  readonly reset: () => void

  /** Stops listening and cuts every connection, those to webhooks too. Tokens can still be minted. */
  readonly close: () => Promise<void>
}
